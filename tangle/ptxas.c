/* ptxas reports a kernel as
 *
 *   ptxas info    : Compiling entry function '_Z5scalePf' for 'sm_90a'
 *   ptxas info    : Function properties for _Z5scalePf
 *       0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
 *   ptxas info    : Used 10 registers, used 1 barriers, 512 bytes smem, 384 bytes cmem[0]
 *
 * with properties of other functions between them. */
#include "ptxas.h"

#include "arena.h"
#include "ctoken.h"

/* The number before `words` in the line, or 0. */
static long number_before(Str line, const char *words)
{
	size_t end = str_search(line, str_of(words), 0), from = end;
	long number = 0;
	while (end < line.len && from && line.at[from - 1] >= '0' && line.at[from - 1] <= '9')
		from--;
	return str_int(str_sub(line, from, end), &number) ? number : 0;
}

/* All of its constant banks. */
static long constant_bytes(Str line)
{
	long sum = 0;
	while (line.len) {
		Str part = str_cut(&line, ',');
		sum += number_before(part, " bytes cmem[");
	}
	return sum;
}

struct kernel_facts *ptxas_read(Str log, struct arena *a)
{
	struct kernel_facts *first = NULL, **tail = &first, *kernel = NULL;
	bool own = false;       /* the properties that follow are those of `kernel` */
	while (log.len) {
		Str line = str_trim(str_cut(&log, '\n'));
		size_t quote = str_find(line, '\'', 0), properties = str_search(line, S("Function properties for "), 0);
		if (str_search(line, S("Compiling entry function '"), 0) < line.len) {
			kernel = *tail = NEW(a, struct kernel_facts);
			tail = &kernel->next;
			kernel->symbol = str_sub(line, quote + 1, str_find(line, '\'', quote + 1));
		} else if (properties < line.len) {
			own = kernel && str_eq(str_sub(line, properties + 24, line.len), kernel->symbol);
		} else if (own && str_search(line, S("bytes stack frame"), 0) < line.len) {
			kernel->stack = number_before(line, " bytes stack frame");
			kernel->spill_stores = number_before(line, " bytes spill stores");
			kernel->spill_loads = number_before(line, " bytes spill loads");
		} else if (own && str_search(line, S(": Used "), 0) < line.len) {
			kernel->registers = number_before(line, " registers");
			kernel->barriers = number_before(line, " barriers");
			kernel->shared = number_before(line, " bytes smem");
			kernel->constant = constant_bytes(line);
		}
	}
	return first;
}
