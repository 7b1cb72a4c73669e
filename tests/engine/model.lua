-- What a build of a site must do and leave, worked out without building: the property test's second opinion.
--
-- A site is plain data:
--
--     site.tool.cc, site.tool.gnuplot     { edition, stamp }: see stub/
--     site.sys                            lines of the stub compiler's own header
--     site.files[path]                    lines of a header, a source or an input
--     site.essays[i]                      { name, words, items, luas }
--
-- An item is a chunk { kind = "shown"|"program"|"figure", name, blocks }, where a block is a list of lines and a line is a
-- text or { ref = chunk }. Programs also have needs, points (of a sweep over n), sources, inputs, args, cflags; figures
-- have from. Luas are the programs whose first value the essay's text prints.
--
-- An action's key is a text of all that it can depend on. Keys are compared, never shown.

local model = {}

-- Fields in one text; the lengths keep neighbours apart.
local function pack(...)
	local parts = {}
	for i, field in ipairs({...}) do
		local text = tostring(field)
		parts[i] = #text .. ":" .. text
	end
	return table.concat(parts)
end

local function each_line(lines)
	return table.concat(lines, "\n")
end

-- ---- Tangling and compiling ----

-- The chunk with all it uses, as a text that changes exactly when the tangled file does: #line directives tell of each
-- line where it stands.
local function tangled(chunk)
	local parts = {}
	for i, block in ipairs(chunk.blocks) do
		for k, line in ipairs(block) do
			parts[#parts + 1] = line.ref and tangled(line.ref) or pack(chunk.name, i, k, line)
		end
	end
	return table.concat(parts)
end

-- The same without places.
local function flat_lines(chunk, out)
	for _, block in ipairs(chunk.blocks) do
		for _, line in ipairs(block) do
			if line.ref then
				flat_lines(line.ref, out)
			else
				out[#out + 1] = line
			end
		end
	end
	return out
end

local function directory(path)
	return path:match("^(.*/)[^/]*$") or ""
end

-- The file of the site that an include names: beside the file that includes, then from the root.
local function included(site, from, name)
	local beside = directory(from) .. name
	return site.files[beside] and beside or name
end

-- Files of the site that lines include, directly or not, in the order they are met.
local function follow(site, path, lines, found)
	for _, line in ipairs(lines) do
		local name = line:match('^#include "(.*)"')
		local file = name and included(site, path, name)
		if file and not found[file] then
			found[file] = true
			found[#found + 1] = file
			follow(site, file, site.files[file], found)
		end
	end
	return found
end

-- What the stub compiler makes of lines. Returns whether the compiler's own header was among them.
local function commands(site, path, lines, out)
	local sys = false
	for _, line in ipairs(lines) do
		local name = line:match('^#include "(.*)"')
		if name then
			local file = included(site, path, name)
			sys = commands(site, file, site.files[file], out) or sys
		elseif line:match("^#include <") then
			commands(site, "", site.sys, out)
			sys = true
		elseif line ~= "" and not line:match("^//") then
			out[#out + 1] = line
		end
	end
	return sys
end

local function compile(site, essay, p)
	local lines = flat_lines(p, {})
	local out = { "#!/bin/sh", "# stamp " .. site.tool.cc.stamp, site.prologue }
	local files = follow(site, p.name .. ".c", lines, {})
	local sys = commands(site, p.name .. ".c", lines, out)
	for _, source in ipairs(p.sources) do
		if not files[source] then
			files[source] = true
			files[#files + 1] = source
			follow(site, source, site.files[source], files)
		end
		sys = commands(site, source, site.files[source], out) or sys
	end
	out[#out + 1] = "finish\n"
	local key = pack("compile", essay.name, p.name, tangled(p), p.cflags, each_line(p.sources), site.tool.cc.edition,
		site.tool.cc.stamp, sys and each_line(site.sys) or "-")
	for _, file in ipairs(files) do
		key = key .. pack(file, each_line(site.files[file]))
	end
	return {
		label = ("compile %s:%s"):format(essay.name, p.name),
		key = key,
		files = { program = table.concat(out, "\n") },
		commands = out,
	}
end

-- ---- Running ----

local function table_sum(text)
	local sum = 0
	for row in text:gsub("^[^\n]*\n", ""):gmatch("[^\n]+") do
		sum = sum + tonumber(row:match("[^\t]*$"))
	end
	return sum
end

-- What the commands of a compiled program leave.
local function execute(site, p, binary, words, results)
	local total, said = 0, {}
	for _, line in ipairs(binary.commands) do
		local verb, what = line:match("^(%l+) ?(.*)$")
		if verb == "add" then
			total = total + tonumber(what)
		elseif verb == "say" then
			said[#said + 1] = what .. "\n"
		elseif verb == "arguments" and p.args ~= "" then
			total = total + tonumber(p.args)
		elseif verb == "point" and words ~= "" then
			total = total + tonumber(words:match("=(.*)"))
		elseif verb == "file" then
			total = total + tonumber(site.files[what][1])
		elseif verb == "take" then
			total = total + table_sum(results[what])
		end
	end
	return { ["out.tsv"] = ("i\ty\n0\t%d\n"):format(total), stdout = #said > 0 and table.concat(said) or nil }
end

-- ---- The plan ----

local function find_essay(site, p)
	for _, essay in ipairs(site.essays) do
		for _, item in ipairs(essay.items) do
			if item == p then
				return essay
			end
		end
	end
end

-- Programs of an essay's plan: its own in order, each before those it needs, then those only figures draw from.
local function programs_of(essay)
	local list = {}
	local function visit(p)
		if list[p] then
			return
		end
		list[p] = true
		list[#list + 1] = p
		for _, other in ipairs(p.needs) do
			visit(other)
		end
	end
	for _, item in ipairs(essay.items) do
		if item.kind == "program" then
			visit(item)
		end
	end
	for _, item in ipairs(essay.items) do
		if item.kind == "figure" then
			for _, p in ipairs(item.from) do
				visit(p)
			end
		end
	end
	return list
end

-- The actions of one program, appended to `actions`; `done` has the results of programs planned before.
local function plan_program(site, p, actions, done)
	if done[p] then
		return done[p]
	end
	local essay = find_essay(site, p)
	local binary = compile(site, essay, p)
	local inputs, results = {}, {}
	actions[#actions + 1] = binary
	for _, path in ipairs(p.inputs) do
		inputs[#inputs + 1] = pack(path, each_line(site.files[path]))
	end
	for _, other in ipairs(p.needs) do
		local text = plan_program(site, other, actions, done)
		inputs[#inputs + 1] = pack(other.name, text)
		results[other.name] = text
	end
	local name = ("%s:%s"):format(essay.name, p.name)
	local gathered, printed, below = "n\ti\ty\n", {}, {}
	for _, n in ipairs(#p.points > 0 and p.points or { false }) do
		local words = n and "n=" .. n or ""
		local run = {
			label = "run " .. name .. (n and " " .. words or ""),
			key = pack("run", p.name, binary.files.program, p.args, words, each_line(inputs)),
			files = execute(site, p, binary, words, results),
		}
		actions[#actions + 1] = run
		local text = run.files["out.tsv"]
		done[p] = text
		if n then
			gathered = gathered .. n .. "\t" .. text:match("\n(.*)")
			printed[#printed + 1] = run.files.stdout and ("# %s\n%s"):format(words, run.files.stdout)
			below[#below + 1] = pack(words, text, run.files.stdout or "")
		end
	end
	if #p.points > 0 then
		actions[#actions + 1] = {
			label = "gather " .. name,
			key = pack("gather", each_line(below)),
			files = { ["out.tsv"] = gathered, stdout = #printed > 0 and table.concat(printed) or nil },
		}
		done[p] = gathered
	end
	return done[p]
end

local function plan_figure(site, essay, figure, actions, done)
	local script = each_line(flat_lines(figure, {}))
	local parts, sum = {}, 0
	for _, p in ipairs(figure.from) do
		parts[#parts + 1] = pack(#figure.from > 1 and p.name or "", done[p])
		sum = sum + table_sum(done[p])
	end
	for narrow = 0, 1 do
		local width = narrow == 1 and 380 or 680
		local tool = site.tool.gnuplot
		actions[#actions + 1] = {
			label = ("plot %s:%s%s"):format(essay.name, figure.name, narrow == 1 and " (narrow)" or ""),
			key = pack("plot", figure.name, width, script, tool.edition, tool.stamp, each_line(parts)),
			files = {
				["figure.svg"] = ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="200" viewBox="0 0 %d 200">\n' ..
					'<text x="9" y="9">%s %s %d</text>\n</svg>\n'):format(width, width, tool.stamp, script:gsub("\n", " "), sum),
			},
		}
	end
end

-- What a build of one essay has to have done.
--
-- Returns its actions, each { label, key, files }, where files are the outputs byte for byte, and the tables of its
-- programs by program: what it publishes.
function model.plan(site, essay)
	local actions, done = {}, {}
	local programs = programs_of(essay)
	for _, p in ipairs(programs) do
		plan_program(site, p, actions, done)
	end
	for _, item in ipairs(essay.items) do
		if item.kind == "figure" then
			plan_figure(site, essay, item, actions, done)
		end
	end
	if #essay.luas > 0 then
		local parts = {}
		for _, p in ipairs(essay.luas) do
			parts[#parts + 1] = p.name
		end
		for _, p in ipairs(programs) do
			parts[#parts + 1] = pack(p.name, done[p])
		end
		actions[#actions + 1] = { label = "evaluate " .. essay.name, key = pack("evaluate", essay.name, each_line(parts)), files = {} }
	end
	return actions, done
end

-- Does an essay take results, directly or not, from another?
function model.takes_from(site, essay, other)
	for _, p in ipairs(programs_of(essay)) do
		if find_essay(site, p) == other then
			return true
		end
	end
	return false
end

-- ---- Text ----

local function option(name, value)
	return value ~= "" and (' %s="%s"'):format(name, value) or ""
end

-- Names of programs as this essay writes them.
local function names(site, essay, programs)
	local out = {}
	for i, p in ipairs(programs) do
		local owner = find_essay(site, p)
		out[i] = (owner == essay and "" or owner.name .. ":") .. p.name
	end
	return table.concat(out, " ")
end

local function head(site, essay, item)
	if item.kind == "program" then
		return ("```c {#%s .program%s%s%s%s%s%s}"):format(item.name, option("needs", names(site, essay, item.needs)),
			option("sweep", #item.points > 0 and "n=" .. table.concat(item.points, ",") or ""),
			option("sources", table.concat(item.sources, " ")), option("inputs", table.concat(item.inputs, " ")),
			option("args", item.args), option("cflags", item.cflags))
	elseif item.kind == "figure" then
		return ('```gnuplot {#%s .figure from="%s" caption="A caption." alt="Nothing to see."}'):format(item.name,
			names(site, essay, item.from))
	end
	return ("```c {#%s}"):format(item.name)
end

-- The essay as its author would type it.
function model.essay_text(site, essay)
	local out = {
		"---", "title: Essay " .. essay.name, "category: Test", "summary: An essay of the property test.", "date: 2026-01-01",
		"tags: [test]", "---", "", "These are words: " .. table.concat(essay.words, " ") .. ".", "",
	}
	for _, p in ipairs(essay.luas) do
		out[#out + 1] = ("It prints `{lua} %s.out.y[1]` here.\n"):format(p.name)
	end
	for _, item in ipairs(essay.items) do
		for i, block in ipairs(item.blocks) do
			out[#out + 1] = i == 1 and head(site, essay, item) or head(site, essay, { name = item.name })
			for _, line in ipairs(block) do
				out[#out + 1] = line.ref and "<<" .. line.ref.name .. ">>" or line
			end
			out[#out + 1] = "```\n"
		end
	end
	return table.concat(out, "\n") .. "\n"
end

-- The first value of a table, as the page prints it.
function model.first_value(text)
	return text:match("\n[^\n]*\t(%-?%d+)\n")
end

return model
