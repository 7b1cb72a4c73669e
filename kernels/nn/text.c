#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "real.h"

/* Number the bytes of token[], which holds the raw text, and replace them. */
static struct text numbered(unsigned char *token, size_t length)
{
	struct text t = {.length = length, .token = token};
	bool occurs[256] = {0};
	for (size_t i = 0; i < length; i++)
		occurs[token[i]] = true;
	for (int b = 0; b < 256; b++) {
		t.token_of[b] = occurs[b] ? t.symbols : -1;
		if (occurs[b])
			t.byte[t.symbols++] = (unsigned char)b;
	}
	for (size_t i = 0; i < length; i++)
		token[i] = (unsigned char)t.token_of[token[i]];
	return t;
}

static unsigned char *grown(unsigned char *bytes, size_t size)
{
	bytes = realloc(bytes, size);
	if (!bytes)
		nn_quit("out of memory: %zu bytes of text", size);
	return bytes;
}

struct text text_read(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		nn_quit("open '%s': %s", path, strerror(errno));
	size_t room = 1 << 16, length = 0;
	unsigned char *bytes = grown(NULL, room);
	for (size_t n; (n = fread(bytes + length, 1, room - length, f)) > 0; ) {
		length += n;
		if (length == room)
			bytes = grown(bytes, room *= 2);
	}
	if (ferror(f))
		nn_quit("read '%s': %s", path, strerror(errno));
	fclose(f);
	if (!length)
		nn_quit("'%s' is empty: there is nothing to learn from", path);
	return numbered(bytes, length);
}

struct text text_of(const char *bytes, size_t length)
{
	return numbered(memcpy(grown(NULL, length), bytes, length), length);
}

static void copy_window(const struct text *t, size_t at, size_t time, int *input, int *target)
{
	for (size_t k = 0; k < time; k++) {
		input[k] = t->token[at + k];
		target[k] = t->token[at + k + 1];
	}
}

void text_draw(const struct text *t, size_t from, size_t to, size_t batch, size_t time,
               weft_rng *rng, int *input, int *target)
{
	if (to > t->length || from > to || to - from <= time)
		nn_quit("a window of %zu tokens and the next one does not fit tokens %zu to %zu "
		        "of %zu", time, from, to, t->length);
	for (size_t b = 0; b < batch; b++)
		copy_window(t, from + weft_below(rng, to - from - time), time, input + b * time,
		            target + b * time);
}

size_t text_windows(const struct text *t, size_t from, size_t to, size_t first, size_t batch,
                    size_t time, int *input, int *target)
{
	size_t whole = 0;
	for (size_t b = 0; b < batch; b++, input += time, target += time) {
		size_t at = from + (first + b) * time;
		if (to <= t->length && at + time < to) {
			copy_window(t, at, time, input, target);
			whole++;
			continue;
		}
		for (size_t k = 0; k < time; k++) {
			input[k] = 0;
			target[k] = -1;
		}
	}
	return whole;
}
