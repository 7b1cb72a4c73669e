/* The YAML head of an essay. */
#ifndef WEFT_FRONT_H
#define WEFT_FRONT_H

#include "doc.h"

/* Length of the head, from its opening line "---" to behind its closing one; 0 without an opening
 * line. *yaml gets what is between. A head that is not closed is reported and is the
 * opening line alone; yaml->at is then NULL. */
size_t front_extent(const struct file *file, Str text, Str *yaml);

/* Parse the head. `yaml` begins on the second line of the file. Reports every mistake: YAML's own, unknown keys
 * (with the nearest known one), keys that are missing or stand twice, values not of their form. */
void front_parse(const struct file *file, Str yaml, struct front *front, struct arena *a);

#endif
