/* Depfiles and quoted includes. */
#include "depfile.h"

enum { NAME_MOST = 4096 };

/* Reads one name from `rest`; false at the end of the rule. */
static bool next_name(Str *rest, char *name, size_t *len)
{
	Str s = *rest;
	size_t i = 0, n = 0;
	for (; i < s.len; i++) {
		if (s.at[i] == '\\' && i + 1 < s.len && s.at[i + 1] == '\n')
			i++;
		else if (s.at[i] != ' ' && s.at[i] != '\t')
			break;
	}
	for (; i < s.len && s.at[i] != ' ' && s.at[i] != '\t' && s.at[i] != '\n'; i++) {
		char c = s.at[i];
		if (c == '\\' && i + 1 < s.len && s.at[i + 1] == '\n')
			break;
		if ((c == '\\' && i + 1 < s.len && (s.at[i + 1] == ' ' || s.at[i + 1] == '#' || s.at[i + 1] == '\\')) ||
		    (c == '$' && i + 1 < s.len && s.at[i + 1] == '$'))
			c = s.at[++i];
		if (n < NAME_MOST)
			name[n++] = c;
	}
	*rest = str_sub(s, i, s.len);
	*len = n;
	return n > 0;
}

void depfile_each(Str text, void (*found)(void *ctx, Str path), void *ctx)
{
	char name[NAME_MOST];
	while (text.len) {
		/* A rule's target ends with the first ": " or ":\n". */
		bool in_rule = false;
		size_t len;
		while (next_name(&text, name, &len)) {
			if (!in_rule)
				in_rule = name[len - 1] == ':';
			else
				found(ctx, (Str){name, len});
		}
		text = str_sub(text, 1, text.len);
	}
}

void include_each(Str text, void (*found)(void *ctx, Str name), void *ctx)
{
	while (text.len) {
		Str line = str_trim(str_cut(&text, '\n'));
		if (!str_starts(line, S("#")))
			continue;
		line = str_trim(str_sub(line, 1, line.len));
		if (!str_starts(line, S("include")))
			continue;
		line = str_trim(str_sub(line, 7, line.len));
		size_t end = str_find(line, '"', 1);
		if (str_starts(line, S("\"")) && end < line.len)
			found(ctx, str_sub(line, 1, end));
	}
}
