-- The promise of an incremental build, tried at random: after any sequence of edits a build leaves, byte for byte, what a
-- clean build of the same sources would, and executes exactly the actions whose inputs changed, each once.
--
--     lua5.4 tests/engine/property.lua WEFT [STEPS [SEED]]
--
-- A random site is edited step by step. After each step's build the executed actions are compared with those that
-- model.lua says are new, the published tables and values with what it says they hold; every few steps build/site and
-- figures/ are compared with a clean build of a copy. Tools are the stubs beside this file, so a step costs some
-- hundredths of a second. A failing step prints the seed and what was edited, and leaves the site for inspection.

local here = arg[0]:match("^(.*)/") or "."
package.path = here .. "/?.lua;" .. package.path
local model = require("model")

local weft = assert(arg[1], "usage: property.lua WEFT [STEPS [SEED]]")
local steps = tonumber(arg[2] or 200)
local seed = tonumber(arg[3] or os.time())
local CLEAN_EVERY = 8

-- ---- The world ----

local function capture(command)
	local pipe = assert(io.popen(command))
	local text = pipe:read("a")
	local _, _, status = pipe:close()
	return text, status
end

local function sh(format, ...)
	local command = format:format(...)
	local text, status = capture("{ " .. command .. "; } 2>&1")
	if status ~= 0 then
		error(("'%s' failed: %s"):format(command, text))
	end
	return text
end

local function read(path)
	local f = io.open(path, "rb")
	if not f then
		return nil
	end
	local text = f:read("a")
	f:close()
	return text
end

local function write(path, text)
	local f = assert(io.open(path, "wb"))
	assert(f:write(text))
	assert(f:close())
end

if not weft:match("^/") then
	weft = sh("pwd"):gsub("\n", "") .. "/" .. weft
end
local work = sh('mktemp -d "${TMPDIR:-/tmp}/weft-property.XXXXXX"'):gsub("\n", "")
local root, clean, bin = work .. "/site", work .. "/elsewhere/deeper/clean", work .. "/bin"

-- ---- Random sites ----

local serial = 0

local function fresh(prefix)
	serial = serial + 1
	return prefix .. serial
end

local function any(list)
	return list[math.random(#list)]
end

local function chance(percent)
	return math.random(100) <= percent
end

local function statement()
	local roll = math.random(10)
	if roll <= 4 then
		return "add " .. math.random(9)
	elseif roll <= 6 then
		return "idle " .. math.random(99)
	elseif roll <= 8 then
		return "say word" .. math.random(99)
	end
	return roll == 9 and "// remark " .. math.random(99) or ""
end

local function statements(n)
	local lines = {}
	for i = 1, n do
		lines[i] = statement()
	end
	return lines
end

local function items_of(essay, kind)
	local list = {}
	for _, item in ipairs(essay.items) do
		if item.kind == kind then
			list[#list + 1] = item
		end
	end
	return list
end

local function new_program(essay)
	local lines = statements(math.random(3))
	local p = {
		kind = "program", name = fresh("p"), blocks = { lines }, needs = {}, points = {}, sources = {}, inputs = {}, args = "", cflags = "",
	}
	local shown = items_of(essay, "shown")
	if chance(60) then
		table.insert(lines, 1, { ref = any(shown) })
	end
	if chance(30) then
		table.insert(lines, 1, any { '#include "lib/one.h"', '#include "two.h"', "#include <sys.h>" })
	end
	if chance(30) then
		p.points = { 1, 2 }
		lines[#lines + 1] = chance(70) and "point n" or nil
	end
	if chance(30) then
		p.args = tostring(math.random(9))
		lines[#lines + 1] = "arguments"
	end
	if chance(20) then
		p.sources = { "lib/more.c" }
	end
	if chance(25) then
		p.inputs = { "data/number.txt" }
		lines[#lines + 1] = "file data/number.txt"
	end
	return p
end

-- A program that may be needed without a circle: an older one of this essay, or any of an earlier essay.
local function older_program(site, essay, p)
	local list = {}
	for _, e in ipairs(site.essays) do
		for _, other in ipairs(items_of(e, "program")) do
			if e ~= essay or other.born < p.born then
				list[#list + 1] = other
			end
		end
		if e == essay then
			break
		end
	end
	return #list > 0 and any(list) or nil
end

local function add_need(site, essay, p)
	local other = older_program(site, essay, p)
	for _, need in ipairs(p.needs) do
		if not other or need == other then
			return false
		end
	end
	if not other then
		return false
	end
	p.needs[#p.needs + 1] = other
	p.blocks[1][#p.blocks[1] + 1] = "take " .. other.name
	return true
end

local function add_program(site, essay)
	local p = new_program(essay)
	p.born = serial
	table.insert(essay.items, math.random(#essay.items + 1), p)
	if chance(50) then
		add_need(site, essay, p)
	end
	return p
end

local function add_figure(essay)
	local programs = items_of(essay, "program")
	local figure = { kind = "figure", name = fresh("fig-"), blocks = { { "draw " .. math.random(99) } }, from = { any(programs) } }
	local second = any(programs)
	if chance(40) and second ~= figure.from[1] then
		figure.from[2] = second
	end
	essay.items[#essay.items + 1] = figure
end

local function new_essay(site, name)
	local essay = { name = name, words = { fresh("word") }, items = {}, luas = {} }
	site.essays[#site.essays + 1] = essay
	for _ = 1, 2 do
		table.insert(essay.items, { kind = "shown", name = fresh("s"), blocks = { statements(2) } })
	end
	-- Chunks use one another too.
	table.insert(essay.items[1].blocks[1], { ref = essay.items[2] })
	for _ = 1, math.random(2, 4) do
		add_program(site, essay)
	end
	add_figure(essay)
	essay.luas = { any(items_of(essay, "program")) }
	return essay
end

local function new_site()
	local site = {
		tool = { cc = { edition = 1, stamp = 1 }, gnuplot = { edition = 1, stamp = 1 } },
		sys = { "add 100" },
		prologue = read(here .. "/stub/prologue"):gsub("\n$", ""),
		files = {
			["lib/one.h"] = { "add 10", '#include "two.h"' },
			["lib/two.h"] = { "add 20" },
			["two.h"] = { "add 30" },
			["lib/more.c"] = { '#include "one.h"', "add 40" },
			["data/number.txt"] = { "50" },
		},
		essays = {},
	}
	for _, name in ipairs { "ant", "bee" } do
		new_essay(site, name)
	end
	return site
end

-- A copy of plain data, with what is shared still shared.
local function copy(value, seen)
	if type(value) ~= "table" then
		return value
	end
	seen = seen or {}
	if not seen[value] then
		seen[value] = {}
		for k, v in pairs(value) do
			seen[value][copy(k, seen)] = copy(v, seen)
		end
	end
	return seen[value]
end

-- ---- On the disk ----

local on_disk = {}

local function put(path, text)
	if on_disk[path] ~= text then
		write(path, text)
		on_disk[path] = text
	end
end

local function put_tool(site, name)
	local tool = site.tool[name]
	put(bin .. "/" .. name, (read(here .. "/stub/" .. name):gsub("EDITION", tool.edition):gsub("STAMP", tool.stamp, 1)))
end

-- Bring the files to the site's state; files that are as they should be are not touched.
local function sync(site)
	local wanted = {}
	for path, lines in pairs(site.files) do
		wanted[root .. "/" .. path] = table.concat(lines, "\n") .. "\n"
	end
	for _, essay in ipairs(site.essays) do
		wanted[root .. "/essays/" .. essay.name .. ".md"] = model.essay_text(site, essay)
	end
	for path in pairs(on_disk) do
		if path:sub(1, #root) == root and not wanted[path] then
			os.remove(path)
			on_disk[path] = nil
		end
	end
	for path, text in pairs(wanted) do
		put(path, text)
	end
	put_tool(site, "cc")
	put_tool(site, "gnuplot")
	put(bin .. "/sys.h", table.concat(site.sys, "\n") .. "\n")
end

-- Build. Returns the exit status, the executed labels with how often each was, and all that was said.
local function build(directory, words)
	local text = capture(("cd %s && PATH=%s:$PATH %s -v -j2 build %s 2>&1 >/dev/null; echo status=$?"):format(directory, bin, weft, words or ""))
	local executed = {}
	for label in text:gmatch("%[%d+/%d+%] ([^(\n][^\n]-)  [%d.]+ s[^\n]*\n") do
		executed[label] = (executed[label] or 0) + 1
	end
	return tonumber(text:match("status=(%d+)")), executed, text
end

-- ---- Expectations ----

local Failure = {}

local function fail(format, ...)
	error(setmetatable({ message = format:format(...) }, Failure), 0)
end

-- What the store has: results by key, blobs by content; `damaged` are contents that it has no longer, or not rightly.
local store, blobs, damaged = {}, {}, {}

local function is_stored(action)
	for _, text in pairs(action.files) do
		if damaged[text] then
			return false
		end
	end
	return store[action.key]
end

-- The labels that a build of these essays has to execute. They count as stored from then on.
local function expect(site, essays)
	local labels, planned, made = {}, {}, {}
	for _, essay in ipairs(essays or site.essays) do
		for _, action in ipairs((model.plan(site, essay))) do
			if not planned[action.key] then
				planned[action.key] = true
				labels[action.label] = not is_stored(action) and 1 or labels[action.label]
				store[action.key] = true
				made[#made + 1] = action
			end
		end
	end
	for _, action in ipairs(made) do
		for _, text in pairs(action.files) do
			blobs[text] = true
			damaged[text] = nil
		end
	end
	return labels
end

local function compare(executed, wanted, said)
	for label, times in pairs(executed) do
		if times ~= wanted[label] then
			fail("'%s' was executed %d times, wanted %d\n%s", label, times, wanted[label] or 0, said)
		end
	end
	for label in pairs(wanted) do
		if not executed[label] then
			fail("'%s' was not executed\n%s", label, said)
		end
	end
end

-- What an essay publishes, against what the model says it holds.
local function check_pages(site, essays)
	for _, essay in ipairs(essays or site.essays) do
		local _, results = model.plan(site, essay)
		local page = read(("%s/build/site/%s.html"):format(root, essay.name)) or fail("no page of '%s'", essay.name)
		for _, word in ipairs(essay.words) do
			if not page:find(word, 1, true) then
				fail("the page of '%s' does not say '%s'", essay.name, word)
			end
		end
		for _, p in ipairs(essay.luas) do
			local printed = page:match(('title="%s%%.out%%.y%%[1%%]">([^<]*)<'):format(p.name)) or ""
			-- Large numbers are grouped.
			if printed:gsub("%D", "") ~= model.first_value(results[p]) then
				fail("the page of '%s' prints '%s' for '%s', wanted %s", essay.name, printed, p.name, model.first_value(results[p]))
			end
		end
		for _, p in ipairs(items_of(essay, "program")) do
			local path = ("build/site/results/%s/%s/out.tsv"):format(essay.name, p.name)
			local found = read(root .. "/" .. path)
			if found ~= results[p] then
				fail("'%s' holds\n%s\nwanted\n%s", path, found, results[p])
			end
		end
	end
end

local function check_build(site)
	local wanted = expect(site)
	local status, executed, said = build(root)
	if status ~= 0 then
		fail("exit status %d\n%s", status, said)
	end
	compare(executed, wanted, said)
	check_pages(site)
end

local function check_clean(site)
	sh("rm -rf %s && mkdir -p %s/figures && cd %s && cp -r essays lib data two.h %s", clean, clean, root, clean)
	local status, executed, said = build(clean)
	if status ~= 0 then
		fail("a clean build ended with %d\n%s", status, said)
	end
	local before = { store, blobs }
	store, blobs = {}, {}
	compare(executed, expect(site), said)
	store, blobs = table.unpack(before)
	local difference, differs = capture(("diff -r %s/build/site %s/build/site && diff -r %s/figures %s/figures"):format(root, clean, root, clean))
	if differs ~= 0 then
		fail("differs from a clean build (right):\n%s", difference)
	end
end

local function check_idle()
	local _, executed, said = build(root)
	if next(executed) or not said:find("nothing to do", 1, true) then
		fail("a second build has something to do\n%s", said)
	end
end

-- ---- Edits ----

local function any_essay(site)
	return any(site.essays)
end

local function any_chunk(site)
	local list = {}
	for _, essay in ipairs(site.essays) do
		for _, item in ipairs(essay.items) do
			if item.kind ~= "figure" then
				list[#list + 1] = item
			end
		end
	end
	return any(list)
end

local function any_program(site)
	local essay = any_essay(site)
	local programs = items_of(essay, "program")
	if #programs > 0 then
		return any(programs), essay
	end
end

-- Change one of the plain statements: commands of other kinds have options that belong to them.
local function change_line(lines)
	local at = math.random(#lines + 1)
	local is_plain = lines[at] and not lines[at].ref and
		(lines[at] == "" or lines[at]:match("^add ") or lines[at]:match("^idle ") or lines[at]:match("^say ") or lines[at]:match("^//"))
	if is_plain and chance(25) then
		table.remove(lines, at)
	elseif is_plain then
		lines[at] = statement()
	else
		table.insert(lines, at, statement())
	end
end

local function add_comment(site)
	local block = any(any_chunk(site).blocks)
	table.insert(block, math.random(#block + 1), "// remark " .. math.random(99))
end

-- Everything that refers to a program.
local function uses(site, p)
	local n = 0
	for _, essay in ipairs(site.essays) do
		for _, item in ipairs(essay.items) do
			for _, other in ipairs(item.needs or item.from or {}) do
				n = n + (other == p and 1 or 0)
			end
		end
		for _, other in ipairs(essay.luas) do
			n = n + (other == p and 1 or 0)
		end
	end
	return n
end

local function rename_program(site, p)
	local old = "take " .. p.name
	p.name = fresh("p")
	for _, essay in ipairs(site.essays) do
		for _, item in ipairs(essay.items) do
			for _, block in ipairs(item.blocks) do
				for i, line in ipairs(block) do
					block[i] = line == old and "take " .. p.name or line
				end
			end
		end
	end
end

local function published_files()
	local list = {}
	for path in sh("cd %s && find build/site figures -type f | sort", root):gmatch("[^\n]+") do
		list[#list + 1] = path
	end
	return list
end

local function source_files()
	local list = {}
	for path in pairs(on_disk) do
		list[#list + 1] = path
	end
	table.sort(list)
	return list
end

-- Break one blob that only one action has, so that which action must run again does not depend on their order. All essays
-- get a new word: an essay that did not change is not looked at, and its blobs are not missed.
local function damage_blob(site)
	for _, essay in ipairs(site.essays) do
		essay.words[1] = fresh("word")
	end
	if chance(50) then
		add_comment(site)
	end
	local owners, is_remade = {}, {}
	for _, essay in ipairs(site.essays) do
		for _, action in ipairs((model.plan(site, essay))) do
			for _, text in pairs(action.files) do
				owners[text] = owners[text] or {}
				owners[text][action.key] = true
				is_remade[text] = not store[action.key]
			end
		end
	end
	local texts, remade = {}, {}
	for text, keys in pairs(owners) do
		if blobs[text] and not next(keys, next(keys)) then
			texts[#texts + 1] = text
			remade[#remade + 1] = is_remade[text] and text or nil
		end
	end
	-- Best one that is about to be made again, by an action that is new: it must not be taken for what is there.
	texts = #remade > 0 and remade or texts
	if #texts == 0 then
		return false
	end
	table.sort(texts)
	local text = any(texts)
	write(work .. "/blob", text)
	local digest = sh("sha256sum < %s/blob", work):match("^%x+")
	local path = ("%s/build/store/cas/%s/%s"):format(root, digest:sub(1, 2), digest)
	local at = math.random(#text)
	local flipped = text:sub(1, at - 1) .. string.char(text:byte(at) ~ 1) .. text:sub(at + 1)
	if read(path) ~= text then
		fail("the store does not have\n%s\nas %s", text, path)
	end
	os.remove(path)
	local how = math.random(4)
	if how > 1 then
		write(path, ({ [2] = flipped, [3] = text:sub(1, at - 1), [4] = text .. "more" })[how])
		sh("chmod +x %s", path)
	end
	damaged[text] = true
	return true
end

-- Edits by name. Each changes the site, or the disk, or returns false when there is nothing of the kind to change.
local edits = {
	{ 12, "a line of a chunk", function(site)
		change_line(any(any_chunk(site).blocks))
	end },
	{ 6, "prose", function(site)
		any_essay(site).words[math.random(3) == 1 and 2 or 1] = fresh("word")
	end },
	{ 4, "a comment", add_comment },
	{ 4, "a point of a sweep", function(site)
		local p = any_program(site)
		if not p then
			return false
		elseif #p.points > 0 and chance(40) then
			table.remove(p.points, math.random(#p.points))
		else
			table.insert(p.points, (p.points[#p.points] or 0) + math.random(3))
		end
	end },
	{ 2, "all points of a sweep", function(site)
		local p = any_program(site)
		if not p then
			return false
		end
		for i in ipairs(p.points) do
			p.points[i] = p.points[i] + 1
		end
	end },
	{ 2, "arguments", function(site)
		local p = any_program(site)
		if not p then
			return false
		end
		p.args = chance(30) and "" or tostring(math.random(9))
	end },
	{ 2, "compiler flags", function(site)
		local p = any_program(site)
		if not p then
			return false
		end
		p.cflags = chance(30) and "" or "-DX=" .. math.random(9)
	end },
	{ 3, "the name of a program", function(site)
		local p = any_program(site)
		if not p then
			return false
		end
		rename_program(site, p)
	end },
	{ 2, "the name of a chunk", function(site)
		any(items_of(any_essay(site), "shown")).name = fresh("s")
	end },
	{ 2, "a new program", function(site)
		local essay = any_essay(site)
		return #items_of(essay, "program") < 5 and add_program(site, essay)
	end },
	{ 2, "a program less", function(site)
		local p, essay = any_program(site)
		if not p or uses(site, p) > 0 then
			return false
		end
		for i, item in ipairs(essay.items) do
			if item == p then
				table.remove(essay.items, i)
				return true
			end
		end
	end },
	{ 2, "a figure", function(site)
		local essay = any_essay(site)
		local figures = items_of(essay, "figure")
		if #figures < 2 and #items_of(essay, "program") > 0 then
			add_figure(essay)
		elseif #figures > 0 then
			any(figures).blocks[1][1] = "draw " .. math.random(99)
		end
	end },
	{ 2, "a figure less", function(site)
		local essay = any_essay(site)
		for i = #essay.items, 1, -1 do
			if essay.items[i].kind == "figure" then
				table.remove(essay.items, i)
				return true
			end
		end
		return false
	end },
	{ 2, "the order of chunks", function(site)
		local items = any_essay(site).items
		local a, b = math.random(#items), math.random(#items)
		items[a], items[b] = items[b], items[a]
	end },
	{ 2, "what a program needs", function(site)
		local p, essay = any_program(site)
		return p and add_need(site, essay, p)
	end },
	{ 2, "what the text prints", function(site)
		local essay = any_essay(site)
		local p = any(items_of(essay, "program"))
		essay.luas = chance(30) and {} or { p, essay.luas[1] }
	end },
	{ 2, "a block more or less", function(site)
		local blocks = any_chunk(site).blocks
		if #blocks == 1 then
			blocks[2] = statements(1)
			return true
		end
		for _, line in ipairs(table.remove(blocks)) do
			table.insert(blocks[1], line)
		end
	end },
	{ 5, "a shared file", function(site)
		change_line(site.files[any { "lib/one.h", "two.h", "lib/more.c" }])
	end },
	{ 2, "a header that hides another", function(site)
		site.files["lib/two.h"] = not site.files["lib/two.h"] and { "add " .. math.random(20, 29) } or nil
	end },
	{ 3, "an input file", function(site)
		site.files["data/number.txt"] = { tostring(math.random(50, 59)) }
	end },
	{ 2, "the compiler's own header", function(site)
		site.sys = { "add " .. math.random(100, 109) }
	end },
	{ 1, "a compiler that writes the same", function(site)
		site.tool.cc.edition = site.tool.cc.edition + 1
	end },
	{ 1, "a compiler that writes something else", function(site)
		site.tool.cc.stamp = site.tool.cc.stamp + 1
	end },
	{ 1, "gnuplot", function(site)
		local tool = site.tool.gnuplot
		local what = any { "edition", "stamp" }
		tool[what] = tool[what] + 1
	end },
	{ 2, "an essay", deletes = true, function(site)
		if #site.essays < 3 then
			new_essay(site, fresh("fly"))
			return true
		end
		for _, p in ipairs(items_of(site.essays[3], "program")) do
			if uses(site, p) > 0 then
				site.essays[3].luas = {}
			end
		end
		table.remove(site.essays)
	end },
	{ 4, "the times of a file", function()
		sh("touch %s", any(source_files()))
	end },
	{ 2, "a file, written again as it was", function()
		local path = any(source_files())
		write(path, on_disk[path])
	end },
	{ 4, "a published file, deleted", function()
		local list = published_files()
		if #list == 0 then
			return false
		end
		os.remove(root .. "/" .. any(list))
	end },
	{ 3, "a published file, overwritten", function()
		local list = published_files()
		if #list == 0 then
			return false
		end
		write(root .. "/" .. any(list), "scribble")
	end },
	{ 2, "build/site, deleted", function()
		sh("rm -rf %s/build/site", root)
	end },
	{ 1, "the store, deleted", loses = true, function()
		-- What is published stays as it is; a build that has nothing else to do does not miss the store.
		sh("rm -rf %s/build/store %s/build/state", root, root)
		store, blobs = {}, {}
	end },
	{ 4, "build/state, deleted", loses = true, function()
		sh("rm -f %s/build/state", root)
	end },
	{ 1, "build/state, garbled", loses = true, function()
		local text = read(root .. "/build/state") or ""
		local at = math.random(#text + 1)
		write(root .. "/build/state", text:sub(1, at - 1) .. (chance(50) and "\0garbage\t\n" or "") .. text:sub(at + math.random(0, 40)))
	end },
	{ 5, "a blob of the store, damaged", damage_blob, last = true },
}

local function any_edit()
	local total = 0
	for _, edit in ipairs(edits) do
		total = total + edit[1]
	end
	local roll = math.random(total)
	for _, edit in ipairs(edits) do
		roll = roll - edit[1]
		if roll <= 0 then
			return edit
		end
	end
end

local doing = "the first build"

-- One to three edits. Returns their names.
local function make_edits(site)
	local names, last, lost, nessays = {}, nil, false, #site.essays
	for _ = 1, any { 1, 1, 1, 2, 3 } do
		local edit = any_edit()
		-- Without the state nothing tells whose the tracked figures of a deleted essay are: they stay.
		local is_possible = not (edit.loses and #site.essays < nessays) and not (edit.deletes and lost)
		if edit.last then
			last = edit
		elseif is_possible and edit[3](site) ~= false then
			lost = lost or edit.loses
			names[#names + 1] = edit[2]
		end
	end
	if last and last[3](site) then
		names[#names + 1] = last[2]
	end
	doing = table.concat(names, ", ")
end

-- ---- Steps ----

-- Each takes the site and returns it as it is afterwards.
local function plain_step(site)
	make_edits(site)
	sync(site)
	check_build(site)
	return site
end

-- Back to what was there before: all of it is in the store.
local function revert_step(site)
	local before = copy(site)
	make_edits(site)
	sync(site)
	check_build(site)
	doing = doing .. ", and back"
	sync(before)
	check_build(before)
	return before
end

-- A build of one essay leaves what the others need for the next.
local function partial_step(site)
	make_edits(site)
	local essay = any_essay(site)
	doing = ("%s, '%s' alone first"):format(doing, essay.name)
	sync(site)
	local wanted = expect(site, { essay })
	local status, executed, said = build(root, essay.name)
	if status ~= 0 then
		fail("building '%s' ended with %d\n%s", essay.name, status, said)
	end
	compare(executed, wanted, said)
	check_pages(site, { essay })
	check_build(site)
	return site
end

-- A mistake in one essay keeps its page, and those of the essays that take results from it, as they were and, without
-- --keep-going, the next essays from being opened. What was edited meanwhile is seen once the mistake is gone.
local function broken_step(site)
	make_edits(site)
	sync(site)
	local essay = any_essay(site)
	doing = ("%s, '%s' broken first"):format(doing, essay.name)
	local path = ("%s/essays/%s.md"):format(root, essay.name)
	put(path, model.essay_text(site, essay) .. "```c {#broken .program bogus=1}\n```\n")
	local others, pages = {}, {}
	for _, e in ipairs(site.essays) do
		local page = ("%s/build/site/%s.html"):format(root, e.name)
		if e == essay or model.takes_from(site, e, essay) then
			pages[page] = read(page)
		else
			others[#others + 1] = e
		end
	end
	local go_on, damaged_before = chance(50), copy(damaged)
	local wanted = expect(site, others)
	local status, executed, said = build(root, go_on and "-k" or "")
	if status ~= 1 then
		fail("a mistake in '%s' ended with %d\n%s", essay.name, status, said)
	end
	if select(2, said:gsub("unknown option", "")) ~= 1 then
		fail("the mistake was not reported once\n%s", said)
	end
	if go_on then
		compare(executed, wanted, said)
	end
	for page, before in pairs(pages) do
		if read(page) ~= before then
			fail("'%s' changed although there is a mistake", page)
		end
	end
	-- Without --keep-going some of the others' work may be left; which depends on what ran when the mistake was found.
	for label in pairs(wanted) do
		if not executed[label] then
			for _, e in ipairs(others) do
				for _, action in ipairs((model.plan(site, e))) do
					if action.label == label then
						store[action.key] = nil
						for _, text in pairs(action.files) do
							damaged[text] = damaged_before[text]
						end
					end
				end
			end
		end
	end
	sync(site)
	check_build(site)
	return site
end

local kinds = { plain_step, plain_step, plain_step, plain_step, plain_step, revert_step, partial_step, broken_step }

local function run_steps(site)
	local done = 0
	local ok, problem = xpcall(function()
		sync(site)
		check_build(site)
		check_clean(site)
		for number = 1, steps do
			site = any(kinds)(site)
			if number % CLEAN_EVERY == 0 or number == steps then
				check_clean(site)
				check_idle()
			end
			done = number
		end
	end, function(problem)
		return getmetatable(problem) == Failure and problem or debug.traceback(problem)
	end)
	if not ok then
		local is_failure = getmetatable(problem) == Failure
		print(("FAIL step %d (%s), seed %d, site %s"):format(done + 1, doing, seed, work))
		print(is_failure and problem.message or problem)
	end
	return done, ok
end

math.randomseed(seed)
sh("mkdir -p %s/essays %s/lib %s/data %s/figures %s", root, root, root, root, bin)
sh("cp %s/stub/prologue %s", here, bin)
for _, name in ipairs { "cc", "gnuplot" } do
	sh("cp %s/stub/%s %s", here, name, bin)
end
print(("property: %d steps, seed %d"):format(steps, seed))
local done, ok = run_steps(new_site())
if ok then
	sh("rm -rf %s", work)
end
print(("%d passed, %d failed, %d skipped"):format(done, ok and 0 or 1, steps - done - (ok and 0 or 1)))
os.exit(ok)
