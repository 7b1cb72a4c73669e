/* gnuplot's SVG made small, themable and safe.
 *
 * Three passes over the tree that xml_parse() gives. clean() holds every element and attribute against the
 * allow-list and rewrites each value by its kind (numbers to one decimal, the theme's colours to variables);
 * what it lets through is letters, numbers and colours, so nothing else can reach the page. simplify() takes
 * away what says nothing: attributes that repeat what is inherited, groups without content or attributes.
 * write_node() prints. Labels are text nodes throughout and are escaped when printed. */
#include "svg.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "html.h"
#include "xml.h"

enum attr_kind { DROP, COLOUR, NUMBER, FINE, LENGTH, NUMBERS, PATH, TRANSFORM, WORD, ID, HREF, SPACE };

static const struct attr_def {
	const char *name;
	enum attr_kind kind;
	const char *inherited;  /* its value at the fragment's root; NULL: it does not inherit */
} attr_defs[] = {
	{"class",             DROP,      NULL},
	{"font-family",       DROP,      NULL},
	{"fill",              COLOUR,    "none"},
	{"stroke",            COLOUR,    "currentColor"},
	{"color",             COLOUR,    "var(--fig-fg)"},
	{"stroke-width",      NUMBER,    "1"},
	{"font-size",         NUMBER,    "13"},
	{"stroke-linecap",    WORD,      "round"},
	{"stroke-linejoin",   WORD,      "round"},
	{"stroke-dasharray",  NUMBERS,   "none"},
	{"text-anchor",       WORD,      "start"},
	{"font-weight",       WORD,      "normal"},
	{"font-style",        WORD,      "normal"},
	{"shape-rendering",   WORD,      "auto"},
	{"fill-opacity",      FINE,      "1"},
	{"stroke-opacity",    FINE,      "1"},
	{"visibility",        WORD,      "visible"},
	{"opacity",           FINE,      NULL},
	{"x",                 NUMBER,    NULL},
	{"y",                 NUMBER,    NULL},
	{"x1",                NUMBER,    NULL},
	{"y1",                NUMBER,    NULL},
	{"x2",                NUMBER,    NULL},
	{"y2",                NUMBER,    NULL},
	{"cx",                NUMBER,    NULL},
	{"cy",                NUMBER,    NULL},
	{"r",                 NUMBER,    NULL},
	{"width",             NUMBER,    NULL},
	{"height",            NUMBER,    NULL},
	{"dx",                LENGTH,    NULL},
	{"dy",                LENGTH,    NULL},
	{"points",            NUMBERS,   NULL},
	{"d",                 PATH,      NULL},
	{"transform",         TRANSFORM, NULL},
	{"id",                ID,        NULL},
	{"xlink:href",        HREF,      NULL},
	{"xml:space",         SPACE,     NULL},
};
enum { NATTRS = sizeof attr_defs / sizeof *attr_defs };

/* What becomes of an element. Of a dropped one nothing is looked at, for nothing of it is kept. */
static const struct element_def {
	const char *name;
	enum { KEEP, GROUP, LABEL, SYMBOLS, FORGET } role;
} element_defs[] = {
	{"g", GROUP}, {"path", KEEP}, {"polygon", KEEP}, {"polyline", KEEP}, {"line", KEEP},
	{"rect", KEEP}, {"circle", KEEP}, {"use", KEEP}, {"text", LABEL}, {"tspan", LABEL},
	{"defs", SYMBOLS}, {"title", FORGET}, {"desc", FORGET}, {"filter", FORGET},
};

/* The theme's colours (figures/theme.gp) and the page's variables for them. Black is what gnuplot
 * draws with when nothing else was said. */
static const struct colour {
	const char *rgb, *variable, *light, *dark;
} colours[] = {
	{"23211d", "--fig-fg",    "#23211d", "#e4e1d9"},
	{"6d6961", "--fig-muted", "#6d6961", "#a39e93"},
	{"b9b4a8", "--fig-line",  "#b9b4a8", "#5b5e66"},
	{"e6e2d8", "--fig-grid",  "#e6e2d8", "#2b2e35"},
	{"fdfcf9", "--fig-paper", "#fdfcf9", "#16181c"},
	{"2b5c9e", "--s1",        "#2b5c9e", "#86b0ec"},
	{"b5482a", "--s2",        "#b5482a", "#ee9676"},
	{"47783a", "--s3",        "#47783a", "#98c781"},
	{"7a4a94", "--s4",        "#7a4a94", "#c9a0de"},
	{"94690f", "--s5",        "#94690f", "#ddb860"},
	{"000000", "--fig-fg",    NULL,      NULL},
};
enum { NCOLOURS = sizeof colours / sizeof *colours };

struct symbol {
	struct symbol *next;
	struct xml *node;
	bool used;
};

struct drawing {
	struct arena *arena;
	const struct svg_labels *labels;
	struct symbol *symbols, **last_symbol;
	Str problem;
};

/* Note the first problem; always false. */
static bool refuse(struct drawing *d, const struct xml *node, const char *what, Str name)
{
	if (!d->problem.len)
		d->problem = str_fmt(d->arena, "line %d: %s '%.*s'", node->line, what, STR_ARG(name));
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Take a decimal number off `rest`, past blanks and one comma before it. */
static bool take_number(Str *rest, double *number)
{
	Str s = str_trim(*rest);
	if (str_starts(s, S(",")))
		s = str_trim(str_sub(s, 1, s.len));
	size_t n = 0;
	while (n < s.len && (memchr("+-", s.at[n], 2) ? n == 0 : memchr("0123456789.", s.at[n], 11) != NULL))
		n++;
	*rest = str_sub(s, n, s.len);
	return str_real(str_sub(s, 0, n), number);
}

/* At most `decimals`, without zeros at the end and without a negative zero. */
static Str rounded(double number, int decimals, struct arena *a)
{
	Str s = str_fmt(a, "%.*f", decimals, number);
	while (str_has(s, '.') && (str_ends(s, S("0"))))
		s.len--;
	if (str_ends(s, S(".")))
		s.len--;
	return str_eq(s, S("-0")) ? S("0") : s;
}

/* Numbers alone, as in points and dashes; "x,y x,y". */
static bool rewrite_numbers(Str *value, struct arena *a)
{
	struct buf out = buf_new(a, value->len);
	Str rest = str_trim(*value);
	for (int i = 0; rest.len; i++) {
		double number;
		if (!take_number(&rest, &number))
			return false;
		if (i)
			buf_char(&out, i % 2 ? ',' : ' ');
		buf_add(&out, rounded(number, 1, a));
		rest = str_trim(rest);
	}
	*value = buf_str(&out);
	return true;
}

static bool rewrite_number(Str *value, int decimals, bool with_unit, struct arena *a)
{
	double number;
	Str rest = *value;
	if (!take_number(&rest, &number))
		return false;
	rest = str_trim(rest);
	if (rest.len && !(with_unit && (str_eq(rest, S("px")) || str_eq(rest, S("em")))))
		return false;
	/* A length without a unit is in pixels. */
	Str unit = str_eq(rest, S("em")) ? rest : (Str){0};
	*value = str_join(a, rounded(number, decimals, a), unit);
	return true;
}

static bool rewrite_word(Str *value)
{
	*value = str_trim(*value);
	for (size_t i = 0; i < value->len; i++)
		if (!is_letter(value->at[i]) && value->at[i] != '-')
			return false;
	return value->len > 0;
}

/* "translate(1,2) scale(3)": known functions of numbers, and nothing else. */
static bool rewrite_transform(Str *value, struct arena *a)
{
	struct buf out = buf_new(a, value->len);
	for (Str rest = str_trim(*value); rest.len; rest = str_trim(rest)) {
		size_t open = str_find(rest, '(', 0), close = str_find(rest, ')', 0);
		Str name = str_trim(str_sub(rest, 0, open));
		if (close == rest.len || open > close ||
		    !(str_eq(name, S("translate")) || str_eq(name, S("scale")) || str_eq(name, S("rotate"))))
			return false;
		Str numbers = str_sub(rest, open + 1, close);
		if (!rewrite_numbers(&numbers, a))
			return false;
		buf_fmt(&out, "%s%.*s(%.*s)", out.len ? " " : "", STR_ARG(name), STR_ARG(numbers));
		rest = str_sub(rest, close + 1, rest.len);
	}
	*value = buf_str(&out);
	return true;
}

static Str colour_of(unsigned long rgb, struct arena *a)
{
	Str hex = str_fmt(a, "%06lx", rgb);
	for (size_t i = 0; i < NCOLOURS; i++)
		if (str_eq(hex, str_of(colours[i].rgb)))
			return str_fmt(a, "var(%s)", colours[i].variable);
	return str_fmt(a, "#%.*s", STR_ARG(hex));
}

/* rgb(r,g,b), #rrggbb or a colour's name. */
static bool rewrite_colour(Str *value, struct arena *a)
{
	Str s = str_trim(*value);
	unsigned long rgb = 0;
	if (str_starts(s, S("rgb(")) && str_ends(s, S(")"))) {
		Str rest = str_sub(s, 4, s.len - 1);
		for (int i = 0; i < 3; i++) {
			double part;
			if (!take_number(&rest, &part) || !(part >= 0 && part <= 255))
				return false;
			rgb = rgb << 8 | (unsigned long)part;
		}
		if (str_trim(rest).len)
			return false;
	} else if (str_starts(s, S("#"))) {
		if (s.len != 7)
			return false;
		for (size_t i = 1; i < s.len; i++) {
			const char *known = "0123456789abcdef0123456789ABCDEF";
			const char *hit = memchr(known, s.at[i], 32);
			if (!hit)
				return false;
			rgb = rgb << 4 | (unsigned long)((hit - known) & 15);
		}
	} else {
		if (!rewrite_word(&s))
			return false;
		*value = str_eq(s, S("black")) ? S("var(--fig-fg)") :
		         str_eq(s, S("white")) ? S("var(--fig-paper)") : s;
		return true;
	}
	*value = colour_of(rgb, a);
	return true;
}

/* A path being rewritten. A move is kept back until something is drawn from it. */
struct pen {
	struct buf out;
	Str x, y;               /* where the pen is; empty x: not known */
	bool lifted;            /* the move to x, y is not written yet */
	bool drawn;             /* the current subpath has a segment */
};

static void put_down(struct pen *p)
{
	if (p->lifted)
		buf_fmt(&p->out, "M%.*s,%.*s", STR_ARG(p->x), STR_ARG(p->y));
	p->lifted = false;
}

static void line_to(struct pen *p, Str x, Str y)
{
	bool same_x = str_eq(x, p->x), same_y = str_eq(y, p->y);
	put_down(p);
	if (same_x && same_y) {
		/* A point drawn with round ends is a dot; repeated points along a line are nothing. */
		if (!p->drawn)
			buf_z(&p->out, "h0");
	} else if (same_y) {
		buf_fmt(&p->out, "H%.*s", STR_ARG(x));
	} else if (same_x) {
		buf_fmt(&p->out, "V%.*s", STR_ARG(y));
	} else {
		buf_fmt(&p->out, "L%.*s,%.*s", STR_ARG(x), STR_ARG(y));
	}
	p->x = x;
	p->y = y;
	p->drawn = true;
}

static bool rewrite_path(Str *value, struct arena *a)
{
	struct pen p = {.out = buf_new(a, value->len)};
	Str rest = str_trim(*value);
	while (rest.len) {
		char command = rest.at[0];
		if (!memchr("MmLlHhVvZzCcSsQqTtAa", command, 20))
			return false;
		rest = str_trim(str_sub(rest, 1, rest.len));
		bool absolute = command == 'M' || command == 'L';
		if (!absolute) {
			put_down(&p);
			buf_char(&p.out, command);
			p.x = p.y = (Str){0};
			p.drawn = true;
		}
		for (int i = 0; rest.len && !is_letter(rest.at[0]); i++) {
			double x, y;
			if (!take_number(&rest, &x) || (absolute && !take_number(&rest, &y)))
				return false;
			rest = str_trim(rest);
			Str x_text = rounded(x, 1, a);
			if (!absolute) {
				buf_fmt(&p.out, "%s%.*s", i ? " " : "", STR_ARG(x_text));
			} else if (command == 'M' && i == 0) {
				p.x = x_text;
				p.y = rounded(y, 1, a);
				p.lifted = true;
				p.drawn = false;
			} else {
				line_to(&p, x_text, rounded(y, 1, a));
			}
		}
	}
	*value = buf_str(&p.out);
	return true;
}

static bool is_id(Str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_letter(s.at[i]) && !(s.at[i] >= '0' && s.at[i] <= '9') && !memchr("-_", s.at[i], 2))
			return false;
	return s.len > 0;
}

/* Rewrite a value by its attribute's kind; false if it has not the form of that kind. */
static bool rewrite(struct drawing *d, enum attr_kind kind, Str *value)
{
	struct arena *a = d->arena;
	switch (kind) {
	case DROP:      return true;
	case COLOUR:    return rewrite_colour(value, a);
	case NUMBER:    return rewrite_number(value, 1, false, a);
	case FINE:      return rewrite_number(value, 2, false, a);
	case LENGTH:    return rewrite_number(value, 1, true, a);
	case NUMBERS:   return rewrite_numbers(value, a);
	case PATH:      return rewrite_path(value, a);
	case TRANSFORM: return rewrite_transform(value, a);
	case WORD:      return rewrite_word(value);
	case SPACE:     return str_eq(*value, S("preserve"));
	case ID:        return is_id(*value);
	case HREF:      return str_starts(*value, S("#")) && is_id(str_sub(*value, 1, value->len));
	}
	return false;
}

static const struct attr_def *find_attr(Str name)
{
	for (size_t i = 0; i < NATTRS; i++)
		if (str_eq(name, str_of(attr_defs[i].name)))
			return &attr_defs[i];
	return NULL;
}

static bool clean_attrs(struct drawing *d, struct xml *node, bool is_symbol)
{
	for (struct xml_attr **at = &node->attrs; *at; ) {
		const struct attr_def *def = find_attr((*at)->name);
		if (!def)
			return refuse(d, node, "attribute not allowed:", (*at)->name);
		if (!rewrite(d, def->kind, &(*at)->value))
			return refuse(d, node, "malformed value of", (*at)->name);
		bool dropped = def->kind == DROP || (def->kind == ID && !is_symbol);
		if (dropped)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
	return true;
}

/* Blanks that XML would fold stand in the label as no-break spaces. */
static Str kept_blanks(Str text, struct arena *a)
{
	struct buf out = buf_new(a, text.len);
	for (size_t i = 0; i < text.len; i++) {
		bool folded = is_blank(text.at[i]) &&
		              (i == 0 || i + 1 == text.len || is_blank(text.at[i - 1]));
		buf_add(&out, folded ? S("\xc2\xa0") : str_sub(text, i, i + 1));
	}
	return buf_str(&out);
}

static const struct element_def *find_element(Str tag)
{
	for (size_t i = 0; i < sizeof element_defs / sizeof *element_defs; i++)
		if (str_eq(tag, str_of(element_defs[i].name)))
			return &element_defs[i];
	return NULL;
}

static bool clean(struct drawing *d, struct xml *node, bool is_symbol);

/* Clean the children and unlink those that are not kept; symbols move to the drawing's list. */
static bool clean_children(struct drawing *d, struct xml *node)
{
	const struct element_def *parent = find_element(node->tag);
	bool is_label = parent && parent->role == LABEL;
	bool preserve = is_label && xml_get(node, S("xml:space"));
	for (struct xml **at = &node->child; *at; ) {
		struct xml *child = *at;
		if (!child->tag.len) {
			if (!is_label && str_trim(child->text).len)
				return refuse(d, node, "text outside a label in", node->tag);
			if (preserve)
				child->text = kept_blanks(child->text, d->arena);
			if (is_label && child->text.len)
				at = &child->next;
			else
				*at = child->next;
			continue;
		}
		const struct element_def *def = find_element(child->tag);
		if (!def)
			return refuse(d, child, "element not allowed:", child->tag);
		*at = child->next;
		if (def->role == FORGET)
			continue;
		if (!clean(d, child, parent && parent->role == SYMBOLS))
			return false;
		if (def->role == SYMBOLS)
			continue;
		if (parent && parent->role == SYMBOLS) {
			*d->last_symbol = NEW(d->arena, struct symbol);
			(*d->last_symbol)->node = child;
			d->last_symbol = &(*d->last_symbol)->next;
			continue;
		}
		child->next = *at;
		*at = child;
		at = &child->next;
	}
	return true;
}

static bool clean(struct drawing *d, struct xml *node, bool is_symbol)
{
	if (!clean_attrs(d, node, is_symbol) || !clean_children(d, node))
		return false;
	xml_unset(node, S("xml:space"));
	if (is_symbol && !xml_get(node, S("id")))
		return refuse(d, node, "a symbol without an id:", node->tag);
	return true;
}

/* What an element inherits, by index into attr_defs. */
struct style {
	Str value[NATTRS];
};

/* Take off attributes that repeat what is inherited; the rest is what the children inherit. */
static struct style simplify_attrs(struct xml *node, const struct style *outer)
{
	struct style inner = *outer;
	for (struct xml_attr **at = &node->attrs; *at; ) {
		const struct attr_def *def = find_attr((*at)->name);
		Str *known = &inner.value[def - attr_defs];
		if (def->inherited && str_eq(*known, (*at)->value)) {
			*at = (*at)->next;
			continue;
		}
		if (def->inherited)
			*known = (*at)->value;
		at = &(*at)->next;
	}
	return inner;
}

/* Can the group's attributes stand on its only child? What inherits is overridden there anyway. */
static bool can_merge(const struct xml *group, const struct xml *child)
{
	for (const struct xml_attr *attr = group->attrs; attr; attr = attr->next)
		if (!find_attr(attr->name)->inherited && xml_get(child, attr->name))
			return false;
	return true;
}

static void merge(const struct xml *group, struct xml *child, struct arena *a)
{
	for (const struct xml_attr *attr = group->attrs; attr; attr = attr->next)
		if (!xml_get(child, attr->name))
			xml_set(child, attr->name, attr->value, a);
}

/* "translate(1,2)" and what follows it. */
static bool split_translate(Str transform, Str *x, Str *y, Str *tail)
{
	size_t end = str_find(transform, ')', 0);
	if (!str_starts(transform, S("translate(")) || end == transform.len)
		return false;
	Str inside = str_sub(transform, S("translate(").len, end);
	*x = str_cut(&inside, ',');
	*y = inside;
	*tail = str_trim(str_sub(transform, end + 1, transform.len));
	return y->len > 0;
}

/* A label that is only moved has a place instead. Blanks at its ends would not be drawn. */
static void simplify_label(struct xml *text, struct arena *a)
{
	const Str *transform = xml_get(text, S("transform"));
	Str x, y, tail;
	if (transform && split_translate(*transform, &x, &y, &tail) && !tail.len) {
		xml_unset(text, S("transform"));
		xml_set(text, S("x"), x, a);
		xml_set(text, S("y"), y, a);
	}
	if (text->child && !text->child->tag.len && !text->child->next)
		text->child->text = str_trim(text->child->text);
}

static bool is_nothing(const struct xml *node)
{
	if (!node->tag.len)
		return !node->text.len;
	return !node->child && find_element(node->tag)->role != KEEP;
}

static bool is_wrapper(const struct xml *node)
{
	return !node->attrs && (str_eq(node->tag, S("g")) || str_eq(node->tag, S("tspan")));
}

/* A filled circle as gnuplot writes it: "translate(x,y) scale(r)", the colour, no more. */
static bool is_dot(const struct xml *node, Str *x, Str *y, Str *radius)
{
	const Str *href = xml_get(node, S("xlink:href")), *transform = xml_get(node, S("transform"));
	Str tail;
	if (!str_eq(node->tag, S("use")) || !href || !str_eq(*href, S("#gpPt6")) || !transform ||
	    !split_translate(*transform, x, y, &tail) || !str_starts(tail, S("scale(")))
		return false;
	for (const struct xml_attr *attr = node->attrs; attr; attr = attr->next)
		if (attr->value.at != href->at && attr->value.at != transform->at && !str_eq(attr->name, S("color")))
			return false;
	*radius = str_sub(tail, S("scale(").len, tail.len - 1);
	return true;
}

/* Runs of equal dots become one path of strokes without length: a round pen leaves a dot there. */
static void join_dots(struct xml *parent, const struct style *style, struct arena *a)
{
	for (struct xml **at = &parent->child; *at; at = &(*at)->next) {
		Str x, y, radius, next_radius;
		double r;
		if (!is_dot(*at, &x, &y, &radius) || !str_real(radius, &r))
			continue;
		struct xml *path = NEW(a, struct xml);
		const Str *colour = xml_get(*at, S("color"));
		struct buf d = buf_new(a, 256);
		path->tag = S("path");
		xml_set(path, S("stroke"), colour ? *colour : S("currentColor"), a);
		xml_set(path, S("stroke-width"), rounded(2 * r, 1, a), a);
		if (!str_eq(style->value[find_attr(S("stroke-linecap")) - attr_defs], S("round")))
			xml_set(path, S("stroke-linecap"), S("round"), a);
		struct xml *dot = *at;
		for (; dot && is_dot(dot, &x, &y, &next_radius) && str_eq(radius, next_radius); dot = dot->next) {
			const Str *next_colour = xml_get(dot, S("color"));
			if (!colour != !next_colour || (colour && !str_eq(*colour, *next_colour)))
				break;
			buf_fmt(&d, "M%.*s,%.*sh0", STR_ARG(x), STR_ARG(y));
		}
		xml_set(path, S("d"), buf_str(&d), a);
		path->next = dot;
		*at = path;
	}
}

static void simplify(struct drawing *d, struct xml *node, const struct style *outer)
{
	struct style inner = simplify_attrs(node, outer);
	for (struct xml **at = &node->child; *at; ) {
		struct xml *child = *at;
		simplify(d, child, &inner);
		if (is_nothing(child)) {
			*at = child->next;
		} else if (is_wrapper(child)) {
			struct xml *last = child->child;
			while (last->next)
				last = last->next;
			last->next = child->next;
			*at = child->child;
			at = &last->next;
		} else if (str_eq(child->tag, S("g")) && !child->child->next && can_merge(child, child->child)) {
			merge(child, child->child, d->arena);
			child->child->next = child->next;
			*at = child->child;
			if (str_eq((*at)->tag, S("text")))
				simplify_label(*at, d->arena);
			at = &(*at)->next;
		} else {
			at = &child->next;
		}
	}
	if (str_eq(node->tag, S("text")))
		simplify_label(node, d->arena);
	join_dots(node, &inner, d->arena);
}

/* Mark the symbols that the tree refers to, and those they refer to. */
static bool mark_used(struct drawing *d, struct xml *node)
{
	const Str *href = xml_get(node, S("xlink:href"));
	if (href) {
		struct symbol *s = d->symbols;
		while (s && !str_eq(*xml_get(s->node, S("id")), str_sub(*href, 1, href->len)))
			s = s->next;
		if (!s)
			return refuse(d, node, "reference to an unknown symbol:", *href);
		/* Marked before it is entered, so that symbols in a circle end. */
		bool seen = s->used;
		s->used = true;
		if (!seen && !mark_used(d, s->node))
			return false;
	}
	for (struct xml *child = node->child; child; child = child->next)
		if (!mark_used(d, child))
			return false;
	return true;
}

static void write_attr(const struct drawing *d, const struct xml_attr *attr, struct buf *out)
{
	Str id = d->labels->id;
	if (str_eq(attr->name, S("id")))
		buf_fmt(out, " id=\"%.*s-%.*s\"", STR_ARG(id), STR_ARG(attr->value));
	else if (str_eq(attr->name, S("xlink:href")))
		buf_fmt(out, " href=\"#%.*s-%.*s\"", STR_ARG(id), STR_ARG(str_sub(attr->value, 1, attr->value.len)));
	else
		buf_fmt(out, " %.*s=\"%.*s\"", STR_ARG(attr->name), STR_ARG(attr->value));
}

static void write_node(const struct drawing *d, const struct xml *node, struct buf *out)
{
	if (!node->tag.len) {
		html_text(out, node->text);
		return;
	}
	bool is_text = str_eq(node->tag, S("text"));
	buf_fmt(out, "<%.*s", STR_ARG(node->tag));
	for (const struct xml_attr *attr = node->attrs; attr; attr = attr->next)
		write_attr(d, attr, out);
	buf_z(out, node->child ? ">" : "/>");
	for (const struct xml *child = node->child; child; child = child->next) {
		if (child == node->child && str_eq(node->tag, S("g")))
			buf_char(out, '\n');
		write_node(d, child, out);
	}
	if (node->child)
		buf_fmt(out, "</%.*s>", STR_ARG(node->tag));
	if (is_text || !str_eq(node->tag, S("tspan")))
		buf_char(out, '\n');
}

/* A file of its own brings its colours along. */
static void write_style(struct buf *out)
{
	buf_z(out, "<style>svg{background:#fdfcf9");
	for (size_t i = 0; i < NCOLOURS; i++)
		if (colours[i].light)
			buf_fmt(out, ";%s:%s", colours[i].variable, colours[i].light);
	buf_z(out, ";color:var(--fig-fg)}@media(prefers-color-scheme:dark){svg{background:#16181c");
	for (size_t i = 0; i < NCOLOURS; i++)
		if (colours[i].dark)
			buf_fmt(out, ";%s:%s", colours[i].variable, colours[i].dark);
	buf_z(out, "}}</style>\n");
}

static void write_head(const struct drawing *d, Str width, Str height, struct buf *out)
{
	const struct svg_labels *l = d->labels;
	buf_z(out, "<svg");
	if (l->standalone)
		buf_z(out, " xmlns=\"http://www.w3.org/2000/svg\"");
	if (l->css_class.len)
		buf_fmt(out, " class=\"%.*s\"", STR_ARG(l->css_class));
	buf_fmt(out, " viewBox=\"0 0 %.*s %.*s\" width=\"%.*s\" height=\"%.*s\" role=\"img\"",
	        STR_ARG(width), STR_ARG(height), STR_ARG(width), STR_ARG(height));
	buf_fmt(out, " aria-labelledby=\"%.*s-t%s%.*s%s\"", STR_ARG(l->id), l->desc.len ? " " : "",
	        l->desc.len ? (int)l->id.len : 0, l->id.at, l->desc.len ? "-d" : "");
	buf_fmt(out, " font-family=\"%s\" font-size=\"13\">\n",
	        l->standalone ? "Inter,system-ui,sans-serif" : "var(--sans)");
	buf_fmt(out, "<title id=\"%.*s-t\">", STR_ARG(l->id));
	html_text(out, l->title);
	buf_z(out, "</title>\n");
	if (l->desc.len) {
		buf_fmt(out, "<desc id=\"%.*s-d\">", STR_ARG(l->id));
		html_text(out, l->desc);
		buf_z(out, "</desc>\n");
	}
	if (l->standalone)
		write_style(out);
}

static void write_symbols(const struct drawing *d, struct buf *out)
{
	bool any = false;
	for (const struct symbol *s = d->symbols; s; s = s->next) {
		if (!s->used)
			continue;
		if (!any)
			buf_z(out, "<defs>\n");
		any = true;
		write_node(d, s->node, out);
	}
	if (any)
		buf_z(out, "</defs>\n");
}

/* The root's own attributes: the size is read, names of XML name spaces are not kept. */
static bool read_root(struct drawing *d, struct xml *root, Str *width, Str *height)
{
	const Str *box = xml_get(root, S("viewBox"));
	Str rest = box ? *box : (Str){0};
	double number[4];
	if (!str_eq(root->tag, S("svg")))
		return refuse(d, root, "the root is not 'svg' but", root->tag);
	for (int i = 0; i < 4; i++)
		if (!take_number(&rest, &number[i]) || !(number[i] >= 0 && number[i] <= 100000))
			return refuse(d, root, "malformed value of", S("viewBox"));
	*width = rounded(number[2], 1, d->arena);
	*height = rounded(number[3], 1, d->arena);
	xml_unset(root, S("viewBox"));
	xml_unset(root, S("xmlns"));
	xml_unset(root, S("xmlns:xlink"));
	xml_unset(root, S("width"));
	xml_unset(root, S("height"));
	return true;
}

/* gnuplot's first rectangle is the background of a terminal without one. */
static void drop_canvas(struct xml *root)
{
	for (struct xml **at = &root->child; *at; at = &(*at)->next) {
		const Str *fill = xml_get(*at, S("fill")), *stroke = xml_get(*at, S("stroke"));
		if (str_eq((*at)->tag, S("rect")) && !stroke && (!fill || str_eq(*fill, S("none")))) {
			*at = (*at)->next;
			return;
		}
	}
}

static bool draw(struct drawing *d, struct xml *root, struct buf *out)
{
	Str width, height;
	struct style outer;
	for (size_t i = 0; i < NATTRS; i++)
		outer.value[i] = str_of(attr_defs[i].inherited);
	d->last_symbol = &d->symbols;
	if (!read_root(d, root, &width, &height) || !clean(d, root, false))
		return false;
	for (struct xml *child = root->child; child; child = child->next)
		if (str_eq(child->tag, S("g")))
			drop_canvas(child);
	simplify(d, root, &outer);
	if (!mark_used(d, root))
		return false;
	write_head(d, width, height, out);
	write_symbols(d, out);
	buf_z(out, "<g fill=\"none\" stroke=\"currentColor\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n");
	for (const struct xml *child = root->child; child; child = child->next)
		write_node(d, child, out);
	buf_z(out, "</g>\n</svg>\n");
	return true;
}

Str svg_fragment(Str svg, const struct svg_labels *labels, struct arena *a, Str *problem)
{
	struct drawing d = {.arena = a, .labels = labels};
	struct buf out = buf_new(a, svg.len / 2);
	struct xml *root = xml_parse(svg, a, &d.problem);
	bool done = root && draw(&d, root, &out);
	*problem = done ? (Str){0} : d.problem;
	return done ? buf_str(&out) : (Str){0};
}
