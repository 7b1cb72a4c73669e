/* <cooperative_groups.h>: thread_block, tiles of a warp, coalesced groups. Groups of clusters and
 * grids need a GPU and are refused by name. */
#ifndef SIMT_COOPERATIVE_GROUPS_H
#define SIMT_COOPERATIVE_GROUPS_H

#include "simt/device.h"

#if defined __clang__
#define SIMT_MEMBER __attribute__((always_inline, nodebug))
#else
#define SIMT_MEMBER __attribute__((always_inline, artificial))
#endif

namespace cooperative_groups
{

/* The block, or `size` neighbours of a warp that begin at a multiple of it. */
class thread_group
{
      protected:
	unsigned lanes;         /* 0: the block */

      public:
	SIMT_MEMBER explicit thread_group(unsigned n) : lanes(n) {}
	SIMT_MEMBER unsigned size() const
	{
		return lanes ? lanes : simt_block_threads();
	}
	SIMT_MEMBER unsigned num_threads() const
	{
		return size();
	}
	SIMT_MEMBER unsigned thread_rank() const
	{
		return lanes ? simt_thread_rank() % lanes : simt_thread_rank();
	}
	SIMT_MEMBER unsigned mask() const
	{
		unsigned first = simt_thread_rank() % 32 / lanes * lanes;
		return lanes == 32 ? 0xffffffffu : ((1u << lanes) - 1) << first;
	}
	SIMT_MEMBER void sync() const
	{
		if (lanes)
			__syncwarp(mask());
		else
			__syncthreads();
	}
};

class thread_block : public thread_group
{
      public:
	SIMT_MEMBER thread_block() : thread_group(0) {}
	static SIMT_MEMBER void sync()
	{
		__syncthreads();
	}
	static SIMT_MEMBER unsigned thread_rank()
	{
		return simt_thread_rank();
	}
	static SIMT_MEMBER unsigned size()
	{
		return simt_block_threads();
	}
	static SIMT_MEMBER unsigned num_threads()
	{
		return simt_block_threads();
	}
	static SIMT_MEMBER dim3 group_index()
	{
		return simt_blockIdx();
	}
	static SIMT_MEMBER dim3 thread_index()
	{
		return simt_threadIdx();
	}
	static SIMT_MEMBER dim3 dim_threads()
	{
		return simt_blockDim();
	}
	static SIMT_MEMBER dim3 group_dim()
	{
		return simt_blockDim();
	}
};

SIMT_INLINE thread_block this_thread_block()
{
	return thread_block();
}

template <unsigned N, class Parent = thread_block> class thread_block_tile : public thread_group
{
	static_assert(N && N <= 32 && !(N & (N - 1)), "a tile has 1, 2, 4, 8, 16 or 32 threads");

      public:
	SIMT_MEMBER thread_block_tile() : thread_group(N) {}
	template <class Other>
	SIMT_MEMBER thread_block_tile(const thread_block_tile<N, Other> &) : thread_group(N)
	{
	}
	SIMT_MEMBER unsigned meta_group_rank() const
	{
		return simt_thread_rank() / N;
	}
	SIMT_MEMBER unsigned meta_group_size() const
	{
		return (simt_block_threads() + N - 1) / N;
	}
	template <class T> SIMT_MEMBER T shfl(T value, int from) const
	{
		return __shfl_sync(mask(), value, from, N);
	}
	template <class T> SIMT_MEMBER T shfl_up(T value, unsigned by) const
	{
		return __shfl_up_sync(mask(), value, (int)by, N);
	}
	template <class T> SIMT_MEMBER T shfl_down(T value, unsigned by) const
	{
		return __shfl_down_sync(mask(), value, (int)by, N);
	}
	template <class T> SIMT_MEMBER T shfl_xor(T value, unsigned with) const
	{
		return __shfl_xor_sync(mask(), value, (int)with, N);
	}
	SIMT_MEMBER int any(int predicate) const
	{
		return __any_sync(mask(), predicate);
	}
	SIMT_MEMBER int all(int predicate) const
	{
		return __all_sync(mask(), predicate);
	}
	SIMT_MEMBER unsigned ballot(int predicate) const
	{
		return __ballot_sync(mask(), predicate) >> simt_thread_rank() % 32 / N * N;
	}
	template <class T> SIMT_MEMBER unsigned match_any(T value) const
	{
		return __match_any_sync(mask(), value) >> simt_thread_rank() % 32 / N * N;
	}
};

template <unsigned N, class Parent>
SIMT_INLINE thread_block_tile<N, Parent> tiled_partition(const Parent &)
{
	return thread_block_tile<N, Parent>();
}
SIMT_INLINE thread_group tiled_partition(const thread_group &, unsigned n)
{
	return thread_group(n);
}

/* The lanes that are here together. */
class coalesced_group
{
	unsigned members;

      public:
	SIMT_MEMBER explicit coalesced_group(unsigned m) : members(m) {}
	SIMT_MEMBER unsigned size() const
	{
		return (unsigned)__popc(members);
	}
	SIMT_MEMBER unsigned num_threads() const
	{
		return size();
	}
	SIMT_MEMBER unsigned thread_rank() const
	{
		return (unsigned)__popc(members & ((1u << simt_thread_rank() % 32) - 1));
	}
	SIMT_MEMBER void sync() const
	{
		__syncwarp(members);
	}
	/* The lane of the warp that is the group's n-th. */
	SIMT_MEMBER int lane_of(unsigned n) const
	{
		unsigned m = members;
		while (n--)
			m &= m - 1;
		return __builtin_ctz(m);
	}
	template <class T> SIMT_MEMBER T shfl(T value, unsigned from) const
	{
		return __shfl_sync(members, value, lane_of(from % size()));
	}
	SIMT_MEMBER int any(int predicate) const
	{
		return __any_sync(members, predicate);
	}
	SIMT_MEMBER int all(int predicate) const
	{
		return __all_sync(members, predicate);
	}
};
SIMT_INLINE coalesced_group coalesced_threads(int line = __builtin_LINE())
{
	return coalesced_group(__activemask(line));
}

template <class Group> SIMT_INLINE void sync(const Group &g)
{
	g.sync();
}

/* Operators of reduce(). */
template <class T = void> struct plus {
	template <class U> SIMT_MEMBER U operator()(U a, U b) const
	{
		return a + b;
	}
};
template <class T = void> struct less {
	template <class U> SIMT_MEMBER U operator()(U a, U b) const
	{
		return b < a ? b : a;
	}
};
template <class T = void> struct greater {
	template <class U> SIMT_MEMBER U operator()(U a, U b) const
	{
		return a < b ? b : a;
	}
};
template <class T = void> struct bit_and {
	template <class U> SIMT_MEMBER U operator()(U a, U b) const
	{
		return a & b;
	}
};
template <class T = void> struct bit_or {
	template <class U> SIMT_MEMBER U operator()(U a, U b) const
	{
		return a | b;
	}
};
template <class T = void> struct bit_xor {
	template <class U> SIMT_MEMBER U operator()(U a, U b) const
	{
		return a ^ b;
	}
};

/* A butterfly: log2 N exchanges. The order of additions is this one's, not hardware's promise. */
template <unsigned N, class Parent, class T, class Op>
SIMT_INLINE T reduce(const thread_block_tile<N, Parent> &tile, T value, Op op)
{
	for (unsigned step = N / 2; step; step /= 2)
		value = op(value, tile.shfl_xor(value, step));
	return value;
}
template <unsigned N, class Parent, class T>
SIMT_INLINE T inclusive_scan(const thread_block_tile<N, Parent> &tile, T value)
{
	for (unsigned step = 1; step < N; step *= 2) {
		T below = tile.shfl_up(value, step);
		if (tile.thread_rank() >= step)
			value = below + value;
	}
	return value;
}
template <unsigned N, class Parent, class T>
SIMT_INLINE T exclusive_scan(const thread_block_tile<N, Parent> &tile, T value)
{
	T upto = inclusive_scan(tile, value), below = tile.shfl_up(upto, 1);
	return tile.thread_rank() ? below : T(0);
}

} // namespace cooperative_groups

#endif
