/* Setup chunks: Lua that runs before the plan and gives options to chunks.
 *
 *     chunk "traffic" { sweep = "n=256,512", measured = true }
 *
 * Lua runs in a forked child with a limit on its CPU time, which hands over records. */
#ifndef WEFT_SETUP_H
#define WEFT_SETUP_H

#include "../tangle/doc.h"

/* Has the essay setup chunks? */
bool setup_is_needed(const struct doc *doc);
/* Run them in document order, in one state; append records. Mistakes are records. */
void setup_evaluate(const struct doc *doc, struct buf *records, struct arena *a);
/* Set what they gave, as if it stood on the chunks' fences. False after reporting, at the setup chunk's line: mistakes of
 * Lua, unknown chunks, whatever option_set() refuses, records that break off or are none. */
bool setup_apply(struct doc *doc, Str records, struct arena *a);

#endif
