/* The YAML head: one mapping of a few known keys, read from libyaml's events. */
#include "front.h"

#include <string.h>
#include <yaml.h>

#include "arena.h"
#include "nearest.h"
#include "utf8.h"

enum { MINUTES_MOST = 600, HEAD_MOST = 64 << 10 };

enum kind { TEXT, DATE, YES_NO, LIST, NUMBER };

static const struct key_def {
	const char *name;
	enum kind kind;
	bool required;
	size_t field;           /* in struct front; LIST: of `tags` */
} key_defs[] = {
	{"title",    TEXT,   true,  offsetof(struct front, title)},
	{"category", TEXT,   true,  offsetof(struct front, category)},
	{"summary",  TEXT,   true,  offsetof(struct front, summary)},
	{"date",     DATE,   true,  offsetof(struct front, date)},
	{"updated",  DATE,   false, offsetof(struct front, updated)},
	{"tags",     LIST,   false, offsetof(struct front, tags)},
	{"draft",    YES_NO, false, offsetof(struct front, draft)},
	{"minutes",  NUMBER, false, offsetof(struct front, minutes)},
};

enum { NKEYS = sizeof key_defs / sizeof *key_defs };

struct head {
	const struct file *file;
	Str yaml;
	yaml_parser_t parser;
	struct front *front;
	struct arena *arena;
	bool seen[NKEYS];
};

size_t front_extent(const struct file *file, Str text, Str *yaml)
{
	*yaml = (Str){0};
	Str rest = text;
	if (str_starts(rest, S("\xef\xbb\xbf")))
		rest = str_sub(rest, 3, rest.len);
	Str first = str_cut(&rest, '\n');
	if (!str_eq(str_trim(first), S("---")) || *first.at != '-')
		return 0;
	const char *from = rest.at;
	while (rest.len) {
		Str line = str_cut(&rest, '\n');
		if (line.len >= 3 && *line.at == '-' && str_eq(str_trim(line), S("---"))) {
			*yaml = (Str){from, (size_t)(line.at - from)};
			return rest.at ? (size_t)(rest.at - text.at) : text.len;
		}
	}
	error_at((Span){file, 1, 1}, "the head that begins here has no closing '---'");
	return (size_t)(first.at + first.len - text.at);
}

/* libyaml counts lines and characters from 0; the head begins on line 2. */
static Span place(const struct head *h, yaml_mark_t mark)
{
	Span at = {h->file, (int)mark.line + 2, 1};
	Str rest = h->yaml;
	for (size_t i = 0; i < mark.line && rest.len; i++)
		str_cut(&rest, '\n');
	Str line = str_cut(&rest, '\n');
	size_t i = 0;
	for (size_t n = 0; n < mark.column && i < line.len; n++)
		utf8_next(line, &i);
	at.col += (int)i;
	return at;
}

static bool next_event(struct head *h, yaml_event_t *event)
{
	if (yaml_parser_parse(&h->parser, event))
		return true;
	error_at(place(h, h->parser.problem_mark), "the head is not YAML: %s",
	         h->parser.problem ? h->parser.problem : "out of memory");
	return false;
}

/* A scalar's text in the arena, trimmed, each run of line breaks a blank. */
static Str scalar(struct head *h, const yaml_event_t *event)
{
	Str raw = {(const char *)event->data.scalar.value, event->data.scalar.length};
	raw = str_trim(raw);
	char *copy = NEWS(h->arena, char, raw.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < raw.len; i++) {
		bool line_break = raw.at[i] == '\n' || raw.at[i] == '\r';
		if (!line_break)
			copy[n++] = raw.at[i];
		else if (n && copy[n - 1] != ' ')
			copy[n++] = ' ';
	}
	return (Str){copy, n};
}

static bool is_date(Str s)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	long year, month, day;
	if (s.len != 10 || s.at[4] != '-' || s.at[7] != '-')
		return false;
	for (size_t i = 0; i < 10; i++)
		if (i != 4 && i != 7 && !(s.at[i] >= '0' && s.at[i] <= '9'))
			return false;
	str_int(str_sub(s, 0, 4), &year);
	str_int(str_sub(s, 5, 7), &month);
	str_int(str_sub(s, 8, 10), &day);
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

static void set_text(struct head *h, const struct key_def *def, Str text, Span at)
{
	void *field = (char *)h->front + def->field;
	long number;
	switch (def->kind) {
	case TEXT:
		if (!text.len)
			error_at(at, "'%s' is empty", def->name);
		*(Str *)field = text;
		break;
	case DATE:
		if (is_date(text))
			*(Str *)field = text;
		else
			error_at(at, "'%s' wants a date as 2026-01-20, not '%.*s'", def->name, STR_ARG(text));
		break;
	case YES_NO:
		if (!str_eq(text, S("true")) && !str_eq(text, S("false")))
			error_at(at, "'%s' is true or false, not '%.*s'", def->name, STR_ARG(text));
		*(bool *)field = str_eq(text, S("true"));
		break;
	case NUMBER:
		h->front->at_minutes = at;
		if (str_int(text, &number) && number >= 1 && number <= MINUTES_MOST)
			*(int *)field = (int)number;
		else
			error_at(at, "'%s' is a whole number from 1 to %d, not '%.*s'",
			         def->name, MINUTES_MOST, STR_ARG(text));
		break;
	case LIST:
		error_at(at, "'%s' is a list, as [CUDA, Attention]", def->name);
		break;
	}
}

/* Step over a value whose first event has been read. */
static bool skip_value(struct head *h, yaml_event_type_t first)
{
	long depth = 0;
	for (yaml_event_type_t type = first;;) {
		depth += type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
		depth -= type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
		if (!depth)
			return true;
		yaml_event_t event;
		if (!next_event(h, &event))
			return false;
		type = event.type;
		yaml_event_delete(&event);
	}
}

static bool read_tags(struct head *h)
{
	struct tag {
		struct tag *next;
		Str text;
	} *tags = NULL, **tail = &tags;
	int n = 0;
	for (bool more = true; more; ) {
		yaml_event_t event;
		if (!next_event(h, &event))
			return false;
		Span at = place(h, event.start_mark);
		yaml_event_type_t type = event.type;
		if (type == YAML_SCALAR_EVENT) {
			struct tag *tag = NEW(h->arena, struct tag);
			tag->text = scalar(h, &event);
			if (!tag->text.len)
				error_at(at, "a tag is empty");
			*tail = tag;
			tail = &tag->next;
			n++;
		}
		yaml_event_delete(&event);
		more = type != YAML_SEQUENCE_END_EVENT;
		if (more && type != YAML_SCALAR_EVENT) {
			error_at(at, "a tag is a plain text");
			if (!skip_value(h, type))
				return false;
		}
	}
	h->front->tags = NEWS(h->arena, Str, (size_t)n);
	h->front->ntags = 0;
	for (const struct tag *tag = tags; tag; tag = tag->next)
		h->front->tags[h->front->ntags++] = tag->text;
	return true;
}

/* The key's definition, or NULL after reporting a key that is unknown or stands twice. */
static const struct key_def *find_key(struct head *h, Str key, Span at)
{
	struct nearest near = nearest_to(key);
	for (int i = 0; i < NKEYS; i++) {
		nearest_try(&near, str_of(key_defs[i].name));
		if (!str_eq(key, str_of(key_defs[i].name)))
			continue;
		if (!h->seen[i]) {
			h->seen[i] = true;
			return &key_defs[i];
		}
		error_at(at, "'%s' stands twice in the head", key_defs[i].name);
		return NULL;
	}
	error_at(at, "unknown key '%.*s' in the head%.*s", STR_ARG(key),
	         STR_ARG(nearest_hint(&near, h->arena)));
	return NULL;
}

static bool read_value(struct head *h, const struct key_def *def)
{
	yaml_event_t event;
	if (!next_event(h, &event))
		return false;
	yaml_event_type_t type = event.type;
	Span at = place(h, event.start_mark);
	if (def && type == YAML_SCALAR_EVENT)
		set_text(h, def, scalar(h, &event), at);
	yaml_event_delete(&event);
	if (type == YAML_SCALAR_EVENT)
		return true;
	if (def && def->kind == LIST && type == YAML_SEQUENCE_START_EVENT)
		return read_tags(h);
	if (def)
		error_at(at, def->kind == LIST ? "'%s' is a list, as [CUDA, Attention]" : "'%s' is one plain text",
		         def->name);
	return skip_value(h, type);
}

static bool read_mapping(struct head *h)
{
	for (;;) {
		yaml_event_t event;
		if (!next_event(h, &event))
			return false;
		yaml_event_type_t type = event.type;
		Span at = place(h, event.start_mark);
		Str key = type == YAML_SCALAR_EVENT ? scalar(h, &event) : (Str){0};
		yaml_event_delete(&event);
		if (type == YAML_MAPPING_END_EVENT)
			return true;
		const struct key_def *def = NULL;
		if (type == YAML_SCALAR_EVENT)
			def = find_key(h, key, at);
		else
			error_at(at, "a key of the head is a plain word");
		if (type != YAML_SCALAR_EVENT && !skip_value(h, type))
			return false;
		if (!read_value(h, def))
			return false;
	}
}

/* False after reporting what makes the rest unreadable. */
static bool read_head(struct head *h)
{
	for (;;) {
		yaml_event_t event;
		if (!next_event(h, &event))
			return false;
		yaml_event_type_t type = event.type;
		Span at = place(h, event.start_mark);
		yaml_event_delete(&event);
		switch (type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_START_EVENT:
			break;
		case YAML_STREAM_END_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			return true;
		case YAML_MAPPING_START_EVENT:
			if (!read_mapping(h))
				return false;
			break;
		default:
			error_at(at, "the head is a list of lines 'key: value'");
			return false;
		}
	}
}

void front_parse(const struct file *file, Str yaml, struct front *front, struct arena *a)
{
	struct head h = {.file = file, .yaml = yaml, .front = front, .arena = a};
	if (yaml.len > HEAD_MOST) {
		error_at((Span){file, 1, 1}, "the head has more than %d bytes", HEAD_MOST);
		return;
	}
	if (!yaml_parser_initialize(&h.parser))
		fatal("cannot start the YAML parser");
	yaml_parser_set_encoding(&h.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&h.parser, (const unsigned char *)yaml.at, yaml.len);
	bool whole = read_head(&h);
	yaml_parser_delete(&h.parser);
	for (int i = 0; whole && i < NKEYS; i++)
		if (key_defs[i].required && !h.seen[i])
			error_at((Span){file, 1, 1}, "the head has no '%s'", key_defs[i].name);
}
