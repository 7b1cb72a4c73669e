-- On text without weft's syntax, mark_parse() and cmark-gfm agree: lua5.4 tests/engine/spec.lua WEFT [DOCUMENTS [SEED]]
--
-- Documents come from a corpus that covers every construct of CommonMark and of GFM, each snippet as it is, and then by the
-- thousand from pieces of it, cut, joined, indented, quoted, with bytes put in that mean something to cmark or to weft.
-- markxml.c parses each twice and compares the trees; here is decided, from the words of tangle/mark.h alone,
-- which of them are certainly none of weft's. That the plain half is what the command cmark-gfm prints is checked on the
-- corpus and on a sample of the others.
--
-- Documents depend on SEED alone (1 unless given).

local weft, ndocuments, seed = arg[1], tonumber(arg[2] or 20000), tonumber(arg[3] or 1)
if not weft then
	io.stderr:write("usage: lua5.4 tests/engine/spec.lua WEFT [DOCUMENTS [SEED]]\n")
	os.exit(2)
end

-- Snippets of plain markdown. Everything in the corpus is cmark's alone, also what has a '$' or an '@' in it.
local corpus = {
	-- paragraphs and breaks
	"one\n", "one\ntwo\n", "one\n\ntwo\n", "one  \ntwo\n", "one\\\ntwo\n", "  one\n   two\n", "one   \n", "\n\n one\n\n\n", "é – ü 漢字 🙂\n",
	-- headings
	"# one\n", "###### six\n", "####### seven\n", "#one\n", "# one ##\n", "## two #two#\n", "#\n", "# \\#\n", "  # in\n", "    # far\n",
	"one\n===\n", "one\ntwo\n---\n", "one\n  ==  \n", "- a\n---\n", "> a\n===\n", "\\# no\n",
	-- breaks between sections
	"---\n", "***\n", "_ _ _\n", "--\n", "- - -\n", " **  * ** * ** * **\n", "one\n***\ntwo\n", "-----a\n",
	-- indented code
	"    code\n", "    a\n\n      b\n", "one\n    two\n", "\tcode\n", "  \tcode\n", "    a\none\n",
	-- fences
	"```\na < b\n```\n", "~~~ c\nint x;\n~~~\n", "````\n```\n````\n", "```\nopen\n", "``` a`b\n", "  ```\n  a\n ```\n", "```c {#x .program}\nint x;\n```\n",
	"~~~~ruby startline=3 $%@#$\ndef foo\n~~~~\n", "> ```\n> a\nb\n", "```\n\n  \n```\n", "one\n```\ntwo\n```\nthree\n",
	-- HTML
	"<div>\n*a*\n</div>\n", "<!-- a\n\nb -->\n", "<?php\n\n?>\n", "<!X y>\n", "<script>\n\na\n</script>\nb\n", "<del>*a*</del>\n", "<a href=\"x$y\" @b>\n",
	"a <b c='d'> e </b>\n", "a <br/> b\n", "<33> <__>\n", "a <!-- b -- c --> d\n", "<table><tr><td>\n<pre>\n**a**,\n\n_b_.\n</pre>\n</td></tr></table>\n",
	-- link reference definitions
	"[a]: /u 'T'\n\n[a]\n", "[a]\n\n[a]: <u v>\n", "[A B]: u\n\n[a  b][]\n", "[a]: u\n[a]: v\n\n[x][a]\n", "[a]:\n/u\n'one\ntwo'\n\n[a]\n", "[a]: /u 'T' x\n\n[a]\n",
	"# [a]\n[a]: /u\n> b\n", "[a\\]]: u\n\n[a\\]]\n", "[ẞ]: /u\n\n[SS]\n", "[@a]: /u\n\n[@a]\n", "[$]: /u\n\n[$]\n",
	-- quotes
	"> a\n> b\n", "> a\nb\n", ">a\n", "> > a\n> b\n", ">\n> a\n>\n", "> - a\n> - b\n", "> a\n\n> b\n", ">     code\n\n>    no\n", "> a\n---\n",
	-- lists
	"- a\n- b\n", "* a\n\n* b\n", "+ a\n  - b\n    1. c\n", "1. a\n2. b\n", "3) a\n3) b\n", "- a\n\n  b\n", "-\n  a\n", "- a\n-\n- c\n", "10. a\n    b\n",
	"-one\n", "1234567890. no\n", "- a\n * b\n  + c\n", "a\n1. b\n", "a\n2. b\n", "- a\n\n\n- b\n", "-    code\n", "-      a\n", "1.  a\n\n        code\n", "- a\n  > b\n  ```\n  c\n  ```\n",
	"- # a\n- b\n  ---\n  c\n", "- [ ] open\n- [x] done\n", "1. [X] a\n   - [ ] b\n", "- [y] no\n- [ ]no\n", "- a\n- b\n\n+ c\n",
	-- code spans
	"`a`\n", "`` a`b ``\n", "` a `\n", "`a\nb`\n", "`a\n", "``a`\n", "*a `*`\n", "`{lua} x`\n", "`$a$`\n", "`@fig-a`\n", "`[@a]`\n", "`a\\`b`\n",
	-- escapes and entities
	"\\!\\\"\\#\\$\\%\\&\\'\\@\n", "\\a \\é\n", "&amp; &copy; &#35; &#X22; &nbsp; &xyz; &#0;\n", "\\*a*\n", "a\\\\*b*\n", "&#42;a*\n", "\\$a$\n", "a \\@b\n",
	-- emphasis
	"*a* **b** _c_ __d__\n", "***a***\n", "**a *b* c**\n", "*a **b***\n", "a*b*c a_b_c\n", "* a*\n", "**a\n", "*a _b* c_\n", "_(**a**)_\n", "foo*bar*\n", "*foo\nbar*\n",
	"**a `**`\n", "***a** b*\n", "*a [b*](u)\n", "пристаням_стремятся_\n",
	-- strikethrough
	"~~a~~ b\n", "~a~\n", "~~a\n\nb~~\n", "~~~a~~~ b\n", "a~~b~~c\n", "*~~a*~~\n",
	-- links and images
	"[a](u)\n", "[a](<u v> \"t\")\n", "[a](u 'x \"y\"')\n", "[a](u(v)w)\n", "[a]()\n", "[a] (u)\n", "[a](u v)\n", "[*a*](u)\n", "[a [b](c) d](e)\n", "![a](u)\n", "![a *b*][c]\n\n[c]: d\n",
	"[![a](b)](c)\n", "!\\[a](b)\n", "[a](u\\)v)\n", "[a](\n  u\n  't'\n)\n", "[a][b]\n", "[link](foo$bar) $5\n", "[@a](u)\n", "[see @a](u)\n", "![@a](u)\n", "[@a][r]\n\n[r]: u\n",
	"[a@b](u) @c\n", "![$a](u)\n", "[see @fig-a](u)\n", "![@tab-b](u)\n", "[@a; @b](u)\n",
	-- autolinks
	"<http://a.b/c?d=e>\n", "<x.y@z.org>\n", "<a+b:c>\n", "<m:abc d>\n", "http://a.b/c, www.x.org. https://y.z/(a)\n", "me@x.org and a.b-c_d@e.f.g\n", "ftp://a.b no.scheme www.a_b.c\n",
	"www.a.b/c&amp; http://a.b/&lt;\n", "a@b-.c a@b_c.d\n", "mailto:a@b.c xmpp:a@b.c/d\n", "*www.a.b*\n", "(http://a.b/c)\n",
	-- tables
	"| a | b |\n| - | - |\n| c | d |\n", "a|b\n:-|-:\nc|d\ne\n", "| a |\n|:-:|\n| `\\|` |\n| b \\| c |\n", "| a | b |\n| - |\n", "| a |\n| - |\n| b | c |\n\nd\n", "| a |\n| - |\n> b\n",
	"| *a* | ~~b~~ | [c](d) |\n|---|:--|--:|\n| $1 | 2@3 | `x` |\n", "text\n| a |\n|---|\n| b |\n", "|a|\n|-\n", "- | a | b |\n  |---|---|\n  | c | d |\n", "> | a |\n> |---|\n> | b |\n",
	-- footnotes
	"a[^1]\n\n[^1]: b\n", "[^n]: a\n\n    b\n\nc[^n] d[^n]\n", "a[^no]\n", "[^a]: *b* [^c]\n\n[^c]: d\n\n[^a]\n", "[^1]\n\n[^1]:\n    > a\n", "[^a b]: c\n", "^[a]\n",
	-- dollars and ats that are text
	"$\n", "it costs $5\n", "$5 and $6\n", "a $ b $ c\n", "$ a$\n", "$a $\n", "a$b$\n", "$a`$`\n", "5$ x $\n", "$`a`$\n", "@\n", "@word\n", "@ a\n", "a @b, @c; @d.\n", "a.b@c\n", "@@a\n",
	"[@]\n", "[@ a]\n", "[-@]\n", "[@*a*]\n", "@figure-a\n", "@fig\n", "@fig-\n", "x@fig-a\n", "{#sec-a}\n", "## A {#sec-a}\n", "{a} {#b .c}\n", "$ {#eq-a}\n", "\\$\\$a\\$\\$\n",
	"$a\\`$\n", "[@a_www.b.c\n", "x; @b_www.c.d\n", "[@http://a.b\n", "[see @ftp://a.b\n", "[x @me@x.org\n", "[@a-b@c.d\n", "[-@a@b.c\n", "x [see @b\n", "; @a_www.-\n", "x; @a, y\n",
}

local generator = seed

-- A number of 1 .. n.
local function draw(n)
	generator = (generator * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff
	return (generator >> 33) % n + 1
end

-- Is nothing in the text what tangle/mark.h calls math, a citation or a cross reference? False when in doubt.
local function is_plain(text)
	-- A display, or a line that opens one.
	if text:find("$$", 1, true) then
		return false
	end
	-- Could some '$' open, and a later one close?
	for open in text:gmatch("()%$") do
		if text:find("^%$[^ \t\r\n]", open) then
			for close in text:sub(open + 2):gmatch("()%$") do
				if not text:find("^[ \t\r\n]", open + close) and not text:find("^%$%d", open + close + 1) and
					not text:sub(open, open + close + 1):find("`", 1, true) then
					return false
				end
			end
		end
	end
	for _, kind in ipairs {"fig", "tab", "eq", "sec", "claim"} do
		if text:find("@" .. kind .. "-", 1, true) then
			return false
		end
	end
	-- A key, and a bracket somewhere before it.
	local key = text:find("@%w", 1)
	local bracket = text:find("[", 1, true)
	while key and not (bracket and bracket < key) do
		key = text:find("@%w", key + 1)
	end
	return not key
end

local bits = {
	"$", "$", "@", "@", "[@", "[-@", "[@a", "[see @a", "; @b", ", p. 7]", "{", "}", "{#", "`", "``", "$5", "@fig", "@w", "$$", "\\", "*", "**", "_", "~~", "[", "]", "](u)", "![", "(", ")", "<", ">",
	"|", "\n", "\n\n", "\n> ", "\n- ", "\n1. ", "\n    ", "\t", "  \n", "#", "\n# ", "\n---\n", "\n```\n", "\n| - | - |\n", "&amp;", "&#64;", "&#36;", "http://a.b/", "www.x.yz", "me@x.org", "[^1]",
	"\n[^1]: ", "\n[a]: u\n", "é", "\u{a0}", "!", "\"", "'", ":", ";", ".", "\r\n", "<b>", "</b>", "<!--", "-->", "a", "b c", "7", "=", "+",
}

local function join(a, b)
	return a .. b
end

-- What is done to a document; each step takes and gives one.
local steps = {
	function(text) return join(text, corpus[draw(#corpus)]) end,
	function(text) return join(text:gsub("\n$", ""), corpus[draw(#corpus)]) end,
	function(text) return corpus[draw(#corpus)] .. "\n" .. text end,
	function(text) return "> " .. text:gsub("\n(.)", "\n> %1") end,
	function(text) return "- " .. text:gsub("\n(.)", "\n  %1") end,
	function(text) return (" "):rep(draw(4)) .. text end,
	function(text) return text:sub(1, draw(#text + 1) - 1) end,
	function(text) return text:sub(draw(#text + 1)) end,
	function(text)
		local at = draw(#text + 1)
		return text:sub(1, at - 1) .. text:sub(at + draw(3))
	end,
}
-- Most of the time something is put in.
for _ = 1, 9 do
	steps[#steps + 1] = function(text)
		local at = draw(#text + 1)
		return text:sub(1, at - 1) .. bits[draw(#bits)] .. text:sub(at)
	end
end

-- UTF-8 that a cut left open is mended: mark_parse() is given valid text only.
local function mend(text)
	while true do
		local ok, bad = utf8.len(text)
		if ok then
			return text
		end
		text = text:sub(1, bad - 1) .. text:sub(bad + 1)
	end
end

local function document()
	local text = corpus[draw(#corpus)]
	for _ = 1, draw(8) do
		text = steps[draw(#steps)](text)
	end
	return mend(text:sub(1, 600))
end

-- ---- the run ----

local passed, failed = 0, 0

local function check(ok, claim, detail)
	if ok then
		passed = passed + 1
	else
		failed = failed + 1
		print("FAILED: " .. claim .. (detail and "\n" .. detail or ""))
	end
end

local function write_file(path, text)
	local f <close> = assert(io.open(path, "wb"))
	f:write(text)
end

local function capture(command)
	local p = assert(io.popen(command, "r"))
	local text = p:read("a")
	local ok = p:close()
	return text, ok
end

local work = capture("mktemp -d"):match("[^\n]+")
local build = weft:match("^(.*)/[^/]*$") or "."
local program = work .. "/markxml"
local compile = ("%s -std=c11 -D_GNU_SOURCE %s -isystem /usr/include/cmark-gfm -o %s tests/engine/markxml.c %s/libweft.a "
	.. "-lcmark-gfm-extensions -lcmark-gfm -lcrypto"):format(os.getenv("CC") or "cc", os.getenv("CFLAGS") or "-O2", program, build)

local function clean(status)
	os.execute("rm -rf " .. work)
	print(("%d passed, %d failed, 0 skipped"):format(passed, failed))
	os.exit(status)
end

if not os.execute(compile) then
	check(false, "markxml.c compiles")
	clean(1)
end

-- Compare a batch; the output's last line counts.
local function compare(name, documents)
	write_file(work .. "/" .. name, table.concat(documents, "\x1e") .. "\x1e")
	local out, ok = capture(("%s compare <%s/%s"):format(program, work, name))
	local total, equal, different, ours = out:match("(%d+) (%d+) (%d+) (%d+)\n$")
	return ok and tonumber(total) == #documents, tonumber(equal), tonumber(different), tonumber(ours), out
end

local documents = {}
for i, text in ipairs(corpus) do
	documents[i] = "p" .. text
end
local whole, equal, different, _, out = compare("corpus", documents)
check(whole and different == 0 and equal == #corpus, "the corpus parses as cmark-gfm parses it", out)

local generated, nplain = {}, 0
while #generated < ndocuments do
	local text = document()
	local plain = is_plain(text)
	-- Whether syntax of weft's was seen cannot be told from the tree where cmark takes a footnote out of it.
	if plain or not text:find("[^", 1, true) then
		nplain = nplain + (plain and 1 or 0)
		generated[#generated + 1] = (plain and "p" or "m") .. text
	end
end
local ours
whole, equal, different, ours, out = compare("generated", generated)
check(whole and different == 0, "generated documents without weft's syntax parse as cmark-gfm parses them", out)
-- The generator must make what the claim is about: mostly plain text, and some that is not.
check(nplain > ndocuments / 2 and ours and ours > ndocuments / 100, "most generated documents are plain, some have weft's syntax",
	("%d of %d are plain; weft's syntax was seen in %s"):format(nplain, ndocuments, tostring(ours)))

-- The plain half, against the command.
local sample = {table.unpack(documents)}
for i = 1, 100 do
	sample[#sample + 1] = generated[draw(#generated)]
end
write_file(work .. "/sample", table.concat(sample, "\x1e") .. "\x1e")
local xml, n, wrong = capture(("%s plain <%s/sample"):format(program, work)), 0, nil
for tree in xml:gmatch("([^\x1e]*)\x1e") do
	n = n + 1
	write_file(work .. "/one", sample[n]:sub(2))
	local command = capture("cmark-gfm -e table -e strikethrough -e autolink -e tasklist -e footnotes -t xml " .. work .. "/one")
	if command ~= tree and not wrong then
		wrong = ("%q\n--- cmark-gfm\n%s--- markxml\n%s"):format(sample[n], command, tree)
	end
end
check(n == #sample and not wrong, "what is compared with is what cmark-gfm prints", wrong)

print(("%d documents of a corpus, %d generated: %d certainly plain, %d equal, weft's syntax in %d"):format(#corpus, ndocuments, nplain,
	equal or 0, ours or 0))
clean(failed == 0 and 0 or 1)
