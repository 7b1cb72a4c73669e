#include "order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search {
	const struct flow *flow;
	int *group;             /* which call of order() a block belongs to; -1 done */
	int *index, *low;       /* Tarjan's; index 0 is unvisited */
	int *stack, *on_stack, depth, visited;
	int *component, components;
	int *out, written;
	int groups;
};

static void *numbers(int n)
{
	void *p = calloc((size_t)n + 1, sizeof(int));
	if (!p) {
		fprintf(stderr, "simtas: out of memory\n");
		exit(2);
	}
	return p;
}

/* Tarjan's algorithm within one group; components are numbered from the last in flow order. */
static void visit(struct search *s, int v, int group)
{
	s->index[v] = s->low[v] = ++s->visited;
	s->stack[s->depth++] = v;
	s->on_stack[v] = 1;
	for (int k = 1; k >= 0; k--) {
		int w = s->flow->next[v][k];
		if (w < 0 || s->group[w] != group)
			continue;
		if (!s->index[w]) {
			visit(s, w, group);
			if (s->low[w] < s->low[v])
				s->low[v] = s->low[w];
		} else if (s->on_stack[w] && s->index[w] < s->low[v]) {
			s->low[v] = s->index[w];
		}
	}
	if (s->low[v] != s->index[v])
		return;
	int w;
	do {
		w = s->stack[--s->depth];
		s->on_stack[w] = 0;
		s->component[w] = s->components;
	} while (w != v);
	s->components++;
}

/* The block of component `c` that control enters by: the entry, or the first that a block outside
 * of it jumps to. */
static int find_header(const struct search *s, int c, int group, int entry, const int *members)
{
	if (entry >= 0 && s->component[entry] == c && s->group[entry] == group)
		return entry;
	for (int v = 0; v < s->flow->n; v++) {
		if (s->group[v] == group && s->component[v] == c)
			continue;
		for (int k = 0; k < 2; k++) {
			int w = s->flow->next[v][k];
			if (w >= 0 && s->group[w] == group && s->component[w] == c)
				return w;
		}
	}
	return members[0];
}

static void order(struct search *s, const int *blocks, int n, int entry)
{
	if (n == 1) {
		s->out[s->written++] = blocks[0];
		return;
	}
	int group = s->group[blocks[0]], first = s->components;
	for (int i = 0; i < n; i++)
		s->index[blocks[i]] = 0;
	s->visited = 0;
	if (entry >= 0)
		visit(s, entry, group);
	for (int i = 0; i < n; i++)
		if (!s->index[blocks[i]])
			visit(s, blocks[i], group);
	int *members = numbers(n), *bucket = numbers(s->components - first + 1);
	/* Sort the blocks by component, last component first, keeping text order inside. */
	for (int i = 0; i < n; i++)
		bucket[s->components - 1 - s->component[blocks[i]]]++;
	for (int c = 0, sum = 0; c < s->components - first; c++) {
		int size = bucket[c];
		bucket[c] = sum;
		sum += size;
	}
	for (int i = 0; i < n; i++)
		members[bucket[s->components - 1 - s->component[blocks[i]]]++] = blocks[i];
	for (int i = 0, end; i < n; i = end) {
		int c = s->component[members[i]];
		for (end = i; end < n && s->component[members[end]] == c; end++)
			;
		if (end == i + 1) {
			s->out[s->written++] = members[i];
			continue;
		}
		/* A loop: its header, then the rest, which is ordered without it. */
		int header = find_header(s, c, group, entry, members + i), rest = i + 1;
		for (int k = i; k < end; k++)
			if (members[k] == header) {
				memmove(members + i + 1, members + i,
					(size_t)(k - i) * sizeof *members);
				members[i] = header;
			}
		s->out[s->written++] = header;
		s->group[header] = -1;
		int inner = ++s->groups, from = -1;
		for (int k = rest; k < end; k++)
			s->group[members[k]] = inner;
		for (int k = 0; k < 2 && from < 0; k++) {
			int w = s->flow->next[header][k];
			if (w >= 0 && s->group[w] == inner)
				from = w;
		}
		order(s, members + rest, end - rest, from);
		for (int k = rest; k < end; k++)
			s->group[members[k]] = -1;
	}
	free(members);
	free(bucket);
}

void flow_order(const struct flow *flow, int *out)
{
	int n = flow->n;
	if (!n)
		return;
	struct search s = {
		.flow = flow,
		.group = numbers(n), .index = numbers(n), .low = numbers(n), .stack = numbers(n),
		.on_stack = numbers(n), .component = numbers(n), .out = out,
	};
	int *all = numbers(n);
	for (int i = 0; i < n; i++)
		all[i] = i;
	order(&s, all, n, 0);
	free(all);
	free(s.group);
	free(s.index);
	free(s.low);
	free(s.stack);
	free(s.on_stack);
	free(s.component);
}
