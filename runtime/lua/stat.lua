-- Statistics over a column of a table or a list of numbers.

local host = ...
local stat = {}
host.public.stat = stat

-- Kahan and Babuška's compensated sum. Whole numbers add up to a whole number.
local function total(xs)
	local sum, rest, whole = 0.0, 0.0, 0
	for i = 1, #xs do
		local x = xs[i]
		whole = whole and math.type(x) == "integer" and whole + x
		local next_sum = sum + x
		if math.abs(sum) >= math.abs(x) then
			rest = rest + ((sum - next_sum) + x)
		else
			rest = rest + ((x - next_sum) + sum)
		end
		sum = next_sum
	end
	if whole and math.abs(sum) < 2.0 ^ 62 then
		return whole
	end
	-- An infinite sum has no rest.
	return rest == rest and sum + rest or sum
end

-- stat.sum(xs)
function stat.sum(xs)
	return total(host.numbers(xs, "stat.sum", 0))
end

-- stat.mean(xs)
function stat.mean(xs)
	xs = host.numbers(xs, "stat.mean", 1)
	return total(xs) / #xs
end

-- stat.median(xs): of an even number, the mean of the middle two
function stat.median(xs)
	xs = host.numbers(xs, "stat.median", 1)
	for i = 1, #xs do
		if xs[i] ~= xs[i] then
			return xs[i]
		end
	end
	table.sort(xs)
	local middle = (#xs + 1) // 2
	if #xs % 2 == 1 then
		return xs[middle]
	end
	return (xs[middle] + xs[middle + 1]) / 2
end

-- The number that comes before all others; NaN if there is one.
local function extreme(xs, before)
	local found = xs[1]
	for i = 2, #xs do
		if xs[i] ~= xs[i] or before(xs[i], found) then
			found = xs[i]
		end
	end
	return found
end

-- stat.min(xs)
function stat.min(xs)
	return extreme(host.numbers(xs, "stat.min", 1), function(x, y) return x < y end)
end

-- stat.max(xs)
function stat.max(xs)
	return extreme(host.numbers(xs, "stat.max", 1), function(x, y) return x > y end)
end

local function line(xs, ys, who)
	if #xs ~= #ys then
		error(("%s wants as many x as y, not %d and %d"):format(who, #xs, #ys), 0)
	end
	local mx, my = total(xs) / #xs, total(ys) / #ys
	local xx, xy = {}, {}
	for i = 1, #xs do
		xx[i] = (xs[i] - mx) * (xs[i] - mx)
		xy[i] = (xs[i] - mx) * (ys[i] - my)
	end
	local spread = total(xx)
	if spread == 0 then
		error(who .. " wants two different x at least", 0)
	end
	local slope = total(xy) / spread
	return slope, my - slope * mx
end

-- stat.slope(xs, ys) -> slope, intercept   of the least-squares line
function stat.slope(xs, ys)
	return line(host.numbers(xs, "stat.slope", 2), host.numbers(ys, "stat.slope", 2), "stat.slope")
end

-- stat.loglog(xs, ys) -> exponent, factor's logarithm   y = e^factor x^exponent, fitted to the logarithms
function stat.loglog(xs, ys)
	local logs = {host.numbers(xs, "stat.loglog", 2), host.numbers(ys, "stat.loglog", 2)}
	for _, list in ipairs(logs) do
		for i = 1, #list do
			if not (list[i] > 0) then
				error("stat.loglog wants numbers above 0, not " .. host.plain(list[i]), 0)
			end
			list[i] = math.log(list[i])
		end
	end
	return line(logs[1], logs[2], "stat.loglog")
end
