/* Atomics of programs that count or check. Threads of a block never run at the same time, and
 * blocks take turns, so a read, a change and a write are enough. */
#include "run.h"

#include <string.h>
#include "include/simt/core.h"
#include "include/simt/half.h"

#define OPERATE(T)                                                                                \
	do {                                                                                      \
		T old, value, compare, result;                                                    \
		memcpy(&old, at, sizeof old);                                                     \
		memcpy(&value, &value_bits, sizeof value);                                        \
		memcpy(&compare, &compare_bits, sizeof compare);                                  \
		switch (op) {                                                                     \
		case SIMT_ATOM_ADD:                                                               \
			result = (T)(old + value);                                                \
			break;                                                                    \
		case SIMT_ATOM_SUB:                                                               \
			result = (T)(old - value);                                                \
			break;                                                                    \
		case SIMT_ATOM_MIN:                                                               \
			result = value < old ? value : old;                                       \
			break;                                                                    \
		case SIMT_ATOM_MAX:                                                               \
			result = value > old ? value : old;                                       \
			break;                                                                    \
		case SIMT_ATOM_INC:                                                               \
			result = (T)(old >= value ? (T)0 : (T)(old + 1));                         \
			break;                                                                    \
		case SIMT_ATOM_DEC:                                                               \
			result = (T)(old == 0 || old > value ? value : (T)(old - 1));             \
			break;                                                                    \
		case SIMT_ATOM_CAS:                                                               \
			result = memcmp(&old, &compare, sizeof old) ? old : value;                \
			break;                                                                    \
		default:                                                                          \
			result = value;                                                           \
		}                                                                                 \
		memcpy(at, &result, sizeof result);                                               \
		memcpy(&old_bits, &old, sizeof old);                                              \
	} while (0)

static uint64_t bitwise(void *at, int op, uint64_t value, unsigned size)
{
	uint64_t old = 0;
	memcpy(&old, at, size);
	uint64_t result = op == SIMT_ATOM_AND  ? old & value
			  : op == SIMT_ATOM_OR ? old | value
					       : old ^ value;
	memcpy(at, &result, size);
	return old;
}

/* Half precision: what a device has of it, which is addition; and exchange, below. */
static uint64_t add_half(void *at, int type, uint64_t value)
{
	uint16_t old, sum;
	memcpy(&old, at, sizeof old);
	sum = type == SIMT_F16 ? simt_half_add(old, (uint16_t)value)
			       : simt_half_bf_add(old, (uint16_t)value);
	memcpy(at, &sum, sizeof sum);
	return old;
}

static uint64_t operate(void *at, int op, int type, uint64_t value_bits, uint64_t compare_bits,
			unsigned size)
{
	uint64_t old_bits = 0;
	if (op >= SIMT_ATOM_AND && op <= SIMT_ATOM_XOR)
		return bitwise(at, op, value_bits, size);
	if (op == SIMT_ATOM_ADD && (type == SIMT_F16 || type == SIMT_BF16))
		return add_half(at, type, value_bits);
	switch (type) {
	case SIMT_I32:
		OPERATE(int32_t);
		break;
	case SIMT_U32:
		OPERATE(uint32_t);
		break;
	case SIMT_I64:
		OPERATE(int64_t);
		break;
	case SIMT_U64:
		OPERATE(uint64_t);
		break;
	case SIMT_F32:
		OPERATE(float);
		break;
	case SIMT_F64:
		OPERATE(double);
		break;
	default:
		OPERATE(uint16_t);
	}
	return old_bits;
}

uint64_t simt_atomic(void *at, int op_type, uint64_t value, uint64_t compare, unsigned size,
		     const void *site)
{
	struct worker *w = simt_worker;
	if (w && w->lane) {
		if (simt_mode == MODE_CHECK)
			check_access((uint64_t)(uintptr_t)at, size, site);
		else if (simt_mode == MODE_COUNT)
			record_atomic(w, (uint64_t)(uintptr_t)at, size, site);
		simt_wait_turn(at);
	}
	return operate(at, op_type >> 8, op_type & 0xff, value, compare, size);
}
