local function f()
	error("not today")
end
f()
return {}
