/* kernel<<<grid, block, shared, stream>>>(arguments), in C++.
 *
 * simtpp rewrites a launch of K to
 *
 *   simt_make([&](auto simt_x) -> decltype(simt_signature(simt_x, K)) { return {}; },
 *             [=](const auto &...simt_a) { K(simt_a...); },
 *             [&](auto simt_x) -> const void * { return simt_pointer(simt_x, K); },
 *             simt_config("K", grid, block, ...))(arguments)
 *
 * The first closure can be called only if K names one function. Then the arguments convert to its
 * parameters exactly as in a call: 0 to a pointer, int to float, braces to a struct. Where K is an
 * overload set or a template whose arguments are deduced, the types are those of the arguments.
 * The second closure calls K by name, so the compiler inlines it into the loop over threads. */
#ifndef SIMT_LAUNCH_H
#define SIMT_LAUNCH_H

#include <tuple>
#include <type_traits>
#include <utility>
#include "device.h"

struct simt_config {
	const char *name, *file;
	int line;
	dim3 grid, block;
	size_t dynamic_bytes;

	template <class Stream = int>
	simt_config(const char *name_, dim3 grid_, dim3 block_, size_t bytes = 0, Stream = 0,
		    const char *file_ = __builtin_FILE(), int line_ = __builtin_LINE())
	    : name(name_), file(file_), line(line_), grid(grid_), block(block_),
	      dynamic_bytes(bytes)
	{
	}
};

/* simtas takes the functions with this name as the roots of device code. */
template <class F> __attribute__((noinline)) static void simt_entry_lane(void *closure)
{
	F body = *(F *)closure;
	body();
}

#ifdef SIMT_PLAIN
/* The closure is copied so that the kernel's stores cannot reach its arguments. simt_stop is set
 * by a thread that blocked: another loop has taken over the threads after it. */
template <class F>
__attribute__((noinline, flatten)) static void
simt_entry_loop(void *closure, const struct simt_block *block, unsigned from, unsigned to)
{
	F body = *(F *)closure;
	const unsigned nx = block->dim.x, ny = block->dim.y;
	simt_index_block = block->index;
	simt_index_dim = block->dim;
	simt_index_grid = block->grid;
	unsigned x = from % nx, row = from / nx, y = row % ny, z = row / ny;
	while (from < to) {
		unsigned end = nx - x < to - from ? nx : x + (to - from);
		from += end - x;
		simt_index_thread.y = y;
		simt_index_thread.z = z;
		for (unsigned i = x; i < end; i++) {
			simt_index_thread.x = i;
			simt_stop = 0;
			body();
			if (simt_stop)
				return;
		}
		x = 0;
		if (++y == ny) {
			y = 0;
			z++;
		}
	}
}
#define SIMT_ENTRY_LOOP(F) simt_entry_loop<F>
#else
#define SIMT_ENTRY_LOOP(F) nullptr
#endif

template <class F> static void simt_start(const simt_config &c, const void *kernel, F &body)
{
	struct simt_launch launch = {};
	launch.name = c.name;
	launch.file = c.file;
	launch.line = c.line;
	launch.kernel = kernel;
	launch.grid = {c.grid.x, c.grid.y, c.grid.z};
	launch.block = {c.block.x, c.block.y, c.block.z};
	launch.dynamic_bytes = c.dynamic_bytes;
	launch.lane = simt_entry_lane<F>;
	launch.loop = SIMT_ENTRY_LOOP(F);
	launch.closure = (void *)&body;
	launch.closure_size = sizeof body;
	simt_launch(&launch);
}

/* K names one function of parameters P. */
template <class Call, class... P> struct simt_typed {
	Call call;
	const void *kernel;
	simt_config config;

	void operator()(P... p) const
	{
		auto f = [call = call, a = std::tuple<std::remove_cv_t<P>...>(p...)]() {
			std::apply(call, a);
		};
		simt_start(config, kernel, f);
	}
	/* fewer arguments: K has defaults for the rest */
	template <class... A, class = std::enable_if_t<(sizeof...(A) < sizeof...(P))>>
	void operator()(A... a) const
	{
		auto f = [call = call, t = std::tuple<A...>(a...)]() { std::apply(call, t); };
		simt_start(config, kernel, f);
	}
};

template <class Call> struct simt_deduced {
	Call call;
	simt_config config;

	template <class... A> void operator()(A... a) const
	{
		auto f = [call = call, t = std::tuple<A...>(a...)]() { std::apply(call, t); };
		simt_start(config, nullptr, f);
	}
};

template <class R, class... P> struct simt_parameters {
	template <class Call>
	static simt_typed<Call, P...> make(Call call, const void *kernel, simt_config config)
	{
		return {call, kernel, config};
	}
};

/* The unused first parameter makes a call depend on a template, so that a K with no single type
 * is a failed substitution and not an error. */
template <class R, class... P> simt_parameters<R, P...> simt_signature(int, R (*)(P...));

template <class R, class... P> static inline const void *simt_pointer(int, R (*kernel)(P...))
{
	return (const void *)kernel;
}

template <class Signature, class Call, class Address>
static inline auto simt_make(Signature, Call call, Address address, const simt_config &config)
{
	if constexpr (std::is_invocable_v<Signature, int>)
		return std::invoke_result_t<Signature, int>::make(call, address(0), config);
	else
		return simt_deduced<Call>{call, config};
}

#endif
