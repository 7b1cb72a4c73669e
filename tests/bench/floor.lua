-- The floors of a build, from what witness.c saw of it: lua5.4 floor.lua DIR STEPS
--
-- DIR/jobs lists the commands that weft executed, each beside a copy of its private directory. Writes two files for pool.c:
--
--     DIR/walled   the same commands in the same sandbox
--     DIR/bare     what the sandboxes hold, without them
--
-- With STEPS = "in-turn" all compiles end before the first run starts, and all runs before the first figure, as one change
-- has it; with "at-once" nothing waits, which is less than any build can do.

local dir, steps = arg[1], arg[2]

-- The jobs in the order they were started.
local function read_jobs(path)
	local jobs, job = {}, {env = {}, arg = {}}
	for line in io.lines(path) do
		local kind, text = line:match("^(%a+) (.*)$")
		if kind == "dir" or kind == "was" then
			job[kind] = text
		elseif kind == "env" or kind == "arg" then
			table.insert(job[kind], text)
		elseif kind == "end" then
			jobs[#jobs + 1], job = job, {env = {}, arg = {}}
		end
	end
	return jobs
end

local function is_walled(job)
	return job.arg[1]:match("/bwrap$") ~= nil
end

-- Where the command proper begins.
local function command_index(job)
	for i, word in ipairs(job.arg) do
		if is_walled(job) and word == "--" then
			return i + 1
		end
	end
	return 1
end

-- 1 a compile, 2 a run, 3 a figure.
local function step_of(job)
	local tool = job.arg[command_index(job)]
	if tool:match("/gnuplot[^/]*$") then
		return 3
	end
	return tool:match("^/prog/") and 2 or tool:match("/store/") and 2 or 1
end

local function substitute(text, from, to)
	local at, last = text:find(from, 1, true)
	return at and text:sub(1, at - 1) .. to .. text:sub(last + 1) or text
end

local function copy(from, to)
	local input, output = assert(io.open(from, "rb")), assert(io.open(to, "wb"))
	output:write(input:read("a"))
	input:close()
	output:close()
end

local function walled(job)
	local out = {dir = job.dir, env = {}, arg = {}}
	for _, list in ipairs {"env", "arg"} do
		for i, word in ipairs(job[list]) do
			out[list][i] = substitute(word, job.was, job.dir)
		end
	end
	return out
end

-- The command behind the walls, in a directory that holds what was bound into it.
local function bare(job)
	if not is_walled(job) then
		return walled(job)
	end
	local out, first, programs = {dir = job.dir .. "-bare", env = {}, arg = {}}, command_index(job), {}
	assert(os.execute(("cp -a '%s' '%s'"):format(job.dir, out.dir)))
	for i = 1, first - 1 do
		local real, seen = job.arg[i + 1], job.arg[i + 2]
		if job.arg[i] == "--ro-bind" and seen:match("^/out/") then
			assert(os.execute(("mkdir -p \"$(dirname '%s')\""):format(out.dir .. seen:sub(5))))
			copy(real, out.dir .. seen:sub(5))
		elseif job.arg[i] == "--ro-bind" and seen:match("^/prog/") then
			programs[seen] = real
		end
	end
	for i = first, #job.arg do
		local word = programs[job.arg[i]] or job.arg[i]
		table.insert(out.arg, substitute(word, "/out", out.dir))
	end
	for i, word in ipairs(job.env) do
		out.env[i] = substitute(word, "/out", out.dir)
	end
	return out
end

local function write(path, jobs, change)
	local f <close> = assert(io.open(path, "w"))
	local last = jobs[1].step
	for _, job in ipairs(jobs) do
		local changed = change(job)
		if steps == "in-turn" and job.step ~= last then
			f:write("wait\n")
		end
		last = job.step
		f:write("dir ", changed.dir, "\n")
		for _, list in ipairs {"env", "arg"} do
			for _, word in ipairs(changed[list]) do
				f:write(list, " ", word, "\n")
			end
		end
		f:write("end\n")
	end
end

local jobs = read_jobs(dir .. "/jobs")
for i, job in ipairs(jobs) do
	job.step, job.index = step_of(job), i
end
if steps == "in-turn" then
	table.sort(jobs, function(a, b) return a.step < b.step or (a.step == b.step and a.index < b.index) end)
end
write(dir .. "/walled", jobs, walled)
write(dir .. "/bare", jobs, bare)
local count = {0, 0, 0}
for _, job in ipairs(jobs) do
	count[job.step] = count[job.step] + 1
end
print(("%d compiles, %d runs, %d figures%s"):format(count[1], count[2], count[3], is_walled(jobs[1]) and "" or ", unwalled"))
