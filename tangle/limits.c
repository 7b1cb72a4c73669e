/* Limits, told from what cmark has open and the line that comes next. */
#include "limits.h"

#include <cmark-gfm.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm/parser.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char byte_at(Str s, size_t i)
{
	return i < s.len ? s.at[i] : 0;
}

/* Marks of quotes and list items at the front of a line: how many containers it could open. */
static int markers(Str line)
{
	int n = 0;
	for (size_t i = 0; i < line.len; ) {
		char c = line.at[i];
		size_t digits = 0;
		while (digits < 9 && byte_at(line, i + digits) >= '0' && byte_at(line, i + digits) <= '9')
			digits++;
		char delimiter = byte_at(line, i + digits);
		bool bullet = (c == '-' || c == '*' || c == '+') && is_space(byte_at(line, i + 1));
		bool number = digits && (delimiter == '.' || delimiter == ')') &&
		              is_space(byte_at(line, i + digits + 1));
		if (!is_space(c) && c != '>' && !bullet && !number)
			return n;
		n += !is_space(c);
		i += digits + 1;
	}
	return n;
}

/* "- - -" opens nothing. */
static bool is_break(Str line)
{
	Str rest = str_trim(line);
	for (size_t i = 0; i < rest.len; i++)
		if (rest.at[i] != *rest.at && !is_space(rest.at[i]))
			return false;
	return rest.len && (*rest.at == '-' || *rest.at == '*');
}

/* Columns of a table's delimiter row; 0 for any other line. A '|' at either end makes none. */
static int delimiter_columns(Str line)
{
	int n = 1;
	Str row = str_trim(line);
	while (str_starts(row, S(">")))
		row = str_trim(str_sub(row, 1, row.len));
	for (size_t i = 0; i < row.len; i++) {
		if (!str_has(S("|-: \t"), row.at[i]))
			return 0;
		n += row.at[i] == '|' && i && i + 1 < row.len;
	}
	return n;
}

static int depth_of(const cmark_node *node)
{
	int depth = 0;
	for (; node && depth <= NESTING_MOST; node = node->parent)
		depth += node->type == CMARK_NODE_BLOCK_QUOTE || node->type == CMARK_NODE_ITEM;
	return depth;
}

bool within_limits(const cmark_parser *parser, Str line, Span at)
{
	const cmark_node *open = parser->current;
	bool verbatim = open->type == CMARK_NODE_CODE_BLOCK && open->parent == parser->root;
	if ((!verbatim && !is_break(line) && markers(line) > NESTING_MOST) || depth_of(open) > NESTING_MOST) {
		error_at(at, "quotes and lists are nested deeper than %d", NESTING_MOST);
		return false;
	}
	if (open->type == CMARK_NODE_PARAGRAPH && delimiter_columns(line) > COLUMNS_MOST) {
		error_at(at, "a table has more than %d columns", COLUMNS_MOST);
		return false;
	}
	return true;
}
