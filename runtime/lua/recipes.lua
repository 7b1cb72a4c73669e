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
--     check       like compile, for `weft run --check`: a program that looks for its own mistakes as it runs
--     link        command that makes $OUT of $OBJECTS, where `compile` leaves NAME.o for $SOURCE and each of $SOURCES
--     run         command that runs an interpreted program's $SOURCE; none: the executable itself
--     tools       programs whose bytes the results depend on; the first is the one that does the work
--     parts       more of them, whose paths the last tool tells by -print-prog-name=PART; those that begin with "./" or
--                 "../" are files, from the directory it is in
--     libm        true: an exact program may use from libm only what IEEE 754 fixes, and is checked for it
--
-- Words that stand alone are replaced: $SOURCE, $OUT, $OBJECTS; and by any number of words $SOURCES, $CFLAGS, $LIBS (the program's
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
		check = {
			"cc", "-std=c11", "-O1", "-gdwarf-4", "-Wall", "-ffp-contract=off", "-ffile-prefix-map=$PWD=.", "-iquote", ".",
			"-fsanitize=address,undefined", "$CFLAGS", "-MD", "-o", "$OUT", "$SOURCE", "$SOURCES", "$LIBS", "-lm",
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
		check = {"@simtcc", "check", "$OUT", "$SOURCE", "-Wall", "-iquote", ".", "$CFLAGS"},
		tools = {"@simtcc", "@simtpp", "@simtas", "@libsimt.a", "c++"},
		parts = {"cc1plus", "collect2", "as", "ld"},
		libm = true,
	},

	-- CUDA with device="gpu", where there is a toolkit. Without -objtemp and -c two compilations of one text differ.
	["cuda-gpu"] = {
		extension = "cu",
		line = '#line %d "%s"',
		compile = {
			"nvcc", "-std=c++17", "-O2", "-lineinfo", "-gencode=arch=compute_90a,code=sm_90a",
			"-Xcompiler=-Wall,-ffp-contract=off", "-I.", "$CFLAGS", "-MD", "-objtemp", "-c", "$SOURCE", "$SOURCES",
		},
		link = {"nvcc", "-gencode=arch=compute_90a,code=sm_90a", "-o", "$OUT", "$OBJECTS", "$LIBS"},
		tools = {"nvcc"},
		parts = {"./cudafe++", "./ptxas", "./fatbinary", "./nvlink", "./nvcc.profile", "../nvvm/bin/cicc"},
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
