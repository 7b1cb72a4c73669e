/* Results as records:
 *
 *   result  1
 *   run     STATUS  WALL_US  OUT_OMITTED  ERR_OMITTED  MACHINE
 *   file    NAME    DIGEST   SIZE  x|-
 *   end     DIGEST of everything above
 */
#include "result.h"

#include <stdlib.h>

#include "arena.h"
#include "record.h"

const struct output *result_output(const struct result *r, Str name)
{
	for (int i = 0; r && i < r->noutputs; i++)
		if (str_eq(r->outputs[i].name, name))
			return &r->outputs[i];
	return NULL;
}

static int by_name(const void *left, const void *right)
{
	return str_cmp(((const struct output *)left)->name, ((const struct output *)right)->name);
}

void result_sort(struct result *r)
{
	if (r->noutputs)
		qsort(r->outputs, (size_t)r->noutputs, sizeof *r->outputs, by_name);
}

bool is_printed(Str output_name)
{
	return str_eq(output_name, S("stdout")) || str_eq(output_name, S("stderr"));
}

Digest result_digest(const struct result *r, bool printed)
{
	struct hash h = {0};
	hash_int(&h, r->status);
	for (int i = 0; i < r->noutputs; i++) {
		if (!printed && is_printed(r->outputs[i].name))
			continue;
		hash_str(&h, r->outputs[i].name);
		hash_digest(&h, r->outputs[i].digest);
	}
	return hash_done(&h);
}

void result_write(const struct result *r, struct buf *out)
{
	size_t from = out->len;
	record_line(out, "result", "1", NULL);
	record_field(out, S("run"));
	record_int(out, r->status);
	record_int(out, (int64_t)(r->wall_s * 1e6));
	record_int(out, r->out_omitted);
	record_int(out, r->err_omitted);
	record_field(out, r->machine);
	record_end(out);
	for (int i = 0; i < r->noutputs; i++) {
		record_field(out, S("file"));
		record_field(out, r->outputs[i].name);
		record_digest(out, r->outputs[i].digest);
		record_int(out, r->outputs[i].size_bytes);
		record_field(out, r->outputs[i].executable ? S("x") : S("-"));
		record_end(out);
	}
	Digest sum = digest_of((Str){out->at + from, out->len - from});
	record_field(out, S("end"));
	record_digest(out, sum);
	record_end(out);
}

struct result *result_read(Str text, struct arena *a)
{
	struct result *r = NEW(a, struct result);
	struct record *rec = NEW(a, struct record);
	Str rest = text;
	if (!record_next(&rest, rec, a) || !str_eq(record_get(rec, 0), S("result")) || !str_eq(record_get(rec, 1), S("1")))
		return NULL;
	int room = 0;
	for (size_t i = 0; i < text.len; i++)
		room += text.at[i] == '\n';
	r->outputs = NEWS(a, struct output, (size_t)room);
	for (;;) {
		size_t before = (size_t)(rest.at - text.at);
		if (!record_next(&rest, rec, a))
			return NULL;
		Str kind = record_get(rec, 0);
		if (str_eq(kind, S("run"))) {
			r->status = (int)record_get_int(rec, 1);
			r->wall_s = (double)record_get_int(rec, 2) / 1e6;
			r->out_omitted = record_get_int(rec, 3);
			r->err_omitted = record_get_int(rec, 4);
			r->machine = str_copy(a, record_get(rec, 5));
		} else if (str_eq(kind, S("file"))) {
			struct output *o = &r->outputs[r->noutputs++];
			o->name = record_get(rec, 1);
			o->size_bytes = record_get_int(rec, 3);
			o->executable = str_eq(record_get(rec, 4), S("x"));
			if (!digest_parse(record_get(rec, 2), &o->digest))
				return NULL;
		} else {
			Digest sum;
			bool whole = str_eq(kind, S("end")) && digest_parse(record_get(rec, 1), &sum) && !rest.len &&
			             digest_eq(sum, digest_of(str_sub(text, 0, before)));
			return whole ? r : NULL;
		}
	}
}
