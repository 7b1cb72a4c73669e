-- The benchmark's report: lua5.4 report.lua TIMES COPIES JOBS
--
-- TIMES holds lines of timeit.c (a name, the times of the rounds), and "NAME.memory" with KiB. Prints every measurement, then
-- every goal; exits with 1 when one is not met. A ratio is taken round by round, where both sides met the same machine, and
-- its median counts.

local times, copies, jobs = {}, tonumber(arg[2]), arg[3]
for line in io.lines(arg[1]) do
	local name, rest = line:match("^([^\t]+)\t(.*)$")
	times[name] = {}
	for field in rest:gmatch("[^\t]+") do
		table.insert(times[name], tonumber(field))
	end
end

-- The value below which a share of the list lies.
local function quantile(list, share)
	local sorted = {table.unpack(list)}
	table.sort(sorted)
	local at = share * (#sorted - 1)
	local below = math.floor(at)
	local low, high = sorted[below + 1], sorted[math.min(below + 2, #sorted)]
	return low + (at - below) * (high - low)
end

local function median(name)
	return quantile(assert(times[name], name), 0.5)
end

local function ratio(name, to)
	local list = {}
	for i, time in ipairs(times[name]) do
		list[i] = time / times[to][i]
	end
	return quantile(list, 0.5)
end

print(("\n%-46s %9s      quartiles, with -j %s"):format("", "median", jobs))
for _, row in ipairs {
	{"cold", "cold build"},
	{"cold-floor", "  its commands, in their sandboxes"},
	{"cold-bare", "  its commands, without sandboxes"},
	{"chunk", "one chunk changed"},
	{"chunk-floor", "  its commands, in their sandboxes"},
	{"chunk-bare", "  its commands, without sandboxes"},
	{"word", "one word changed"},
	{"no-op", "nothing changed"},
	{"ninja", "  ninja, an equal graph"},
	{"many", copies .. " essays, cold"},
	{"many-word", copies .. " essays, one word changed"},
	{"many-no-op", copies .. " essays, nothing changed"},
} do
	local name, what = row[1], row[2]
	print(("  %-44s %9.1f ms   %.1f .. %.1f"):format(what, median(name), quantile(times[name], 0.25), quantile(times[name], 0.75)))
end

local missed, n = 0, 0

local function goal(what, value, most, unit)
	local met = value <= most
	n = n + 1
	missed = missed + (met and 0 or 1)
	print(("  %-44s %9.2f %-2s   goal %g   %s"):format(what, value, unit, most, met and "met" or "NOT MET"))
end

print("\ngoals")
goal("cold build over its floor", ratio("cold", "cold-floor"), 1.15, "")
goal("one chunk over its floor", ratio("chunk", "chunk-floor"), 1.2, "")
goal("one word", median("word"), 20, "ms")
goal("nothing changed", median("no-op"), 10, "ms")
goal("nothing changed, over ninja", ratio("no-op", "ninja"), 2, "")
goal(("an essay of %d over one alone, cold"):format(copies), median("many") / copies / median("many-one"), 1.1, "")
goal(("%d essays, nothing changed"):format(copies), median("many-no-op"), 25, "ms")
local peak = 0
for _, kind in ipairs {"cold", "chunk", "word", "many"} do
	peak = math.max(peak, median(kind .. ".memory"))
end
goal("peak memory of weft itself", peak / 1024, 32, "MB")
print(("%d goals met, %d not met"):format(n - missed, missed))
os.exit(missed == 0)
