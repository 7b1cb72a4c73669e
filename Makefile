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
SIMT := $(B)/simt
UNIT := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*_test.c))

all: $(PROG) $(SIMT)/ready

# ---- the program ----

$(B)/%.o: %.c | $(B)/deps-build
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(INCLUDE) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(filter-out $(B)/runtime/main.o,$(OBJ))
	@rm -f $@
	$(AR) rcs $@ $^

$(PROG): $(B)/runtime/main.o $(LIB)
	$(CC) $(CFLAGS) -o $@ $^ $(LIBS)

# ---- CUDA on the CPU: what the cuda recipe runs, in one folder beside the program ----

$(SIMT)/simtpp: runtime/simt/tools/simtpp.c
$(SIMT)/simtas: runtime/simt/tools/simtas.c runtime/simt/tools/order.c
$(SIMT)/simtpp $(SIMT)/simtas: runtime/simt/tools/order.h | $(B)/deps-build
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -g -o $@ $(filter %.c,$^)

SIMT_OBJ := $(patsubst runtime/simt/%.c,$(SIMT)/obj/%.o,$(wildcard runtime/simt/*.c))
$(SIMT)/obj/%.o: runtime/simt/%.c | $(B)/deps-build
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O3 -g -fno-pie -ffp-contract=off -ftls-model=local-exec -MMD -MP -c -o $@ $<

$(SIMT)/libsimt.a: $(SIMT_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(SIMT)/ready: $(SIMT)/simtpp $(SIMT)/simtas $(SIMT)/libsimt.a $(wildcard runtime/simt/include/*.h runtime/simt/include/*/*.h) runtime/simt/simtcc
	@rm -rf $(SIMT)/include && cp -r runtime/simt/include runtime/simt/simtcc $(SIMT)
	@touch $@

# ---- the site ----

$(B)/deps-%: runtime/deps.sh
	@mkdir -p $(@D)
	@runtime/deps.sh $@ $* $(DEPS)

essays: all
	+@$(PROG) build $(WEFTFLAGS)

# What runs on a GPU, for a machine that has one and need not have weft: build/gpu-kit.tar.gz
gpu-kit: all
	@$(PROG) kit

# ---- tests: each suite ends with "N passed, N failed, N skipped" ----

$(B)/tests/unit/%: tests/unit/%.c $(LIB) | $(B)/deps-test
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(INCLUDE) $(CFLAGS) -MMD -MP -o $@ $< -lcmocka $(LIB) $(LIBS)

unit: $(UNIT)
	@tests/unit.sh $(UNIT)

golden: all | $(B)/deps-test
	@tests/golden.sh $(PROG)

engine: all | $(B)/deps-test
	@tests/engine.sh $(PROG) short

# Small networks: gradients, the same bits from every compiler and instruction set, group theory.
nn: | $(B)/deps-test
	@tests/kernels/nn.sh

test: unit golden engine simt nn

# Unit tests and golden cases once more, under the sanitizers.
test-asan:
	@ASAN_OPTIONS=detect_leaks=0 $(MAKE) --no-print-directory B=build/asan CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined' unit golden

# What a commit does not wait for.
test-rest: all test-asan
	@tests/engine.sh $(PROG) all
	@if command -v nvcc >/dev/null; then $(PROG) check --static; else echo 'static facts: skipped, there is no nvcc'; fi

test-all: test test-rest

test-long: test-all
	@tests/engine.sh $(PROG) long

# Rewrite the expected outputs of the golden cases; read the diff before it is committed.
accept: $(PROG)
	@tests/golden.sh --accept $(PROG)

# CUDA on the CPU: kernels with known counts, broken kernels, random kernels.
simt: $(SIMT)/ready | $(B)/deps-test
	@tests/kernels/simt.sh $(abspath $(SIMT)) $(SIMT_RANDOM)

bench: all | $(B)/deps-test
	@tests/bench/bench.sh $(PROG)

# ---- the rest ----

install: all
	install -D -m 755 $(PROG) $(DESTDIR)$(PREFIX)/bin/weft
	install -d $(DESTDIR)$(PREFIX)/share/weft/simt
	cp -r $(addprefix $(SIMT)/,simtcc simtpp simtas libsimt.a include) $(DESTDIR)$(PREFIX)/share/weft/simt
	for d in runtime/lua runtime/include runtime/cuda runtime/theme runtime/theme/fonts figures; do \
		install -d $(DESTDIR)$(PREFIX)/share/weft/$$d && \
		find $$d -maxdepth 1 -type f -exec install -m 644 {} $(DESTDIR)$(PREFIX)/share/weft/$$d ';' || exit 1; \
	done

clean:
	rm -rf build

.PHONY: all essays gpu-kit unit golden engine simt nn test test-asan test-rest test-all test-long accept bench install clean
.SECONDARY: $(OBJ) $(B)/deps-build $(B)/deps-test

-include $(OBJ:.o=.d) $(UNIT:=.d) $(SIMT_OBJ:.o=.d)
