-- Programs' results as an essay's Lua sees them.
--
-- A program is a value with its name (`-` as `_`), its tables are fields, their columns fields of these. All are
-- proxies: reading what is not there is an error that names what is, writing is an error, and each read notes
-- the program. These notes are the sources of a number on the page.

local host = ...
local public = host.public

-- Keys of a proxy's own fields. No essay can name them.
local KIND, META, ROW = {}, {}, {}

-- Names of the programs that the running piece has read.
host.sources = {}
-- One of them is not recorded, and the piece has ended with that error.
host.absent = false

local function read(program)
	host.sources[program] = true
end

function host.fail(message, ...)
	error(message:format(...), 0)
end

local fail = host.fail

-- "program", "values", "table", "column", "row"; nil for what is no proxy.
function host.kind(x)
	return type(x) == "table" and rawget(x, KIND) or nil
end

local kind = host.kind

-- What x is, for a message.
function host.type(x)
	return x == nil and "nil (a missing cell?)" or "a " .. (kind(x) or type(x))
end

function host.quoted(x)
	return type(x) == "string" and ('"%s"'):format(x) or tostring(x)
end

function host.frozen(what)
	return function()
		fail("%s cannot be changed", what)
	end
end

-- ---- columns, rows, tables ----

-- A table's meta: program, name, source (what reading it notes: the program, or "PROGRAM.static"), nrows, columns (list of names), index (their numbers), units, and its values by
-- column, fetched when first read. A view of it is a list of row numbers, or false for all.

local function table_name(meta)
	return meta.program .. "." .. meta.name
end

local function values(meta, name)
	local list = meta.values[name]
	if not list then
		local i = meta.index[name]
		if not i then
			fail("table '%s' has no column '%s'%s", table_name(meta), tostring(name),
			     host.nearest(tostring(name), meta.columns))
		end
		list = host.cells(meta.at_program, meta.at_table, i)
		meta.values[name] = list
	end
	return list
end

local Program, Values, Table, Column, Row = {}, {}, {}, {}, {}

local function column(meta, picked, name)
	local own = {meta = meta, picked = picked, name = name, list = values(meta, name)}
	return setmetatable({[KIND] = "column", [META] = own}, Column)
end

local function row(meta, i)
	return setmetatable({[KIND] = "row", [META] = meta, [ROW] = i}, Row)
end

local function view(meta, picked)
	return setmetatable({[KIND] = "table", [META] = meta, [ROW] = picked}, Table)
end

-- The step of a pairs() over names, with what t has under each.
local function each(t, names)
	local i = 0
	return function()
		i = i + 1
		if names[i] then
			return names[i], t[names[i]]
		end
	end
end

function Column.__len(c)
	local own = c[META]
	read(own.meta.source)
	return own.picked and #own.picked or own.meta.nrows
end

function Column.__index(c, i)
	local own, n, at = c[META], #c, math.tointeger(i)
	if not at or at < 1 or at > n then
		fail("column '%s.%s' has rows 1 to %d, not '%s'", table_name(own.meta), own.name, n, tostring(i))
	end
	return own.list[own.picked and own.picked[at] or at]
end

function Column.__pairs(c)
	local i, n = 0, #c
	return function()
		i = i + 1
		if i <= n then
			return i, c[i]
		end
	end
end

function Row.__index(r, name)
	local meta = r[META]
	read(meta.source)
	return values(meta, name)[r[ROW]]
end

function Row.__pairs(r)
	return each(r, r[META].columns)
end

function Table.__len(t)
	read(t[META].source)
	return t[ROW] and #t[ROW] or t[META].nrows
end

function Table.__index(t, name)
	read(t[META].source)
	return column(t[META], t[ROW], name)
end

function Table.__pairs(t)
	return each(t, t[META].columns)
end

-- Row i of a table or of a list.
function host.row(t, i)
	if kind(t) == "table" then
		return row(t[META], t[ROW] and t[ROW][i] or i)
	end
	return t[i]
end

-- Names of a table's columns; of a list, nil.
function host.columns(t)
	return kind(t) == "table" and t[META].columns or nil
end

-- The unit of a table's column, or "". A column that is not there is an error.
function host.unit(t, name)
	values(t[META], name)
	return t[META].units[t[META].index[name]]
end

function host.check_rows(t, who)
	if kind(t) ~= "table" and (kind(t) or type(t) ~= "table") then
		fail("%s wants a table of a program or a list of rows, not %s", who, host.type(t))
	end
end

-- rows(t): for r in rows(P.T) do … r.c … end
function public.rows(t)
	host.check_rows(t, "rows")
	local i, n = 0, #t
	return function()
		i = i + 1
		if i <= n then
			return host.row(t, i)
		end
	end
end

-- ipairs, over every row of a column or table: a missing value does not end it.
function public.ipairs(t)
	if kind(t) == "column" then
		return Column.__pairs(t)
	elseif kind(t) ~= "table" then
		return ipairs(t)
	end
	local i, n = 0, #t
	return function()
		i = i + 1
		if i <= n then
			return i, host.row(t, i)
		end
	end
end

-- What where() and pick() were asked for, as a function of a row.
local function predicate(t, wanted, who)
	host.check_rows(t, who)
	if type(wanted) == "function" then
		return wanted
	elseif type(wanted) ~= "table" or kind(wanted) then
		fail("%s wants { column = value } or a function of a row, not %s", who, host.type(wanted))
	end
	local names = {}
	for name in pairs(wanted) do
		names[#names + 1] = name
		-- Also in a table without rows, a column that does not exist is a mistake.
		if kind(t) == "table" then
			values(t[META], name)
		end
	end
	return function(r)
		for _, name in ipairs(names) do
			if r[name] ~= wanted[name] then
				return false
			end
		end
		return true
	end
end

-- Numbers of the rows that match.
local function matching(t, matches)
	local found = {}
	for i = 1, #t do
		if matches(host.row(t, i)) then
			found[#found + 1] = i
		end
	end
	return found
end

-- where(t, { kind = "flash" }) or where(t, function(r) return r.M > 4096 end): the rows for which it holds
function public.where(t, wanted)
	local found = matching(t, predicate(t, wanted, "where"))
	for k, i in ipairs(found) do
		found[k] = kind(t) == "table" and host.row(t, i)[ROW] or t[i]
	end
	return kind(t) == "table" and view(t[META], found) or found
end

local function described(wanted)
	if type(wanted) == "function" then
		return "the function"
	end
	local list = {}
	for name, value in pairs(wanted) do
		list[#list + 1] = ("%s = %s"):format(tostring(name), host.quoted(value))
	end
	return "{ " .. table.concat(list, ", ") .. " }"
end

-- pick(t, { M = 1024 }): the one row for which it holds
function public.pick(t, wanted)
	local found = matching(t, predicate(t, wanted, "pick"))
	if #found ~= 1 then
		fail("pick wants exactly one row; %s of %s match %s", #found == 0 and "none" or tostring(#found),
		     kind(t) == "table" and ("'%s'"):format(table_name(t[META])) or "the list", described(wanted))
	end
	return host.row(t, found[1])
end

-- A fresh list of the numbers in a column or a list; `least` of them at least.
function host.numbers(xs, who, least)
	if kind(xs) ~= "column" and (kind(xs) or type(xs) ~= "table") then
		fail("%s wants a column or a list of numbers, not %s", who, host.type(xs))
	end
	local list = {}
	for i = 1, #xs do
		local x = xs[i]
		if not math.type(x) then
			fail("%s wants numbers; row %d %s", who, i, x == nil and "is missing" or "is " .. host.quoted(x))
		end
		list[i] = x
	end
	if #list < least then
		fail("%s wants %d number%s at least, not %d", who, least, least > 1 and "s" or "", #list)
	end
	return list
end

-- ---- programs ----

function Values.__index(v, name)
	local own = v[META]
	read(own.program)
	if not own.index[name] then
		fail("program '%s' has no value '%s'%s", own.program, tostring(name), host.nearest(tostring(name), own.names))
	end
	return own.list[own.index[name]]
end

function Values.__pairs(v)
	return each(v, v[META].names)
end

-- values.tsv of a program that ran once: rows of name, value, unit.
local function single_values(meta)
	if not (meta.index.name and meta.index.value) then
		fail("values.tsv of program '%s' has no columns name and value", meta.program)
	end
	local own = {program = meta.program, names = {}, index = {}, list = values(meta, "value")}
	local names = values(meta, "name")
	for i = 1, meta.nrows do
		local name = tostring(names[i])
		if own.index[name] then
			fail("values.tsv of program '%s' has two values named '%s'", meta.program, name)
		end
		own.names[i], own.index[name] = name, i
	end
	return setmetatable({[KIND] = "values", [META] = own}, Values)
end

function Program.__index(p, name)
	local own = p[META]
	local meta = own.index[name]
	if not meta and own.facts_absent and (name == "ptxas" or name == "occupancy") then
		read(own.name .. ".static")
		host.absent = true
		fail("the static facts of program '%s' are not recorded", own.name)
	end
	read(meta and meta.source or own.name)
	if not meta and own.absent then
		host.absent = true
		fail("program '%s' is not recorded", own.name)
	end
	if not meta then
		fail("program '%s' has no table '%s'%s", own.name, tostring(name), host.nearest(tostring(name), own.names))
	end
	if name ~= "values" or own.swept then
		return view(meta, false)
	end
	own.single = own.single or single_values(meta)
	return own.single
end

function Program.__pairs(p)
	return each(p, p[META].names)
end

for name, metatable in pairs {program = Program, values = Values, table = Table, column = Column, row = Row} do
	metatable.__newindex = host.frozen("a program's result")
	metatable.__metatable = false
	metatable.__name = name
end

-- Programs by their names in the essay; those that have a name in Lua, by that.
local programs, program_names = {}, {}
host.variables = {}

for i, own in ipairs(host.programs) do
	own.index, own.names = {}, {}
	for j, meta in ipairs(own.tables) do
		meta.program, meta.at_program, meta.at_table, meta.values, meta.index = own.name, i, j, {}, {}
		for k, name in ipairs(meta.columns) do
			meta.index[name] = k
		end
		meta.source = meta.facts and own.name .. ".static" or own.name
		own.names[j] = meta.name
		-- A program's own table of that name stands before the facts'.
		own.index[meta.name] = own.index[meta.name] or meta
	end
	local proxy = setmetatable({[KIND] = "program", [META] = own}, Program)
	programs[own.name], program_names[i] = proxy, own.name
	if not own.name:find(":") then
		host.variables[own.name:gsub("-", "_")] = proxy
	end
end

-- program "essay:name": a program that has no name in Lua
function public.program(name)
	return programs[name] or
		fail("there is no program '%s'%s", tostring(name), host.nearest(tostring(name), program_names))
end

-- The only table of a program, `values` of a sweep counting when there is no other.
function host.only_table(name)
	local proxy = public.program(name)
	local own, found = proxy[META], {}
	for _, table_of in ipairs(own.names) do
		if table_of ~= "values" and not own.index[table_of].facts then
			found[#found + 1] = table_of
		end
	end
	if #found == 0 and own.swept then
		found[1] = "values"
	end
	if #found == 1 or own.absent then
		return proxy[found[1]]
	end
	fail("say which rows: program '%s' has %s", name,
	     #found == 0 and "no table" or "the tables " .. table.concat(found, ", "))
end
