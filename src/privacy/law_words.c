/* SPDX-License-Identifier: ISC */
#include "law_words.h"

#include <string.h>

const char *
law_shown(struct arena *a, enum lang lang, const char *law)
{
	static const char chapter[] = "Cap. ", section[] = " s.";
	const char *at;

	if (law == NULL || lang == LANG_EN || strncmp(law, chapter, strlen(chapter)) != 0 ||
		(at = strstr(law, section)) == NULL || strpbrk(at + strlen(section), " ,;") != NULL)
		return law;
	law += strlen(chapter);
	return arena_printf(a, "%s%s",
		view_text(a, lang, "law.chapter", arena_strndup(a, law, (size_t)(at - law))),
		view_text(a, lang, "law.section", at + strlen(section)));
}
