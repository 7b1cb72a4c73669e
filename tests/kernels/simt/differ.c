/* Random kernels against an interpreter.
 *
 *   differ cu SEED COUNT         a .cu text of COUNT kernels and a main() that runs them
 *   differ expect SEED COUNT     what that program must print
 *
 * A kernel is a tree of statements over six unsigned variables a thread, an array of input, an
 * array in shared memory and one of counters. Threads diverge in branches and in loops whose
 * length depends on the thread; barriers and collectives stand only where all threads of the
 * block, or of the first half of each warp, come together. So what a kernel computes is defined,
 * and so is how a device runs it: each statement once for the lanes of a warp that reach it. The
 * interpreter does just that, a warp and a mask of lanes at a time, one lane after another within
 * a statement; it shares nothing with the runtime. Printed are a digest of the results and, by
 * programs that count, the requests of the kernel. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIABLES = 6, INPUT = 256, THREADS = 128, BLOCKS = 3, NODES = 400, WARP = 32 };

static uint64_t state;

static unsigned pick(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

/* Statements. Expressions are one operation on two operands: an operand below VARIABLES is a
 * variable, then the thread's number, the block's, and constants. */
enum kind {
	SET, LOAD, SHARED_LOAD, BRANCH, LOOP, UNIFORM_LOOP, EXCHANGE, SHUFFLE, HALF_SHUFFLE, VOTE,
	COUNT_ATOMIC, SHARED_ATOMIC, BLOCK_VOTE, KINDS
};
enum operation { ADD, SUBTRACT, MULTIPLY, XOR, AND, SHIFT, LESS, OPERATIONS };
struct node {
	enum kind kind;
	enum operation op;
	unsigned to, a, b, constant;
	int body, other, next;  /* statements inside, in the else, and after; -1 none */
};
struct kernel {
	struct node node[NODES];
	int nodes, first;
	unsigned threads, blocks;
};

static int make_list(struct kernel *k, int depth, bool together, int length);

static int make_node(struct kernel *k, int depth, bool together)
{
	static const enum kind apart[] = {SET, SET, LOAD, LOAD, SHARED_LOAD, BRANCH, LOOP,
					  COUNT_ATOMIC};
	static const enum kind joint[] = {SET, LOAD, BRANCH, LOOP, UNIFORM_LOOP, EXCHANGE, EXCHANGE,
					  SHUFFLE, HALF_SHUFFLE, VOTE, SHARED_ATOMIC, BLOCK_VOTE};
	int i = k->nodes++;
	enum kind kind = together ? joint[pick(sizeof joint / sizeof *joint)]
				  : apart[pick(sizeof apart / sizeof *apart)];
	bool nests = kind == BRANCH || kind == LOOP || kind == UNIFORM_LOOP;
	if (nests && (depth == 0 || k->nodes > NODES - 60))
		kind = SET;
	k->node[i] = (struct node){kind, pick(OPERATIONS), pick(VARIABLES), pick(VARIABLES + 2),
				   pick(VARIABLES + 3), pick(100), -1, -1, -1};
	if (kind == BRANCH || kind == LOOP) {
		int body = make_list(k, depth - 1, false, 1 + (int)pick(3));
		int other = kind == BRANCH && pick(2) ? make_list(k, depth - 1, false, 1) : -1;
		k->node[i].body = body;
		k->node[i].other = other;
	} else if (kind == UNIFORM_LOOP) {
		int body = make_list(k, depth - 1, true, 2);
		k->node[i].body = body;
	}
	return i;
}

static int make_list(struct kernel *k, int depth, bool together, int length)
{
	int first = -1, last = -1;
	for (int n = 0; n < length && k->nodes < NODES - 30; n++) {
		int i = make_node(k, depth, together);
		if (last < 0)
			first = i;
		else
			k->node[last].next = i;
		last = i;
	}
	return first;
}

static void make_kernel(struct kernel *k, uint64_t seed)
{
	static const unsigned sizes[] = {32, 64, 96, 128, 48, 20};
	state = seed * 0x9e3779b97f4a7c15u + 1;
	for (int i = 0; i < 8; i++)
		pick(2);
	k->nodes = 0;
	k->threads = sizes[pick(sizeof sizes / sizeof *sizes)];
	k->blocks = 1 + pick(BLOCKS);
	k->first = make_list(k, 3, true, 4 + (int)pick(6));
}

/* Writing. */
static void write_operand(unsigned o, unsigned constant)
{
	if (o < VARIABLES)
		printf("v%u", o);
	else if (o == VARIABLES)
		printf("t");
	else if (o == VARIABLES + 1)
		printf("blockIdx.x");
	else
		printf("%uu", constant);
}

static void write_expression(const struct node *n)
{
	static const char *const signs[] = {"+", "-", "*", "^", "&", ">>", "<"};
	putchar('(');
	write_operand(n->a, n->constant);
	printf(" %s ", signs[n->op]);
	if (n->op == SHIFT)
		printf("(");
	write_operand(n->b, n->constant);
	printf(n->op == SHIFT ? " & 31))" : ")");
}

static void tabs(int depth)
{
	for (int i = 0; i < depth; i++)
		putchar('\t');
}

static void write_list(const struct kernel *k, int i, int depth)
{
	for (; i >= 0; i = k->node[i].next) {
		const struct node *n = &k->node[i];
		tabs(depth);
		switch (n->kind) {
		case SET:
			printf("v%u = ", n->to);
			write_expression(n);
			printf(";\n");
			break;
		case LOAD:
			printf("v%u += in[", n->to);
			write_expression(n);
			printf(" %% %d];\n", INPUT);
			break;
		case SHARED_LOAD:
			printf("v%u ^= kept[", n->to);
			write_expression(n);
			printf(" %% %uu];\n", k->threads);
			break;
		case BRANCH:
			printf("if (");
			write_expression(n);
			printf(" & 1) {\n");
			write_list(k, n->body, depth + 1);
			tabs(depth);
			if (n->other >= 0) {
				printf("} else {\n");
				write_list(k, n->other, depth + 1);
				tabs(depth);
			}
			printf("}\n");
			break;
		case LOOP:
			printf("for (unsigned n%d = 0, e = ", i);
			write_expression(n);
			printf(" & 3; n%d <= e; n%d++) {\n", i, i);
			write_list(k, n->body, depth + 1);
			tabs(depth);
			printf("}\n");
			break;
		case UNIFORM_LOOP:
			printf("for (unsigned n%d = 0; n%d < %uu; n%d++) {\n", i, i,
			       1 + n->constant % 3, i);
			write_list(k, n->body, depth + 1);
			tabs(depth);
			printf("}\n");
			break;
		case EXCHANGE:
			printf("s[t] = v%u;\n", n->to);
			tabs(depth);
			printf("__syncthreads();\n");
			tabs(depth);
			printf("v%u = s[(t + %uu) %% %uu];\n", n->to, n->constant, k->threads);
			tabs(depth);
			printf("__syncthreads();\n");
			break;
		case SHUFFLE: {
			static const char *const names[] = {"__shfl_sync", "__shfl_up_sync",
							    "__shfl_down_sync", "__shfl_xor_sync"};
			printf("v%u = %s(all, v%u, %u, %u);\n", n->to, names[n->op % 4],
			       n->to, n->constant % 8, 8u << n->b % 3);
			break;
		}
		case HALF_SHUFFLE:
			printf("if (t %% 32 < 16 && %u <= t / 32 * 32 + 16)\n",
			       0u);
			tabs(depth + 1);
			printf("v%u = __shfl_xor_sync(all & 0xffffu, v%u, %u, 16);\n", n->to, n->to,
			       n->constant % 4);
			break;
		case VOTE:
			printf("v%u += __ballot_sync(all, ", n->to);
			write_expression(n);
			printf(" & 1);\n");
			break;
		case COUNT_ATOMIC:
			printf("atomicAdd(&counters[");
			write_expression(n);
			printf(" %% 16], v%u);\n", n->to);
			break;
		case SHARED_ATOMIC:
			printf("if (t < 16)\n");
			tabs(depth + 1);
			printf("bins[t] = 0;\n");
			tabs(depth);
			printf("__syncthreads();\n");
			tabs(depth);
			printf("atomicAdd(&bins[");
			write_expression(n);
			printf(" %% 16], v%u);\n", n->to);
			tabs(depth);
			printf("__syncthreads();\n");
			tabs(depth);
			printf("v%u = bins[t %% 16];\n", n->to);
			tabs(depth);
			printf("__syncthreads();\n");
			break;
		case BLOCK_VOTE:
			printf("v%u += (unsigned)__syncthreads_count((int)(", n->to);
			write_expression(n);
			printf(" & 1));\n");
			break;
		default:
			break;
		}
	}
}

static void write_kernel(const struct kernel *k, unsigned number)
{
	printf("__global__ void k%u(const unsigned *in, unsigned *out, unsigned *counters)\n{\n"
	       "\t__shared__ unsigned s[%d], kept[%d], bins[16];\n"
	       "\tunsigned t = threadIdx.x, left = blockDim.x - t / 32 * 32;\n"
	       "\tunsigned all = left >= 32 ? 0xffffffffu : (1u << left) - 1;\n"
	       "\tunsigned v0 = t, v1 = blockIdx.x, v2 = t * 7, v3 = 3, v4 = t ^ 21, v5 = 1;\n"
	       "\tkept[t] = t * 2654435761u;\n\t__syncthreads();\n",
	       number, THREADS, THREADS);
	write_list(k, k->first, 1);
	printf("\tout[blockIdx.x * blockDim.x + t] = v0 ^ v1 * 3 ^ v2 * 5 ^ v3 * 7 ^ v4 * 11 ^ v5 * 13;\n"
	       "}\n\n");
}

static void write_program(uint64_t seed, unsigned count)
{
	static struct kernel k;
	printf("#include <cstdint>\n#include <cstdio>\n#include <cstring>\n\n");
	for (unsigned i = 0; i < count; i++) {
		make_kernel(&k, seed + i);
		write_kernel(&k, i);
	}
	printf("static unsigned *in, *out, *counters;\n\n"
	       "static void tell(unsigned number)\n{\n"
	       "\tstatic const char *const figures[] = {\"loads\", \"load_lanes\", \"load_sectors\", "
	       "\"stores\", \"atomics\", \"shared_loads\", \"shared_stores\", \"shared_atomics\", "
	       "\"barriers\", \"collectives\"};\n"
	       "\tuint64_t h = 1469598103934665603u;\n"
	       "\tfor (int i = 0; i < %d; i++)\n\t\th = (h ^ out[i]) * 1099511628211u;\n"
	       "\tfor (int i = 0; i < 16; i++)\n\t\th = (h ^ counters[i]) * 1099511628211u;\n"
	       "\tprintf(\"%%u %%016llx\\n\", number, (unsigned long long)h);\n"
	       "\tfor (const char *f : figures)\n\t\tif (simt_counting())\n"
	       "\t\t\tprintf(\"%%u %%s %%llu\\n\", number, f, (unsigned long long)simt_count(f));\n"
	       "\tmemset(out, 0, %d * sizeof *out);\n\tmemset(counters, 0, 16 * sizeof *counters);\n"
	       "}\n\nint main()\n{\n"
	       "\tcudaMallocManaged(&in, %d * sizeof *in);\n"
	       "\tcudaMallocManaged(&out, %d * sizeof *out);\n"
	       "\tcudaMallocManaged(&counters, 16 * sizeof *counters);\n"
	       "\tfor (unsigned i = 0; i < %d; i++)\n\t\tin[i] = i * 2246822519u ^ i >> 3;\n",
	       THREADS * BLOCKS, THREADS * BLOCKS, INPUT, THREADS * BLOCKS, INPUT);
	for (unsigned i = 0; i < count; i++) {
		make_kernel(&k, seed + i);
		printf("\tk%u<<<%u, %u>>>(in, out, counters);\n\ttell(%u);\n", i, k.blocks,
		       k.threads, i);
	}
	printf("\tcudaFree(in);\n\tcudaFree(out);\n\tcudaFree(counters);\n"
	       "\treturn cudaGetLastError() != cudaSuccess;\n}\n");
}

/* The interpreter. */
struct machine {
	const struct kernel *k;
	unsigned block;
	uint32_t v[THREADS][VARIABLES], shared[THREADS], kept[THREADS], bins[16];
	uint32_t in[INPUT], counters[16];
	unsigned long long loads, load_lanes, load_sectors, stores, atomics, shared_loads,
		shared_stores, shared_atomics, barriers, collectives;
};

static uint32_t operand(const struct machine *m, unsigned o, unsigned t, unsigned constant)
{
	return o < VARIABLES	  ? m->v[t][o]
	       : o == VARIABLES	  ? t
	       : o == VARIABLES + 1 ? m->block
				  : constant;
}

static uint32_t evaluate(const struct machine *m, const struct node *n, unsigned t)
{
	uint32_t a = operand(m, n->a, t, n->constant), b = operand(m, n->b, t, n->constant);
	switch (n->op) {
	case ADD:
		return a + b;
	case SUBTRACT:
		return a - b;
	case MULTIPLY:
		return a * b;
	case XOR:
		return a ^ b;
	case AND:
		return a & b;
	case SHIFT:
		return a >> (b & 31);
	default:
		return a < b;
	}
}

/* The lanes of `mask` in the warp that begins at w0. */
#define EACH(lane, mask)                                                                          \
	for (unsigned lane = 0; lane < WARP; lane++)                                              \
		if ((mask) >> lane & 1)

static void run_apart(struct machine *m, int i, unsigned w0, uint32_t mask);

static void load(struct machine *m, const struct node *n, unsigned w0, uint32_t mask)
{
	uint32_t sectors = 0;   /* the input begins a sector and has 32 of them */
	EACH(l, mask)
	{
		uint32_t at = evaluate(m, n, w0 + l) % INPUT;
		m->v[w0 + l][n->to] += m->in[at];
		sectors |= 1u << at / 8;
	}
	m->loads++;
	m->load_lanes += (unsigned)__builtin_popcount(mask);
	m->load_sectors += (unsigned)__builtin_popcount(sectors);
}

static void run_apart_node(struct machine *m, const struct node *n, unsigned w0, uint32_t mask)
{
	uint32_t taken = 0, ends[WARP];
	switch (n->kind) {
	case SET:
		EACH(l, mask) m->v[w0 + l][n->to] = evaluate(m, n, w0 + l);
		break;
	case LOAD:
		load(m, n, w0, mask);
		break;
	case SHARED_LOAD:
		EACH(l, mask)
		m->v[w0 + l][n->to] ^= m->kept[evaluate(m, n, w0 + l) % m->k->threads];
		m->shared_loads++;
		break;
	case BRANCH:
		EACH(l, mask) taken |= (evaluate(m, n, w0 + l) & 1) << l;
		run_apart(m, n->body, w0, taken);
		run_apart(m, n->other, w0, mask & ~taken);
		break;
	case LOOP:
		EACH(l, mask) ends[l] = evaluate(m, n, w0 + l) & 3;
		for (unsigned step = 0; mask; step++) {
			uint32_t still = 0;
			EACH(l, mask) still |= (uint32_t)(step <= ends[l]) << l;
			mask = still;
			run_apart(m, n->body, w0, mask);
		}
		break;
	case COUNT_ATOMIC:
		EACH(l, mask)
		m->counters[evaluate(m, n, w0 + l) % 16] += m->v[w0 + l][n->to];
		m->atomics++;
		break;
	default:
		abort();
	}
}

static void run_apart(struct machine *m, int i, unsigned w0, uint32_t mask)
{
	for (; i >= 0 && mask; i = m->k->node[i].next)
		run_apart_node(m, &m->k->node[i], w0, mask);
}

static uint32_t all_of(const struct machine *m, unsigned w0)
{
	unsigned left = m->k->threads - w0;
	return left >= WARP ? 0xffffffffu : (1u << left) - 1;
}

static void shuffle(struct machine *m, const struct node *n, unsigned w0, uint32_t mask,
		    unsigned kind, unsigned arg, unsigned width)
{
	uint32_t old[WARP] = {0}, result[WARP] = {0};
	EACH(l, mask) old[l] = m->v[w0 + l][n->to];
	EACH(l, mask)
	{
		unsigned base = l / width * width, from = l;
		if (kind == 0)
			from = base + arg % width;
		else if (kind == 1)
			from = l - base >= arg ? l - arg : l;
		else if (kind == 2)
			from = l + arg < base + width ? l + arg : l;
		else
			from = (l ^ arg) < base + width ? l ^ arg : l;
		/* a lane beyond the block's end brings nothing: the value stays */
		result[l] = mask >> from & 1 ? old[from] : old[l];
	}
	EACH(l, mask) m->v[w0 + l][n->to] = result[l];
	m->collectives++;
}

static void run_together(struct machine *m, int i);

static void run_together_node(struct machine *m, const struct node *n)
{
	unsigned threads = m->k->threads, total = 0;
	unsigned warps = (threads + WARP - 1) / WARP;
	switch (n->kind) {
	case UNIFORM_LOOP:
		for (unsigned step = 0; step < 1 + n->constant % 3; step++)
			run_together(m, n->body);
		break;
	case EXCHANGE:
		for (unsigned t = 0; t < threads; t++)
			m->shared[t] = m->v[t][n->to];
		for (unsigned t = 0; t < threads; t++)
			m->v[t][n->to] = m->shared[(t + n->constant) % threads];
		m->barriers += 2;
		m->shared_stores += warps;
		m->shared_loads += warps;
		break;
	case SHARED_ATOMIC:
		memset(m->bins, 0, sizeof m->bins);
		for (unsigned t = 0; t < threads; t++)
			m->bins[evaluate(m, n, t) % 16] += m->v[t][n->to];
		for (unsigned t = 0; t < threads; t++)
			m->v[t][n->to] = m->bins[t % 16];
		m->barriers += 3;
		m->shared_stores++;
		m->shared_atomics += warps;
		m->shared_loads += warps;
		break;
	case BLOCK_VOTE:
		for (unsigned t = 0; t < threads; t++)
			total += evaluate(m, n, t) & 1;
		for (unsigned t = 0; t < threads; t++)
			m->v[t][n->to] += total;
		m->barriers++;
		break;
	default:
		for (unsigned w0 = 0; w0 < threads; w0 += WARP) {
			uint32_t all = all_of(m, w0), votes = 0;
			if (n->kind == SHUFFLE) {
				shuffle(m, n, w0, all, n->op % 4, n->constant % 8, 8u << n->b % 3);
			} else if (n->kind == HALF_SHUFFLE) {
				shuffle(m, n, w0, all & 0xffff, 3, n->constant % 4, 16);
			} else if (n->kind == VOTE) {
				EACH(l, all) votes |= (evaluate(m, n, w0 + l) & 1) << l;
				EACH(l, all) m->v[w0 + l][n->to] += votes;
				m->collectives++;
			} else {
				run_apart_node(m, n, w0, all);
			}
		}
	}
}

static void run_together(struct machine *m, int i)
{
	for (; i >= 0; i = m->k->node[i].next)
		run_together_node(m, &m->k->node[i]);
}

static void run_block(struct machine *m, uint32_t *out)
{
	unsigned threads = m->k->threads, warps = (threads + WARP - 1) / WARP;
	for (unsigned t = 0; t < threads; t++) {
		uint32_t v[VARIABLES] = {t, m->block, t * 7, 3, t ^ 21, 1};
		memcpy(m->v[t], v, sizeof v);
		m->kept[t] = t * 2654435761u;
	}
	m->shared_stores += warps;
	m->barriers++;
	run_together(m, m->k->first);
	for (unsigned t = 0; t < threads; t++) {
		const uint32_t *v = m->v[t];
		out[m->block * threads + t] =
			v[0] ^ v[1] * 3 ^ v[2] * 5 ^ v[3] * 7 ^ v[4] * 11 ^ v[5] * 13;
	}
	m->stores += warps;
}

static void expect(uint64_t seed, unsigned count)
{
	static struct kernel k;
	for (unsigned i = 0; i < count; i++) {
		static struct machine m;
		uint32_t out[THREADS * BLOCKS] = {0};
		make_kernel(&k, seed + i);
		memset(&m, 0, sizeof m);
		m.k = &k;
		for (uint32_t n = 0; n < INPUT; n++)
			m.in[n] = n * 2246822519u ^ n >> 3;
		for (m.block = 0; m.block < k.blocks; m.block++)
			run_block(&m, out);
		uint64_t h = 1469598103934665603u;
		for (int n = 0; n < THREADS * BLOCKS; n++)
			h = (h ^ out[n]) * 1099511628211u;
		for (int n = 0; n < 16; n++)
			h = (h ^ m.counters[n]) * 1099511628211u;
		printf("%u %016llx\n", i, (unsigned long long)h);
		printf("%u loads %llu\n%u load_lanes %llu\n%u load_sectors %llu\n%u stores %llu\n"
		       "%u atomics %llu\n%u shared_loads %llu\n%u shared_stores %llu\n"
		       "%u shared_atomics %llu\n%u barriers %llu\n%u collectives %llu\n",
		       i, m.loads, i, m.load_lanes, i, m.load_sectors, i, m.stores, i, m.atomics, i,
		       m.shared_loads, i, m.shared_stores, i, m.shared_atomics, i, m.barriers, i,
		       m.collectives);
	}
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: differ cu|expect SEED COUNT\n");
		return 2;
	}
	uint64_t seed = strtoull(argv[2], NULL, 10);
	unsigned count = (unsigned)strtoul(argv[3], NULL, 10);
	if (!strcmp(argv[1], "cu"))
		write_program(seed, count);
	else
		expect(seed, count);
	return 0;
}
