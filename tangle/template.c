/* Templates: text with {{names}} in it. */
#include "weave.h"

static bool is_slot_name(Str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!(name.at[i] >= 'a' && name.at[i] <= 'z') && name.at[i] != '_')
			return false;
	return name.len > 0;
}

bool template_fill(Str template_text, const struct slot *slots, int nslots, struct buf *out, Str *unknown)
{
	*unknown = (Str){0};
	while (template_text.len) {
		size_t open = str_search(template_text, S("{{"), 0);
		size_t close = str_search(template_text, S("}}"), open);
		Str name = str_sub(template_text, open + 2, close);
		buf_add(out, str_sub(template_text, 0, open));
		if (close == template_text.len || !is_slot_name(name)) {
			/* Not a slot: braces stand for themselves. */
			buf_add(out, str_sub(template_text, open, open + 2));
			template_text = str_sub(template_text, open + 2, template_text.len);
			continue;
		}
		int i = 0;
		while (i < nslots && !str_eq(slots[i].name, name))
			i++;
		if (i < nslots)
			buf_add(out, slots[i].html);
		else if (!unknown->len)
			*unknown = name;
		template_text = str_sub(template_text, close + 2, template_text.len);
	}
	return !unknown->len;
}
