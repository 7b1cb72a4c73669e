-- Every message that weft can say stands in the expected output of some case, or below with the reason why it cannot.
--
--     lua5.4 tests/golden/messages.lua ROOT
--
-- The sources are read for calls of the functions that report. A message is a format, so it is looked for with its
-- directives standing for any text.

local root = ...

-- What reports, and which of its arguments is the format.
local reporters = {
	error_at = 2, warn_at = 2, note_at = 2, error_text = 1, fatal = 1, misuse = 1, write_problem = 3,
	luaL_error = 2,
}

-- Formats that no case provokes.
local unreached = {
	-- The world fails in a way that a test cannot bring about.
	["lock 'build/lock':"] = "flock() fails on file systems without locks",
	["pipe:"] = "the process has no descriptors left",
	["fork:"] = "the system has no processes left",
	["poll:"] = "poll() fails for want of memory only",
	["signalfd:"] = "the process has no descriptors left",
	["out of memory"] = "malloc() fails",
	["reserve %zu bytes of address space:"] = "mmap() fails; a limit that brings it about is too low for a sanitized weft",
	["arena exhausted: %zu objects of %zu bytes"] = "takes a gigabyte of memory and more",
	["readlink '/proc/self/exe':"] = "there is no /proc",
	["libcrypto has no SHA-256"] = "libcrypto is built without it",
	["cannot start a SHA-256 digest"] = "libcrypto is out of memory",
	["cannot go on with a SHA-256 digest"] = "libcrypto is out of memory",
	["cannot end a SHA-256 digest"] = "libcrypto is out of memory",
	["cannot start the YAML parser"] = "libyaml is out of memory",
	["open a Lua state: out of memory"] = "malloc() fails",
	["open Lua's libraries: out of memory"] = "malloc() fails",
	["cannot read '%.*s', which '%.*s' left: %s"] = "reading fails; the superuser may read everything",
	["KaTeX is not installed (katex.min.js); the formulas of '%.*s' cannot be set"] = "KaTeX is installed where tests run",
	["sync directory '%s':"] = "fsync() fails",
	["the GPU programs did not all run (exit status %d); nothing was recorded"] = "there is no GPU where tests run",
	["nvcc takes longer than %d s for '%.*s'"] = "it takes as long to test",
	["loops within loops unrolled in full make nvcc take minutes; '#pragma unroll 4' bounds them"] = "it takes as long to test",
	-- A second net, below one that has held.
	["more than %d children at a time"] = "as many children are started as jobs were asked for, and these are bounded",
	["the evaluation in the store cannot be read"] = "what the store hands out has been verified, and weft wrote it",
	["the setup chunks left nothing that can be read"] = "weft wrote it",
	["the setup chunks were stopped: they take too long"] = "Lua's own limit on instructions comes first",
	["the essay's Lua %s"] = "Lua's own limits on instructions and memory come first",
	["'%.*s' of '%.*s' is no longer in the store"] = "it was put there a moment before",
	["%.*s cannot be recorded: its '%.*s' is no longer in the store"] = "it was put there a moment before",
	["Duktape, on which KaTeX runs, stops: %s"] = "KaTeX is called in protected mode",
	["two styles of formulas have the class '%.*s'; one is '%.*s'"] = "classes are named by SHA-256",
	["a formula's style is not one for a style sheet: '%.*s'"] = "KaTeX prints none that is not",
}

local function read(path)
	local file = assert(io.open(path, "rb"))
	local text = file:read("a")
	file:close()
	return text
end

local function lines_of(command)
	local pipe = assert(io.popen(command))
	local list = {}
	for line in pipe:lines() do
		list[#list + 1] = line
	end
	pipe:close()
	return list
end

-- The text of a C string literal without its quotes.
local function unescape(literal)
	return (literal:gsub("\\(.)", {n = "\n", t = "\t", ['"'] = '"', ["\\"] = "\\"}))
end

-- C text without comments, its literals untouched. Lines stay lines.
local function without_comments(text)
	local out, i = {}, 1
	while i <= #text do
		local two = text:sub(i, i + 1)
		local quote = two:sub(1, 1)
		local finish
		if two == "/*" then
			finish = select(2, text:find("*/", i + 2, true)) or #text
			out[#out + 1] = text:sub(i, finish):gsub("[^\n]", "")
		elseif quote == '"' or quote == "'" then
			finish = i + 1
			while text:sub(finish, finish) ~= quote do
				finish = finish + (text:sub(finish, finish) == "\\" and 2 or 1)
			end
			out[#out + 1] = text:sub(i, finish)
		else
			finish = i
			out[#out + 1] = quote
		end
		i = finish + 1
	end
	return table.concat(out)
end

-- The string literals in argument `wanted` of the call whose '(' is at `open`; neighbours are one literal.
local function literals(text, open, wanted)
	local list, argument, depth, i, joins = {}, 1, 0, open, false
	while i <= #text do
		local c = text:sub(i, i)
		if c == '"' or c == "'" then
			local finish = i + 1
			while text:sub(finish, finish) ~= c do
				finish = finish + (text:sub(finish, finish) == "\\" and 2 or 1)
			end
			if c == '"' and argument == wanted then
				local literal = unescape(text:sub(i + 1, finish - 1))
				if joins then
					list[#list] = list[#list] .. literal
				else
					list[#list + 1] = literal
				end
				joins = true
			end
			i = finish
		elseif c == "(" or c == "{" or c == "[" then
			depth, joins = depth + 1, false
		elseif c == ")" or c == "}" or c == "]" then
			depth, joins = depth - 1, false
			if depth == 0 then
				return list
			end
		elseif c == "," and depth == 1 then
			argument, joins = argument + 1, false
		elseif not c:find("%s") then
			joins = false
		end
		i = i + 1
	end
	return list
end

-- A format as a pattern of Lua; nil when it is all directives.
local function pattern_of(format)
	local rest = format:gsub("%%[-0-9.*]*[lz]*[a-zA-Z%%]", "\0")
	if not rest:find("%a") then
		return nil
	end
	rest = rest:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"):gsub("\n", "\n..")
	return (rest:gsub("\0", "[^\n]-"))
end

-- format -> "file:line" of all that can be said.
local function messages()
	local found = {}
	for _, path in ipairs(lines_of(("cd '%s' && ls tangle/*.c runtime/*.c"):format(root))) do
		local text = without_comments(read(root .. "/" .. path))
		for name, wanted in pairs(reporters) do
			for before, at in text:gmatch("([^\n]?)%f[%w_]" .. name .. "()%(") do
				local line = select(2, text:sub(1, at):gsub("\n", "")) + 1
				for _, literal in ipairs(literals(text, at, wanted)) do
					found[literal] = found[literal] or ("%s:%d"):format(path, line)
				end
			end
		end
	end
	return found
end

local said = {}
for _, path in ipairs(lines_of(("find '%s/tests/golden' -name '*.expect' | sort"):format(root))) do
	for line in read(path):gmatch("[^\n]+") do
		if line:find("^[>!]") then
			said[#said + 1] = line
		end
	end
end
said = table.concat(said, "\n")

local found, faults = messages(), 0

local function fault(...)
	print("golden: " .. string.format(...))
	faults = faults + 1
end

local formats = {}
for format in pairs(found) do
	formats[#formats + 1] = format
end
table.sort(formats, function(a, b) return found[a] < found[b] end)

for _, format in ipairs(formats) do
	local pattern = pattern_of(format)
	local provoked = not pattern or said:find(pattern) ~= nil
	if not provoked and not unreached[format] then
		fault("%s: no case provokes '%s'", found[format], format)
	elseif pattern and provoked and unreached[format] then
		fault("%s: '%s' is provoked; messages.lua says it cannot be: %s", found[format], format, unreached[format])
	end
end
for format in pairs(unreached) do
	if not found[format] then
		fault("messages.lua excuses '%s', which nothing says", format)
	end
end
os.exit(faults == 0)
