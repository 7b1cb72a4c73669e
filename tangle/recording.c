/* A recording is a directory, essays/ESSAY/recorded/PROGRAM/, or one below it for each point of a sweep, named by
 * point_dir(). In it, beside the files it names, lies `record`, a text of records (record.h):
 *
 *   recording  1
 *   program    ESSAY  PROGRAM  POINT           POINT: "n=256 seed=1", "static", or empty
 *   recipe     DIGEST
 *   device     NAME
 *   with       NAME  VALUE                     any number, sorted by name: arch, clocks, date, driver, toolkit …
 *   run        STATUS  WALL_US  OUT_OMITTED  ERR_OMITTED  REPEATS
 *   file       NAME  DIGEST  SIZE  result|log  any number
 *   end        DIGEST of everything above
 *
 * Digests are SHA-256 in hexadecimal. The last line tells a damaged record from a whole one; who changed it on purpose is
 * what the repository's history is for. */
#include "recording.h"

#include "arena.h"
#include "ctoken.h"
#include "record.h"

void recording_write(const struct recording *r, struct buf *out)
{
	size_t from = out->len;
	record_line(out, "recording", "1", NULL);
	record_field(out, S("program"));
	record_field(out, r->essay);
	record_field(out, r->program);
	record_field(out, r->point);
	record_end(out);
	record_field(out, S("recipe"));
	record_digest(out, r->recipe);
	record_end(out);
	record_field(out, S("device"));
	record_field(out, r->device);
	record_end(out);
	for (const struct circumstance *c = r->environment; c; c = c->next) {
		record_field(out, S("with"));
		record_field(out, c->name);
		record_field(out, c->value);
		record_end(out);
	}
	record_field(out, S("run"));
	record_int(out, r->status);
	record_int(out, (int64_t)(r->wall_s * 1e6));
	record_int(out, r->out_omitted);
	record_int(out, r->err_omitted);
	record_int(out, r->repeats);
	record_end(out);
	for (int i = 0; i < r->nfiles; i++) {
		record_field(out, S("file"));
		record_field(out, r->files[i].name);
		record_digest(out, r->files[i].digest);
		record_int(out, r->files[i].size_bytes);
		record_field(out, r->files[i].log ? S("log") : S("result"));
		record_end(out);
	}
	Digest sum = digest_of((Str){out->at + from, out->len - from});
	record_field(out, S("end"));
	record_digest(out, sum);
	record_end(out);
}

/* A file of a recording lies beside its record, under a plain name. */
static bool is_plain_name(Str name)
{
	return name.len && name.at[0] != '.' && !str_has(name, '/') && !str_has(name, '\0') && !str_eq(name, S("record"));
}

static bool read_file(struct recording *r, const struct record *rec)
{
	struct recorded_file *f = &r->files[r->nfiles++];
	f->name = record_get(rec, 1);
	f->size_bytes = record_get_int(rec, 3);
	f->log = str_eq(record_get(rec, 4), S("log"));
	return is_plain_name(f->name) && digest_parse(record_get(rec, 2), &f->digest);
}

/* One record but the first and the last; false for what does not belong there. */
static bool read_record(struct recording *r, const struct record *rec, struct circumstance ***tail, struct arena *a)
{
	Str kind = record_get(rec, 0);
	if (str_eq(kind, S("program"))) {
		r->essay = record_get(rec, 1);
		r->program = record_get(rec, 2);
		r->point = record_get(rec, 3);
	} else if (str_eq(kind, S("recipe"))) {
		return digest_parse(record_get(rec, 1), &r->recipe);
	} else if (str_eq(kind, S("device"))) {
		r->device = record_get(rec, 1);
	} else if (str_eq(kind, S("with"))) {
		**tail = NEW(a, struct circumstance);
		***tail = (struct circumstance){NULL, record_get(rec, 1), record_get(rec, 2)};
		*tail = &(**tail)->next;
	} else if (str_eq(kind, S("run"))) {
		r->status = (int)record_get_int(rec, 1);
		r->wall_s = (double)record_get_int(rec, 2) / 1e6;
		r->out_omitted = record_get_int(rec, 3);
		r->err_omitted = record_get_int(rec, 4);
		r->repeats = (int)record_get_int(rec, 5);
	} else if (str_eq(kind, S("file"))) {
		return read_file(r, rec);
	} else {
		return false;
	}
	return true;
}

struct recording *recording_read(Str text, struct arena *a, Str *problem)
{
	struct recording *r = NEW(a, struct recording);
	struct record *rec = NEW(a, struct record);
	struct circumstance **tail = &r->environment;
	Str rest = text;
	if (!record_next(&rest, rec, a) || !str_eq(record_get(rec, 0), S("recording"))) {
		*problem = S("it does not begin as a recording");
		return NULL;
	}
	if (!str_eq(record_get(rec, 1), S("1"))) {
		*problem = str_fmt(a, "it has format '%.*s', not '1'", STR_ARG(record_get(rec, 1)));
		return NULL;
	}
	int room = 0;
	for (size_t i = 0; i < text.len; i++)
		room += text.at[i] == '\n';
	r->files = NEWS(a, struct recorded_file, (size_t)room + 1);
	for (;;) {
		size_t before = rest.len ? (size_t)(rest.at - text.at) : text.len;
		if (!record_next(&rest, rec, a)) {
			*problem = S("it breaks off");
			return NULL;
		}
		if (str_eq(record_get(rec, 0), S("end"))) {
			Digest sum;
			bool whole = digest_parse(record_get(rec, 1), &sum) && !rest.len && digest_eq(sum, digest_of(str_sub(text, 0, before)));
			*problem = S("its bytes do not have the digest at its end");
			return whole ? r : NULL;
		}
		if (!read_record(r, rec, &tail, a)) {
			*problem = str_fmt(a, "a record '%.*s' is malformed", STR_ARG(printable(a, record_get(rec, 0))));
			return NULL;
		}
	}
}

Str recording_circumstance(const struct recording *r, const char *name)
{
	for (const struct circumstance *c = r->environment; c; c = c->next)
		if (str_eq(c->name, str_of(name)))
			return c->value;
	return (Str){0};
}

/* ---- Recipes ---- */

static void hash_words(struct hash *h, const Str *word, int n)
{
	for (int i = 0; i < n; i++)
		hash_str(h, word[i]);
	hash_int(h, n);
}

/* weft.h counts by what a program can get from it: its version. */
static Str header_version(Str text)
{
	static const char define[] = "#define WEFT_H_VERSION";
	size_t at = str_search(text, str_of(define), 0);
	return str_trim(str_sub(text, at + sizeof define - 1, str_find(text, '\n', at)));
}

static void hash_source(struct hash *h, const struct program *p)
{
	/* A language with #line directives is read by a C compiler. */
	bool c_like = str_starts(p->recipe->line, S("#line"));
	hash_str(h, p->chunk->language);
	hash_words(h, p->command, p->ncommand);
	hash_words(h, p->link, p->nlink);
	for (int i = 0; i < p->nsources; i++) {
		const struct action_input *in = &p->sources[i];
		hash_str(h, in->path);
		if (str_eq(in->path, S("weft.h")))
			hash_str(h, header_version(in->text));
		else if (c_like)
			ctoken_hash(h, in->text);
		else
			hash_str(h, in->text);
	}
	hash_int(h, p->nsources);
}

Digest source_digest(const struct program *p)
{
	struct hash h = {0};
	hash_str(&h, S("source 1"));
	hash_source(&h, p);
	return hash_done(&h);
}

Digest recipe_digest(const struct action *run)
{
	static const enum option telling[] = {OPT_STDIN, OPT_OUTPUTS, OPT_EXPECT, OPT_APPROX};
	struct hash h = {0};
	hash_str(&h, S("recipe 1"));
	hash_source(&h, run->program);
	hash_words(&h, run->argv, run->argc);
	for (size_t i = 0; i < sizeof telling / sizeof *telling; i++) {
		hash_int(&h, run->chunk->opt.value[telling[i]].given);
		hash_str(&h, run->chunk->opt.value[telling[i]].text);
	}
	for (int i = 0; i < run->ninputs; i++) {
		const struct action_input *in = &run->inputs[i];
		if (in->kind == INPUT_TEXT || (in->from && in->from->kind == ACT_COMPILE))
			continue;
		hash_str(&h, in->path);
		if (in->kind == INPUT_FILE)
			hash_digest(&h, in->digest);
		else
			hash_digest(&h, in->from->absent ? (Digest){{0}} : result_digest(in->from->result, false));
	}
	return hash_done(&h);
}

/* ---- Places ---- */

Str point_name(const struct sweep *s, int point, struct arena *a)
{
	struct buf out = buf_new(a, 64);
	for (int i = 0; s && i < s->nparams; i++)
		buf_fmt(&out, "%s%.*s=%.*s", i ? " " : "", STR_ARG(s->name[i]), STR_ARG(s->value[point][i]));
	return buf_str(&out);
}

Str point_dir(Str point, struct arena *a)
{
	struct buf out = buf_new(a, point.len + 16);
	for (size_t i = 0; i < point.len; i++) {
		char c = point.at[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '=' || c == '-' || c == '.';
		if (plain)
			buf_char(&out, c);
		else if (c == ' ')
			buf_char(&out, ',');
		else
			buf_fmt(&out, "_%02x", (unsigned)(unsigned char)c);
	}
	return buf_str(&out);
}

Str recording_dir(Str essay, Str program, Str point, struct arena *a)
{
	return str_fmt(a, "essays/%.*s/recorded/%.*s%s%.*s", STR_ARG(essay), STR_ARG(program), point.len ? "/" : "",
	               STR_ARG(point_dir(point, a)));
}
