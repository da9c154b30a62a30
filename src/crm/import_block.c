/* SPDX-License-Identifier: ISC */
/* Rows of an import that would make an erased person anew. */
#include "import.h"
#include "suppress.h"

struct err *
import_block(const struct record_ctx *cx, const struct import_map *map, struct import_row *rows,
	size_t n)
{
	struct bytes *digests = ARENA_ARRAY(cx->a, n * map->n + 1, struct bytes);
	struct import_row **of = ARENA_ARRAY(cx->a, n * map->n + 1, struct import_row *);
	const char **names = ARENA_ARRAY(cx->a, n * map->n + 1, const char *);
	struct suppressed *found;
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < map->n && rows[i].error == NULL && rows[i].existing == 0;
			c++) {
			if (map->fields[c] == NULL || rows[i].values[c].null ||
				!suppress_field(map->fields[c]))
				continue;
			of[k] = &rows[i];
			names[k] = map->fields[c]->name;
			digests[k++] = suppress_digest(cx, rows[i].values[c].text);
		}
	TRY(suppress_find(cx, digests, k, &found));
	for (size_t i = 0; i < k; i++) {
		of[i]->stopped |= found[i].marketing;
		if (found[i].erased_on == NULL || of[i]->error != NULL)
			continue;
		of[i]->error = "error.blocked";
		of[i]->field = names[i];
		of[i]->blocked_on = found[i].erased_on;
	}
	return NULL;
}
