-- Where an essay's Lua runs: what it can name, and its helpers.
--
-- Each inline expression, table and claim is a piece, evaluated in an environment of its own in which the helpers have run
-- afresh: nothing a piece does can be seen by another, and nothing read earlier hides in a variable. A
-- global that a helpers block defines carries with it whatever the block read while it ran.

local host = ...
local public = host.public
local fail = host.fail

-- The keys of a table, in order.
function host.names(t)
	local list = {}
	for name in pairs(t) do
		list[#list + 1] = name
	end
	return list
end

local function read_only(library, name)
	return setmetatable({}, {
		__index = function(_, key)
			local value = library[key]
			if value == nil then
				fail("there is no %s.%s%s", name, tostring(key), host.nearest(tostring(key), host.names(library)))
			end
			return value
		end,
		__newindex = host.frozen("the library"),
		__pairs = function()
			return pairs(library)
		end,
		__metatable = false,
	})
end

for _, name in ipairs {
	"assert", "error", "getmetatable", "pairs", "pcall", "rawequal", "rawget", "rawlen", "select", "setmetatable",
	"tonumber", "tostring", "type",
} do
	public[name] = _ENV[name]
end
for _, name in ipairs {"math", "string", "table", "utf8"} do
	public[name] = read_only(_ENV[name], name)
end
for _, name in ipairs {"fmt", "stat"} do
	public[name] = read_only(public[name], name)
end

-- Helpers that run before each piece: {run = function, sources = what it read while it ran}.
local helpers = {}
-- A helper failed, so names may be missing through no fault of the piece's.
host.helpers_failed = false
-- The running piece has met such a name.
host.quiet = false
-- Programs that are not recorded and that a helper reads as it runs; or nil.
local absent_for_helpers

local function add_sources(more)
	for name in pairs(more) do
		host.sources[name] = true
	end
end

local function names_in_reach(defined)
	local list = {}
	for _, names in ipairs {defined, host.variables, public} do
		for name in pairs(names) do
			list[#list + 1] = name
		end
	end
	return list
end

local function lookup(defined, name)
	if public[name] ~= nil then
		return public[name]
	elseif host.variables[name] then
		return host.variables[name]
	elseif absent_for_helpers then
		add_sources(absent_for_helpers)
		host.absent = true
	end
	host.quiet = host.helpers_failed
	fail("there is no '%s'%s", tostring(name), host.nearest(tostring(name), names_in_reach(defined)))
end

-- The environment that helpers share within a piece, and a function that runs one of them in it.
local function helpers_environment()
	local defined, home, running = {}, {}, nil
	local shared = setmetatable({}, {
		__index = function(_, name)
			local value = defined[name]
			if value == nil then
				return lookup(defined, name)
			end
			if home[name] and home[name] ~= running then
				add_sources(home[name].sources)
			end
			return value
		end,
		__newindex = function(_, name, value)
			if public[name] ~= nil or host.variables[name] then
				fail("'%s' has a meaning already", tostring(name))
			end
			defined[name] = value
			home[name] = running or home[name]
		end,
		__metatable = false,
	})
	return shared, function(helper)
		host.sources, running = {}, helper
		host.bind(helper.run, shared)
		helper.run()
		helper.sources = host.sources
		host.sources, running = {}, nil
	end
end

-- Begin a piece: no sources, no claim, and helpers that have run.
local function begin()
	host.sources, host.absent, host.quiet, host.claim = {}, false, false, nil
	local shared, run_helper = helpers_environment()
	for _, helper in ipairs(helpers) do
		run_helper(helper)
	end
	return shared, run_helper
end

function host.begin(run)
	host.bind(run, setmetatable({}, {__index = begin(), __metatable = false}))
end

-- Try a helpers block, and keep it when it runs.
function host.helper(run)
	local _, run_helper = begin()
	local helper = {run = run}
	run_helper(helper)
	helpers[#helpers + 1] = helper
end

function host.helper_absent()
	absent_for_helpers = absent_for_helpers or {}
	for name in pairs(host.sources) do
		absent_for_helpers[name] = true
	end
end

-- The last records of a piece: which programs it read.
function host.emit_sources()
	for name in pairs(host.sources) do
		host.emit("from", name)
	end
end

-- An inline expression: its value as text.
function host.run_value(run, index)
	host.begin(run)
	local x = run()
	if math.type(x) then
		x = host.plain(x)
	elseif type(x) ~= "string" then
		fail("the expression is %s, not a number or a text", host.type(x))
	end
	host.emit("value", index, x)
	host.emit_sources()
end

function host.value_absent(_, index)
	host.emit("value", index, "not recorded")
	host.emit_sources()
end
