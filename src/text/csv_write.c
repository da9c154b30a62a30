/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "csv.h"
#include "csv_guard.h"

/* Behind any apostrophes stands what a spreadsheet would take for a formula. */
static bool
is_formula(const char *text)
{
	/* = + - @, and what input methods make of them. */
	static const char *const wide[] = {"＝", "＋", "－", "＠"};

	text += strspn(text, "'");
	if (*text == '\0')
		return false;
	if (strchr("=+-@\t\r", *text) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return true;
	return false;
}

const char *
csv_unguard(const char *text)
{
	return *text == '\'' && is_formula(text) ? text + 1 : text;
}

/* Delimiters and newlines of any reader; blanks that some would trim; what the
 * first cell of a file must not begin with to be read as text. */
static bool
needs_quotes(const char *text)
{
	size_t n = strlen(text);

	return n > 0 &&
	       (text[strcspn(text, ",;\t\"\r\n")] != '\0' || text[0] == ' ' || text[n - 1] == ' ' ||
		       strncmp(text, "\xef\xbb\xbf", 3) == 0 || strncasecmp(text, "sep=", 4) == 0);
}

void
csv_put_cell(struct sb *sb, const char *text)
{
	bool quoted = needs_quotes(text);

	if (quoted)
		sb_putc(sb, '"');
	if (is_formula(text))
		sb_putc(sb, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			sb_putc(sb, '"');
		sb_putc(sb, *text);
	}
	if (quoted)
		sb_putc(sb, '"');
}

void
csv_put_row(struct sb *sb, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sb_putc(sb, ',');
		if (cells[i] != NULL)
			csv_put_cell(sb, cells[i]);
	}
	sb_puts(sb, "\r\n");
}
