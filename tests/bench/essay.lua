-- The essays that the benchmark builds: lua5.4 essay.lua SITE COPIES
--
-- Writes SITE/essays/bench-01.md and so on: COPIES essays of one shape, each with 1,500 words, 60 formulas, 6 programs in C
-- that print and leave a table, and 4 figures. Copies differ in a constant of every program and in their title, so that
-- nothing one of them did serves another; formulas differ too. The same arguments give the same bytes.
--
-- Each essay has one line that reads "A word: 1." and one "enum { KNOB = 1 };" in its first program; the benchmark edits these.

local WORDS, FORMULAS, PROGRAMS, FIGURES = 1500, 60, 6, 4

local vocabulary = {}
for word in ([[
	a bound on the error of every step follows from what the step before it left and no later one can lower it so the order
	of the sums decides how much is lost when terms of one sign meet terms of another and cancel in the leading digits only
	where the exponent falls does the spacing of the numbers change which is why a sum that grows slowly keeps more of its
	small terms than one that begins with the largest and the measured curve bends exactly there
]]):gmatch("%a+") do
	vocabulary[#vocabulary + 1] = word
end

local state = 1

-- A number of 0 .. n - 1.
local function draw(n)
	state = (state * 1103515245 + 12345) % 2147483648
	return state // 65536 % n
end

local formulas = {
	function(i) return ("e_{%d} \\le \\frac{%d\\,\\varepsilon}{1 - %d\\,\\varepsilon}"):format(i, i, i) end,
	function(i) return ("\\sum_{k=0}^{%d} x_k^2"):format(i) end,
	function(i) return ("\\sqrt{%d}\\,\\sigma"):format(i) end,
	function(i) return ("x_{%d} = %d\\,x_{%d} \\bmod m"):format(i + 1, i, i) end,
	function(i) return ("O(n^{%d})"):format(i) end,
}

-- `n` words in sentences, with `m` formulas in between.
local function paragraph(n, m, next_formula)
	local out, words = {}, 0
	local every = m > 0 and n // m or n + 1
	while words < n do
		local length = math.min(8 + draw(10), n - words)
		for i = 1, length do
			local word = vocabulary[1 + draw(#vocabulary)]
			words = words + 1
			out[#out + 1] = i == 1 and word:gsub("^%l", string.upper) or word
			if words % every == 0 and m > 0 then
				out[#out + 1] = "$" .. next_formula() .. "$"
				m = m - 1
			end
		end
		out[#out] = out[#out] .. "."
	end
	local lines, line = {}, ""
	for _, word in ipairs(out) do
		if #line + #word > 110 then
			lines[#lines + 1], line = line, ""
		end
		line = line .. (line ~= "" and " " or "") .. word
	end
	lines[#lines + 1] = line
	return table.concat(lines, "\n")
end

local program = [[
```c {#p%d .program}
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "weft.h"

enum { KNOB = %d };

struct walk {
	uint64_t state;
	double at, low, high;
};

static double step(struct walk *w)
{
	w->state = w->state * 6364136223846793005u + 1442695040888963407u;
	return (double)(w->state >> 11) / 9007199254740992.0 - 0.5;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

int main(void)
{
	struct walk w = {.state = KNOB};
	double ends[101];
	weft_table t = weft_table_open("walk", "i at low high");
	for (int i = 0; i <= 100; i++) {
		for (int k = 0; k < 1000; k++)
			w.at += step(&w);
		w.low = w.at < w.low ? w.at : w.low;
		w.high = w.at > w.high ? w.at : w.high;
		ends[i] = w.at;
		weft_row(&t, i, w.at, w.low, w.high);
	}
	weft_table_close(&t);
	qsort(ends, 101, sizeof *ends, by_value);
	weft_value("median", ends[50], "");
	printf("between %%.3f and %%.3f, median %%.3f\n", w.low, w.high, ends[50]);
	return 0;
}
```
]]

local figure = [[
```gnuplot {#fig-p%d .figure from="p%d" caption="Walk %d and its range after each thousand steps." alt="A jagged line between two staircases."}
set xlabel "thousands of steps"
plot "walk.tsv" using "i":"at" with lines ls 1, \
     "" using "i":"low" with lines ls 2, \
     "" using "i":"high" with lines ls 3
```
]]

local function essay(copy)
	local nformula = 0
	local function next_formula()
		nformula = nformula + 1
		return formulas[1 + nformula % #formulas](nformula + FORMULAS * (copy - 1) + 1)
	end
	local out = {([[
---
title: Walk %d
category: Benchmarks
summary: An essay as large as a usual one.
date: 2026-01-01
---

A word: 1.
]]):format(copy)}
	for i = 1, PROGRAMS do
		out[#out + 1] = ("## Part %d {#sec-part-%d}\n"):format(i, i)
		out[#out + 1] = paragraph(WORDS // PROGRAMS, FORMULAS // PROGRAMS, next_formula) .. "\n"
		out[#out + 1] = program:format(i, 100 * copy + i)
		if i <= FIGURES then
			out[#out + 1] = figure:format(i, i, i)
		end
		out[#out + 1] = ("The median is `{lua} fmt.sig(p%d.values.median)`.\n"):format(i)
	end
	return table.concat(out, "\n")
end

local site, copies = arg[1], tonumber(arg[2])
for copy = 1, copies do
	local f <close> = assert(io.open(("%s/essays/bench-%02d.md"):format(site, copy), "w"))
	f:write(essay(copy))
end
