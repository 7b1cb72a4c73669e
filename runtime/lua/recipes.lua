-- How each language's programs are compiled and run. A site adds to these, or changes fields of them, by `recipes` in its
-- site.lua:
--
--     return { recipes = { sh = { extension = "sh", run = {"sh", "$SOURCE"}, tools = {"sh"} } } }
--
-- Fields of a recipe:
--
--     extension   of the tangled file
--     line        the directive that names a place, with %d for the line and %s for the file; none: no directives
--     compile     command that makes $OUT of $SOURCE; none: the language is interpreted
--     run         command that runs an interpreted program's $SOURCE; none: the executable itself
--     tools       programs whose bytes the results depend on; the first is the one that does the work
--     parts       more of them, whose paths the last tool tells by -print-prog-name=PART
--     libm        true: an exact program may use from libm only what IEEE 754 fixes, and is checked for it
--
-- Words that stand alone are replaced: $SOURCE, $OUT; and by any number of words $SOURCES, $CFLAGS, $LIBS (the program's
-- options). $PWD is replaced within a word too: where the compiler runs, which no result may show. Every *.d file that a
-- compile leaves is read as its list of inputs.

return {
	c = {
		-- In DWARF 5 the linker of binutils 2.40 takes the name of a place from the wrong file: hence -gdwarf-4.
		extension = "c",
		line = '#line %d "%s"',
		compile = {
			"cc", "-std=c11", "-O2", "-gdwarf-4", "-Wall", "-ffp-contract=off", "-ffile-prefix-map=$PWD=.", "-iquote", ".",
			"$CFLAGS", "-MD", "-o", "$OUT", "$SOURCE", "$SOURCES", "$LIBS", "-lm",
		},
		tools = {"cc"},
		parts = {"cc1", "collect2", "as", "ld"},
		libm = true,
	},

	-- The SIMT runtime: the kernel's text, run on the CPU, with every byte it moves counted in launches.tsv and
	-- lines.tsv. A tool that begins with '@' is weft's own.
	cuda = {
		extension = "cu",
		line = '#line %d "%s"',
		compile = {
			"@simtcc", "count", "$OUT", "$SOURCE", "-Wall", "-iquote", ".", "$CFLAGS",
		},
		tools = {"@simtcc", "@simtpp", "@simtas", "@libsimt.a", "c++"},
		parts = {"cc1plus", "collect2", "as", "ld"},
		libm = true,
	},

	gnuplot = {
		extension = "gp",
		run = {"gnuplot", "$SOURCE"},
		tools = {"gnuplot"},
	},

	lua = {
		extension = "lua",
		run = {"lua5.4", "$SOURCE"},
		tools = {"lua5.4"},
	},
}
