/* The sanitizer's symbols that instrumented code refers to besides loads and stores: function
 * marks, which mean nothing here, and atomics of host code, which are performed. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUIET(name, ...)                                                                          \
	void name(__VA_ARGS__);                                                                   \
	void name(__VA_ARGS__)                                                                    \
	{                                                                                         \
	}
QUIET(__tsan_init, void)
QUIET(__tsan_func_entry, __attribute__((unused)) void *pc)
QUIET(__tsan_func_exit, void)
QUIET(__tsan_vptr_update, __attribute__((unused)) void **at, __attribute__((unused)) void *value)
QUIET(__tsan_vptr_read, __attribute__((unused)) void **at)
QUIET(__tsan_atomic_thread_fence, __attribute__((unused)) int order)
QUIET(__tsan_atomic_signal_fence, __attribute__((unused)) int order)

#define FETCH(bits, name, builtin)                                                                \
	uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *, uint##bits##_t,    \
						    int);                                         \
	uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *at,                  \
						    uint##bits##_t value, int order)              \
	{                                                                                         \
		(void)order;                                                                      \
		return builtin(at, value, __ATOMIC_SEQ_CST);                                      \
	}
#define FAMILY(bits)                                                                              \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *, int);          \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *at, int order)   \
	{                                                                                         \
		(void)order;                                                                      \
		return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                     \
	}                                                                                         \
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *, uint##bits##_t, int);         \
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *at, uint##bits##_t value,       \
					 int order)                                               \
	{                                                                                         \
		(void)order;                                                                      \
		__atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                    \
	}                                                                                         \
	FETCH(bits, exchange, __atomic_exchange_n)                                                \
	FETCH(bits, fetch_add, __atomic_fetch_add)                                                \
	FETCH(bits, fetch_sub, __atomic_fetch_sub)                                                \
	FETCH(bits, fetch_and, __atomic_fetch_and)                                                \
	FETCH(bits, fetch_or, __atomic_fetch_or)                                                  \
	FETCH(bits, fetch_xor, __atomic_fetch_xor)                                                \
	FETCH(bits, fetch_nand, __atomic_fetch_nand)                                              \
	bool __tsan_atomic##bits##_compare_exchange_strong(                                       \
		volatile uint##bits##_t *, uint##bits##_t *, uint##bits##_t, int, int);           \
	bool __tsan_atomic##bits##_compare_exchange_strong(                                       \
		volatile uint##bits##_t *at, uint##bits##_t *expected, uint##bits##_t value,      \
		int order, int other)                                                             \
	{                                                                                         \
		(void)order;                                                                      \
		(void)other;                                                                      \
		return __atomic_compare_exchange_n(at, expected, value, false, __ATOMIC_SEQ_CST,  \
						   __ATOMIC_SEQ_CST);                             \
	}                                                                                         \
	bool __tsan_atomic##bits##_compare_exchange_weak(                                         \
		volatile uint##bits##_t *, uint##bits##_t *, uint##bits##_t, int, int);           \
	bool __tsan_atomic##bits##_compare_exchange_weak(                                         \
		volatile uint##bits##_t *at, uint##bits##_t *expected, uint##bits##_t value,      \
		int order, int other)                                                             \
	{                                                                                         \
		return __tsan_atomic##bits##_compare_exchange_strong(at, expected, value, order,  \
								     other);                      \
	}                                                                                         \
	uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                \
		volatile uint##bits##_t *, uint##bits##_t, uint##bits##_t, int, int);             \
	uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                \
		volatile uint##bits##_t *at, uint##bits##_t expected, uint##bits##_t value,       \
		int order, int other)                                                             \
	{                                                                                         \
		__tsan_atomic##bits##_compare_exchange_strong(at, &expected, value, order,        \
							      other);                             \
		return expected;                                                                  \
	}
FAMILY(8)
FAMILY(16)
FAMILY(32)
FAMILY(64)
