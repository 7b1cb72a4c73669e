/* C, C++ and CUDA text as the tokens a compiler makes of it: without comments, blanks and line numbers. */
#ifndef WEFT_CTOKEN_H
#define WEFT_CTOKEN_H

#include "digest.h"

enum ctoken_kind { CTOKEN_NAME, CTOKEN_NUMBER, CTOKEN_TEXT, CTOKEN_SIGN, CTOKEN_LINE_END };

struct ctoken {
	enum ctoken_kind kind;  /* LINE_END: of a directive; elsewhere lines do not matter */
	Str text;               /* as written; a view */
	bool tight;             /* nothing stands between it and the token before */
};

/* A text being read. Start from {.text = …}. */
struct ctokens {
	Str text;
	size_t at;
	bool in_directive, mid_line;
};

/* The next token; false at the end. #line directives and #pragma-like lines "# 12 …" yield nothing. Takes any bytes:
 * what is no token of C is a sign of its own, an unclosed comment or literal ends with the text or its line. */
bool ctoken_next(struct ctokens *in, struct ctoken *token);

/* Add a text's tokens. Equal for two texts only if a compiler cannot tell them apart but by __LINE__ and by the blanks within
 * an argument that a macro turns into a string. */
void ctoken_hash(struct hash *h, Str text);

#endif
