-- The table chunk: it returns { rows = …, columns = { … } }.
--
--     rows      a table of a program, or a list of Lua tables; else the only table of the only program in from=
--     columns   {"name", head =, unit =, digits =, decimals =, format =, value =, scale =, best =, align =};
--               or "name" alone; else all columns of `rows`
--
-- head and unit default to the table's own. A value is value(row), or the row's field; times scale if it is a number; as
-- text with so many significant digits, decimals, or by format(x); else as in prose. best = "min" or "max" marks cells.

local host = ...
local fmt, kind, fail = host.public.fmt, host.kind, host.fail

local MISSING = "–"
local SPEC = {"rows", "columns"}
local COLUMN = {
	head = "string", unit = "string", digits = "number", decimals = "number", format = "function", value = "function",
	scale = "number", best = "string", align = "string",
}
local FORMATS = {"digits", "decimals", "format"}
local COLUMNS_MOST, ROWS_MOST = 64, 10000

local function unknown(what, name, known)
	fail("%s has no '%s'%s", what, tostring(name), host.nearest(tostring(name), known))
end

local function rows_from(from)
	local name, another = from:match("^%s*(%S+)%s*(.*)$")
	if not name then
		fail("say which rows, or from which program")
	elseif another ~= "" then
		fail("say which rows: from=\"%s\" names several programs", from)
	end
	return host.only_table(name)
end

local function check_word(c, key, what, one, other)
	if c[key] and c[key] ~= one and c[key] ~= other then
		fail("%s: %s is \"%s\" or \"%s\", not %s", what, key, one, other, host.quoted(c[key]))
	end
end

-- An entry of `columns`, checked and with its defaults filled in.
local function column_of(c, i, rows)
	local what = ("column %d"):format(i)
	if type(c) == "string" then
		c = {c}
	elseif type(c) ~= "table" or kind(c) then
		fail("%s is to be a name or { \"name\", … }, not %s", what, host.type(c))
	end
	local column = {name = c[1]}
	for key, value in pairs(c) do
		local wanted = key == 1 and "string" or COLUMN[key] or unknown(what, key, host.names(COLUMN))
		if type(value) ~= wanted then
			fail("%s: %s is to be a %s, not %s", what, key == 1 and "its name" or key, wanted, host.type(value))
		end
		column[key] = value
	end
	column.head = column.head or column.name
	if not column.head or not (column.name or column.value) then
		fail("%s wants a name, or head and value", what)
	end
	check_word(column, "best", what, "min", "max")
	check_word(column, "align", what, "left", "right")
	local formats = 0
	for _, key in ipairs(FORMATS) do
		formats = formats + (column[key] and 1 or 0)
	end
	if formats > 1 then
		fail("%s wants one of digits, decimals and format", what)
	end
	if kind(rows) == "table" and not column.value then
		local unit = host.unit(rows, column.name)
		if unit ~= "" and column.scale and not column.unit then
			fail("%s is scaled: say its unit", what)
		end
		column.unit = column.unit or unit
	end
	return column
end

local function cell_text(c, x)
	if x == nil then
		return MISSING
	elseif c.format then
		x = c.format(x)
	elseif math.type(x) and c.digits then
		return fmt.sig(x, c.digits)
	elseif math.type(x) and c.decimals then
		return fmt.fixed(x, c.decimals)
	end
	if math.type(x) then
		return host.plain(x)
	elseif type(x) ~= "string" then
		fail("the format of column '%s' gives %s, not a text", c.head, host.type(x))
	end
	return x
end

-- Mark the cells that hold the smallest or largest number.
local function mark_best(column)
	local extreme
	for _, x in pairs(column.numbers) do
		local better = not extreme or (column.best == "min" and x < extreme) or (column.best == "max" and x > extreme)
		if x == x and better then
			extreme = x
		end
	end
	for i, x in pairs(column.numbers) do
		column.is_best[i] = x == extreme
	end
end

-- Give a column its cells: texts, which are the best, whether there is text among the values.
local function fill(column, rows)
	column.texts, column.numbers, column.is_best, column.is_text = {}, {}, {}, false
	local seen = kind(rows) == "table" or column.value or #rows == 0
	for i = 1, #rows do
		local r = host.row(rows, i)
		if type(r) ~= "table" or (kind(r) and kind(r) ~= "row") then
			fail("row %d is to be a row or a table, not %s", i, host.type(r))
		end
		local x
		if column.value then
			x = column.value(r)
		else
			x = r[column.name]
		end
		if math.type(x) then
			x = column.scale and x * column.scale or x
			column.numbers[i] = x
		elseif type(x) == "string" then
			column.is_text = true
		elseif x ~= nil then
			fail("row %d of column '%s' is %s", i, column.head, host.type(x))
		end
		seen = seen or x ~= nil
		column.texts[i] = cell_text(column, x)
	end
	if not seen then
		fail("no row has a '%s'", column.name)
	end
	if column.best then
		mark_best(column)
	end
end

function host.run_table(run, chunk, from)
	host.begin(run)
	local spec = run()
	if type(spec) ~= "table" or kind(spec) then
		fail("a table chunk returns { rows = …, columns = { … } }, not %s", spec == nil and "nothing" or host.type(spec))
	end
	for key in pairs(spec) do
		if key ~= "rows" and key ~= "columns" then
			unknown("a table", key, SPEC)
		end
	end
	local rows, given = spec.rows, spec.columns
	if rows == nil then
		rows = rows_from(from)
	end
	host.check_rows(rows, "a table")
	if given == nil then
		given = host.columns(rows) or {}
	end
	if type(given) ~= "table" or kind(given) or #given == 0 or #given > COLUMNS_MOST then
		fail("a table wants a list of 1 to %d columns", COLUMNS_MOST)
	elseif #rows > ROWS_MOST then
		fail("a table of %d rows is nothing to read: %d at most", #rows, ROWS_MOST)
	end
	local columns = {}
	for i = 1, #given do
		columns[i] = column_of(given[i], i, rows)
		fill(columns[i], rows)
	end
	host.emit("table", chunk, #columns, #rows)
	for _, c in ipairs(columns) do
		host.emit("column", c.head, c.unit or "", c.align or (c.is_text and "left" or "right"))
	end
	for i = 1, #rows do
		local cells = {}
		for _, c in ipairs(columns) do
			cells[#cells + 1] = c.texts[i]
			cells[#cells + 1] = c.is_best[i] and "best" or "-"
		end
		host.emit("row", table.unpack(cells))
	end
	host.emit_sources()
end

function host.table_absent(_, chunk)
	host.emit("table", chunk, 0, 0)
	host.emit_sources()
end
