-- Change one word or one chunk of an essay that essay.lua wrote: lua5.4 edit.lua FILE word|chunk
--
-- The word or the constant becomes one that it has not been before, so that no store knows the result.

local path, what = arg[1], arg[2]
local f = assert(io.open(path))
local text = f:read("a")
f:close()

local pattern = what == "word" and "(\nA word: )(%d+)" or "(\nenum { KNOB = )(%d+)"
local changed, n = text:gsub(pattern, function(before, number)
	return before .. math.tointeger(number) + 1000
end, 1)
assert(n == 1)

f = assert(io.open(path, "w"))
f:write(changed)
f:close()
