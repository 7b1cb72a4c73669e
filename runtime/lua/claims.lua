-- Claims: sentences that the build checks.

local host = ...
local public, fail = host.public, host.fail

-- host.claim is the claim being evaluated: {says =, fails =, checks = {{holds, detail}}, cites = {{key, where}}}.

local function new_claim()
	return {checks = {}, cites = {}}
end

local function current(who)
	return host.claim or fail("%s belongs in a claim chunk", who)
end

local function text(x, who)
	if type(x) ~= "string" or not x:find("%S") then
		fail("%s wants a text, not %s", who, x == "" and "an empty one" or host.type(x))
	elseif x:find("[^%C\t\n]") then
		fail("%s has a control character: write TeX in [[…]], where a backslash is one", who)
	end
	return (x:gsub("%s+", " "))
end

-- says "sentence"
function public.says(sentence)
	local claim = current("says")
	if claim.says then
		fail("a claim says one sentence")
	end
	claim.says = text(sentence, "says")
end

-- fails "reason": the claim is published although, and because, it does not hold
function public.fails(reason)
	local claim = current("fails")
	if claim.fails then
		fail("a claim fails for one reason")
	end
	claim.fails = text(reason, "fails")
end

local COMPARE = {
	["<"] = function(a, b) return a < b end,
	["<="] = function(a, b) return a <= b end,
	[">"] = function(a, b) return a > b end,
	[">="] = function(a, b) return a >= b end,
	["=="] = function(a, b) return a == b end,
	["~="] = function(a, b) return a ~= b end,
}

-- Numbers have an order; texts and booleans are only equal or not.
local function check_side(x, op, side)
	local comparable = math.type(x) or
		((op == "==" or op == "~=") and (type(x) == "string" or type(x) == "boolean"))
	if not comparable then
		fail("the %s side of '%s' is %s, not a number", side, op, host.type(x))
	end
end

-- holds(a, op, b), op one of < <= > >= == ~=
function public.holds(a, op, b)
	local claim = current("holds")
	local compare = COMPARE[op]
	if not compare then
		fail("holds(a, op, b) wants < <= > >= == or ~= for op, not %s", host.quoted(op))
	end
	check_side(a, op, "left")
	check_side(b, op, "right")
	if type(a) ~= type(b) then
		fail("'%s' compares a %s with a %s", op, type(a), type(b))
	end
	local left, right = host.apart(a, b)
	claim.checks[#claim.checks + 1] = {compare(a, b), ("%s %s %s"):format(left, op, right)}
end

-- What published { … } gives has this key.
local PUBLISHED = {}

local function add_cite(claim, published)
	for _, cite in ipairs(claim.cites) do
		if cite[1] == published.cite and cite[2] == published.where then
			return
		end
	end
	claim.cites[#claim.cites + 1] = {published.cite, published.where}
end

-- published { 40.3, "GB", cite = "dao2022", where = "Figure 2" } -> { value =, unit =, cite =, where = }
function public.published(t)
	if type(t) ~= "table" or host.kind(t) or not math.type(t[1]) or t[1] ~= t[1] then
		fail("published wants { number, \"unit\", cite = \"key\", where = \"place\" }")
	end
	for name in pairs(t) do
		if name ~= 1 and name ~= 2 and name ~= "cite" and name ~= "where" then
			fail("published has no '%s'%s", tostring(name), host.nearest(tostring(name), {"cite", "where"}))
		end
	end
	local published = {
		[PUBLISHED] = true,
		value = t[1],
		unit = t[2] ~= nil and text(t[2], "published's unit") or "",
		cite = text(t.cite, "published's cite"),
		where = t.where ~= nil and text(t.where, "published's where") or "",
	}
	if host.claim then
		add_cite(host.claim, published)
	end
	return published
end

local function with_unit(number, unit)
	return unit == "" and number or number .. "\u{00A0}" .. unit
end

-- "rel" or "abs" and the number given under it.
local function tolerance_of(t)
	if type(t) ~= "table" or host.kind(t) or (t.rel == nil) == (t.abs == nil) then
		fail("agrees(x, published, tolerance) wants { rel = share } or { abs = distance } for tolerance")
	end
	local name = t.rel ~= nil and "rel" or "abs"
	for other in pairs(t) do
		if other ~= name then
			fail("a tolerance has no '%s'", tostring(other))
		end
	end
	if not math.type(t[name]) or not (t[name] >= 0 and t[name] < math.huge) then
		fail("the tolerance %s is to be a number from 0 on, not %s", name, host.quoted(t[name]))
	end
	return name, t[name]
end

-- agrees(x, published { … }, { rel = 0.10 } or { abs = 0.5 })
function public.agrees(x, published, tolerance)
	local claim = current("agrees")
	if not math.type(x) then
		fail("agrees wants a number, not %s", host.type(x))
	elseif type(published) ~= "table" or not rawget(published, PUBLISHED) then
		fail("agrees(x, published { … }, tolerance) wants what published { … } gives")
	end
	local name, allowed = tolerance_of(tolerance)
	local value, unit = published.value, published.unit
	local off = math.abs(x - value)
	local holds, distance, limit
	if name == "abs" then
		holds = off <= allowed
		distance, limit = host.apart(off, allowed)
		distance, limit = with_unit(distance, unit), with_unit(limit, unit)
	elseif value == 0 then
		fail("nothing agrees with 0 by a share of it: give { abs = … }")
	else
		holds = off <= allowed * math.abs(value)
		distance, limit = host.apart(100 * off / math.abs(value), 100 * allowed)
		distance, limit = with_unit(distance, "%"), with_unit(limit, "%")
	end
	local left, right = host.apart(x, value)
	local detail = ("%s against %s, %s off, %s allowed"):format(
		with_unit(left, unit), with_unit(right, unit), distance, limit)
	claim.checks[#claim.checks + 1] = {holds, detail}
	add_cite(claim, published)
end

local function emit_claim(claim, chunk)
	host.emit("claim", chunk, claim.says, claim.fails or "")
	for _, check in ipairs(claim.checks) do
		host.emit("check", check[1] and "holds" or "not", check[2])
	end
	for _, cite in ipairs(claim.cites) do
		host.emit("cite", cite[1], cite[2])
	end
	host.emit_sources()
end

function host.run_claim(run, chunk)
	host.begin(run)
	host.claim = new_claim()
	run()
	if not host.claim.says then
		fail("the claim says nothing: begin with says \"…\"")
	elseif #host.claim.checks == 0 then
		fail("the claim checks nothing: it wants holds(…) or agrees(…)")
	end
	emit_claim(host.claim, chunk)
end

-- What was checked before a program turned out not to be recorded does not count.
function host.claim_absent(_, chunk)
	local claim = host.claim or new_claim()
	claim.checks = {}
	claim.says = claim.says or chunk
	emit_claim(claim, chunk)
end
