-- A graph for ninja as large as the benchmark's: lua5.4 graph.lua JOBS DIR FIGURES
--
-- JOBS is the directory of a cold build's jobs, run once behind their walls, so that their depfiles are there. DIR gets a
-- build.ninja with an edge for every action and one for the page: compiles that know the headers of the real ones, runs,
-- figures, typesetting, evaluation. Its commands only touch: what is compared is a build with nothing to do.

local jobs, dir = arg[1], arg[2]

local out = assert(io.open(dir .. "/build.ninja", "w"))
local function say(...)
	out:write(string.format(...), "\n")
end

local function touch(name)
	assert(io.open(dir .. "/" .. name, "w")):close()
end

-- The depfiles that the compiles left.
local depfiles = {}
local list = assert(io.popen(("ls '%s'/*/*.d"):format(jobs)))
for path in list:lines() do
	if not path:match("%-bare/") then
		depfiles[#depfiles + 1] = path
	end
end
list:close()
assert(#depfiles > 0, "no depfiles")

say("rule cc\n  command = cp $out.dep $out.d && touch $out\n  deps = gcc\n  depfile = $out.d")
say("rule make\n  command = touch $out")
touch("essay.md")
touch("weft.h")
touch("weft")

local results, figures = {}, {}
for i, path in ipairs(depfiles) do
	local f = assert(io.open(path))
	local text = f:read("a")
	f:close()
	local program = path:match("([^/]+)%.d$")
	-- The tangled source is part of the essay here.
	text = text:gsub("^[^:]*:", program .. ":", 1):gsub("%f[%w]" .. program .. "%.c%f[%s]", "essay.md")
	local dep = assert(io.open(("%s/%s.dep"):format(dir, program), "w"))
	dep:write(text)
	dep:close()
	say("build %s: cc essay.md | weft", program)
	say("build %s.result: make %s", program, program)
	results[i] = program .. ".result"
end
local nfigures = tonumber(arg[3])
for i = 1, nfigures do
	say("build figure%d.svg: make %s essay.md | weft", i, results[1 + (i - 1) // 2])
	figures[i] = ("figure%d.svg"):format(i)
end
say("build formulas: make essay.md | weft")
say("build evaluation: make essay.md %s | weft", table.concat(results, " "))
say("build essay.html: make essay.md formulas evaluation %s %s | weft", table.concat(results, " "), table.concat(figures, " "))
out:close()
