-- Numbers as text, for prose, tables and claims.
--
-- All of it is plain UTF-8: U+2212 for minus, U+202F between groups of three digits from 10 000 on,
-- U+00A0 between a number and its unit. C's printf does the rounding, so it is right to the last digit.

local host = ...
local fmt = {}
host.public.fmt = fmt

local MINUS, THIN, SPACE = "\u{2212}", "\u{202F}", "\u{00A0}"

local function number(x, who)
	if math.type(x) then
		return x
	end
	error(("%s wants a number, not %s"):format(who, x == nil and "nil (a missing cell?)" or "a " .. type(x)), 0)
end

-- A float is refused even if it is whole: in fmt.sig(stat.slope(xs, ys)) it would be the intercept.
local function count(n, who, least)
	if math.type(n) == "integer" and n >= least and n <= 17 then
		return n
	end
	error(("%s wants %d to 17 digits, not %s (a second result? put the call in brackets)"):format(
		who, least, math.type(n) and tostring(n) or type(n)), 0)
end

-- NaN and infinities, which have no digits; nil for other numbers.
local function special(x)
	if x ~= x then
		return "NaN"
	elseif x == math.huge then
		return "∞"
	elseif x == -math.huge then
		return MINUS .. "∞"
	end
end

-- Digits as printf gives them for |x|, in groups and behind the sign. There is no minus before zero.
local function dress(digits, x)
	local whole, rest = digits:match("^(%d+)(.*)$")
	if #whole > 4 then
		local first = (#whole - 1) % 3 + 1
		whole = whole:sub(1, first) .. whole:sub(first + 1):gsub("%d%d%d", THIN .. "%0")
	end
	local minus = x < 0 and digits:find("[1-9]") and MINUS or ""
	return minus .. whole .. rest
end

-- |x| rounded to so many significant digits: "123" and the exponent of the first of them.
local function significant(x, digits)
	local mantissa, exponent = (("%%.%de"):format(digits - 1)):format(math.abs(x + 0.0)):match("^([%d.]+)e(.+)$")
	return mantissa:gsub("%.", ""), math.tointeger(tonumber(exponent))
end

local function with_unit(text, unit)
	return unit and unit ~= "" and text .. SPACE .. unit or text
end

-- fmt.int(x): the nearest whole number.
function fmt.int(x)
	number(x, "fmt.int")
	if math.type(x) == "integer" then
		return dress(("%d"):format(x):gsub("-", ""), x)
	end
	return special(x) or dress(("%.0f"):format(math.abs(x)), x)
end

-- fmt.fixed(x, decimals)
function fmt.fixed(x, decimals)
	number(x, "fmt.fixed")
	decimals = count(decimals, "fmt.fixed", 0)
	return special(x) or dress((("%%.%df"):format(decimals)):format(math.abs(x + 0.0)), x)
end

local SUPERSCRIPT = {
	["-"] = "⁻", ["0"] = "⁰", ["1"] = "¹", ["2"] = "²", ["3"] = "³", ["4"] = "⁴",
	["5"] = "⁵", ["6"] = "⁶", ["7"] = "⁷", ["8"] = "⁸", ["9"] = "⁹",
}

-- fmt.sci(x, digits = 2): "1.2 × 10⁻⁷"
function fmt.sci(x, digits)
	number(x, "fmt.sci")
	digits = count(digits or 2, "fmt.sci", 1)
	if special(x) or x == 0 then
		return special(x) or "0"
	end
	local mantissa, exponent = significant(x, digits)
	mantissa = mantissa:sub(1, 1) .. (digits > 1 and "." .. mantissa:sub(2) or "")
	local power = ("%d"):format(exponent):gsub(".", SUPERSCRIPT)
	return dress(mantissa, x) .. SPACE .. "×" .. SPACE .. "10" .. power
end

-- fmt.sig(x, digits = 3): significant digits, without an exponent where it can be read so.
function fmt.sig(x, digits)
	number(x, "fmt.sig")
	digits = count(digits or 3, "fmt.sig", 1)
	if special(x) or x == 0 then
		return special(x) or "0"
	end
	local mantissa, exponent = significant(x, digits)
	if exponent < -4 or exponent >= 15 then
		return fmt.sci(x, digits)
	end
	local decimals = digits - 1 - exponent
	if decimals > 0 then
		return dress((("%%.%df"):format(decimals)):format(math.abs(x + 0.0)), x)
	end
	return dress(mantissa .. ("0"):rep(-decimals), x)
end

local function is_whole(x)
	return math.abs(x) < 1e15 and x == math.floor(x)
end

-- How a number prints when nothing is said: whole numbers whole, others with three digits.
function host.plain(x)
	return is_whole(x) and fmt.int(x) or fmt.sig(x, 3)
end

local PREFIXES = {
	[-5] = "f", [-4] = "p", [-3] = "n", [-2] = "µ", [-1] = "m", [0] = "",
	"k", "M", "G", "T", "P", "E",
}

-- fmt.si(x, unit = "", digits = 3): "40.3 GB"
function fmt.si(x, unit, digits)
	number(x, "fmt.si")
	digits = count(digits or 3, "fmt.si", 1)
	if special(x) or x == 0 then
		return with_unit(special(x) or "0", unit)
	end
	local _, exponent = significant(x, digits)
	local step = math.max(-5, math.min(6, exponent // 3))
	if step == 0 and is_whole(x) then
		return with_unit(fmt.int(x), unit)
	end
	-- A power of ten up to 22 is exact, so dividing and multiplying by one round once.
	local scale = tonumber("1e" .. 3 * math.abs(step))
	local scaled = step < 0 and x * scale or x / scale
	return with_unit(fmt.sig(scaled, digits), PREFIXES[step] .. (unit or ""))
end

local BINARY = {"KiB", "MiB", "GiB", "TiB", "PiB"}

-- fmt.bytes(x, digits = 3): "48 KiB", "1.50 MiB"
function fmt.bytes(x, digits)
	number(x, "fmt.bytes")
	digits = count(digits or 3, "fmt.bytes", 1)
	local step, scaled = 0, x
	while math.abs(scaled) >= 1024 and step < #BINARY and not special(x) do
		scaled = scaled / 1024
		step = step + 1
	end
	local text = is_whole(scaled) and fmt.int(scaled) or fmt.sig(scaled, digits)
	return with_unit(text, BINARY[step] or "B")
end

-- fmt.percent(x, digits = 2): 0.12 is "12 %"
function fmt.percent(x, digits)
	number(x, "fmt.percent")
	return with_unit(fmt.sig(100 * x, digits or 2), "%")
end

-- fmt.times(x, digits = 2): "8.2×"
function fmt.times(x, digits)
	number(x, "fmt.times")
	return fmt.sig(x, digits or 2) .. "×"
end

-- x with as many of `digits` significant digits as say something, but three at least.
local function shown(x, digits)
	if is_whole(x) or digits == 3 then
		return host.plain(x)
	end
	local all = ("%%.%de"):format(digits - 1):format(x)
	for n = 3, digits do
		if tonumber(("%%.%de"):format(n - 1):format(x)) == tonumber(all) then
			return fmt.sig(x, n)
		end
	end
	return fmt.sig(x, digits)
end

-- Two different numbers as texts that differ as well, of as few digits as that takes. Other values as they are.
function host.apart(a, b)
	if not (math.type(a) and math.type(b)) then
		return tostring(a), tostring(b)
	end
	local digits = 3
	while a ~= b and digits < 17 and fmt.sig(a, digits) == fmt.sig(b, digits) do
		digits = digits + 1
	end
	return shown(a, digits), shown(b, digits)
end
