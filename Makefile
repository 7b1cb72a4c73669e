# weft: `make essays` builds the site, `make test` says whether the tree is good.
#
# Both install what is missing (runtime/deps.sh); DEPS=skip prints it instead. All products go under
# $(B), so that builds with other flags never mix.

B      ?= build
PREFIX ?= /usr/local
DEPS   ?= install
CFLAGS ?= -O2 -g
WARN    = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
          -Wmissing-prototypes -Wwrite-strings -Wvla

# -isystem: cmark-gfm's headers have old-style prototypes, which are not ours to mend.
INCLUDE = -isystem /usr/include/lua5.4 -isystem /usr/include/cmark-gfm
# Static where Debian ships an archive: a build with nothing to do should not wait for the dynamic linker.
LIBS    = -Wl,-Bstatic -lcmark-gfm-extensions -lcmark-gfm -llua5.4 -lyaml -lcrypto \
          -Wl,-Bdynamic -lduktape -lm

SRC  := $(wildcard tangle/*.c runtime/*.c)
OBJ  := $(SRC:%.c=$(B)/%.o)
LIB  := $(B)/libweft.a
PROG := $(B)/weft
UNIT := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*_test.c))

all: $(PROG)

# ---- the program ----

$(B)/%.o: %.c | $(B)/deps-build
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(INCLUDE) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(filter-out $(B)/runtime/main.o,$(OBJ))
	@rm -f $@
	$(AR) rcs $@ $^

$(PROG): $(B)/runtime/main.o $(LIB)
	$(CC) $(CFLAGS) -o $@ $^ $(LIBS)

$(B)/deps-%: runtime/deps.sh
	@mkdir -p $(@D)
	@runtime/deps.sh $@ $* $(DEPS)

# ---- the site ----

essays: $(PROG)
	+@$(PROG) build $(WEFTFLAGS)

# ---- tests: each suite ends with "N passed, N failed, N skipped" ----

$(B)/tests/unit/%: tests/unit/%.c $(LIB) | $(B)/deps-test
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(INCLUDE) $(CFLAGS) -MMD -MP -o $@ $< -lcmocka $(LIB) $(LIBS)

unit: $(UNIT)
	@tests/unit.sh $(UNIT)

golden: $(PROG) | $(B)/deps-test
	@tests/golden.sh $(PROG)

engine: $(PROG) | $(B)/deps-test
	@tests/engine.sh $(PROG) short

test: unit golden engine

# Unit tests and golden cases once more, under the sanitizers.
test-asan:
	@ASAN_OPTIONS=detect_leaks=0 $(MAKE) --no-print-directory B=build/asan CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined' unit golden

test-all: test test-asan
	@tests/engine.sh $(PROG) all

test-long: test-all
	@tests/engine.sh $(PROG) long

# Rewrite the expected outputs of the golden cases; read the diff before it is committed.
accept: $(PROG)
	@tests/golden.sh --accept $(PROG)

bench: $(PROG) | $(B)/deps-test
	@tests/bench/bench.sh $(PROG)

# ---- the rest ----

install: $(PROG)
	install -D -m 755 $(PROG) $(DESTDIR)$(PREFIX)/bin/weft
	for d in runtime/lua runtime/include runtime/theme runtime/theme/fonts figures; do \
		install -d $(DESTDIR)$(PREFIX)/share/weft/$$d && \
		find $$d -maxdepth 1 -type f -exec install -m 644 {} $(DESTDIR)$(PREFIX)/share/weft/$$d ';' || exit 1; \
	done

clean:
	rm -rf build

.PHONY: all essays unit golden engine test test-asan test-all test-long accept bench install clean
.SECONDARY: $(OBJ) $(B)/deps-build $(B)/deps-test

-include $(OBJ:.o=.d) $(UNIT:=.d)
