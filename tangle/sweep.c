/* Sweeps: a small product of lists. */
#include "sweep.h"

#include "arena.h"

enum { PARAMS_MOST = 16 };

/* One list of a sweep while it grows. */
struct list {
	Str item[SWEEP_MOST];
	int n;
};

static bool add_item(struct list *list, Str item, Span at)
{
	if (list->n == SWEEP_MOST) {
		error_at(at, "the sweep has more than %d points", SWEEP_MOST);
		return false;
	}
	list->item[list->n++] = item;
	return true;
}

/* A parameter goes to the program as name=value and into a table's header. */
static bool is_parameter(Str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		if (!letter && !(i && c >= '0' && c <= '9'))
			return false;
	}
	return s.len > 0;
}

static bool add_range(struct list *list, Str item, size_t dots, Span at, struct arena *a)
{
	long first, last;
	if (!str_int(str_sub(item, 0, dots), &first) || !str_int(str_sub(item, dots + 2, item.len), &last)) {
		error_at(at, "'%.*s' is not a range of whole numbers, as 1..5", STR_ARG(item));
		return false;
	}
	for (long i = first;; i += first < last ? 1 : -1) {
		if (!add_item(list, str_fmt(a, "%ld", i), at))
			return false;
		if (i == last)
			return true;
	}
}

static bool read_list(struct list *list, Str text, Span at, struct arena *a)
{
	list->n = 0;
	for (Str rest = text; rest.at; ) {
		Span here = {at.file, at.line, at.col + (int)(rest.at - text.at)};
		Str item = str_cut(&rest, ',');
		if (!item.len) {
			error_at(here, "a value is missing in '%.*s'", STR_ARG(text));
			return false;
		}
		size_t dots = str_search(item, S(".."), 0);
		bool fine = dots < item.len ? add_range(list, item, dots, here, a) : add_item(list, item, here);
		if (!fine)
			return false;
	}
	return true;
}

/* Point p's values, the first name slowest. */
static void fill(struct sweep *sweep, const int *count, Str *const *lists, struct arena *a)
{
	sweep->value = NEWS(a, Str *, (size_t)sweep->npoints);
	for (int p = 0; p < sweep->npoints; p++) {
		sweep->value[p] = NEWS(a, Str, (size_t)sweep->nparams);
		int rest = p;
		for (int i = sweep->nparams - 1; i >= 0; i--) {
			sweep->value[p][i] = lists[i][rest % count[i]];
			rest /= count[i];
		}
	}
}

struct sweep *sweep_parse(Str text, Span at, struct arena *a)
{
	struct sweep *sweep = NEW(a, struct sweep);
	struct list list;
	Str *lists[PARAMS_MOST];
	int count[PARAMS_MOST];
	sweep->name = NEWS(a, Str, PARAMS_MOST);
	sweep->npoints = 1;
	Str rest = text;
	for (Str word = str_word(&rest); word.len; word = str_word(&rest)) {
		Span here = {at.file, at.line, at.col + (int)(word.at - text.at)};
		size_t equals = str_find(word, '=', 0);
		Str name = str_sub(word, 0, equals);
		if (equals == word.len || !is_parameter(name)) {
			error_at(here, "'%.*s' is not of the form n=256,512 or seed=1..5", STR_ARG(word));
			return NULL;
		}
		for (int i = 0; i < sweep->nparams; i++)
			if (str_eq(sweep->name[i], name)) {
				error_at(here, "'%.*s' stands twice in the sweep", STR_ARG(name));
				return NULL;
			}
		if (sweep->nparams == PARAMS_MOST) {
			error_at(here, "the sweep has more than %d parameters", PARAMS_MOST);
			return NULL;
		}
		Span values = {at.file, at.line, here.col + (int)equals + 1};
		if (!read_list(&list, str_sub(word, equals + 1, word.len), values, a))
			return NULL;
		if (sweep->npoints > SWEEP_MOST / list.n) {
			error_at(at, "the sweep has more than %d points", SWEEP_MOST);
			return NULL;
		}
		Str *items = NEWS(a, Str, (size_t)list.n);
		for (int i = 0; i < list.n; i++)
			items[i] = list.item[i];
		lists[sweep->nparams] = items;
		count[sweep->nparams] = list.n;
		sweep->name[sweep->nparams++] = name;
		sweep->npoints *= list.n;
	}
	if (!sweep->nparams) {
		error_at(at, "the sweep is empty; it is of the form n=256,512 seed=1..5");
		return NULL;
	}
	fill(sweep, count, lists, a);
	return sweep;
}
