/* SPDX-License-Identifier: ISC */
/* Mail: every text of what was taken apart is UTF-8, every list has its end,
 * every file can be read. */
#include "fuzz.h"

#include <string.h>

#include "mail.h"
#include "utf8.h"

static void
check_text(const char *s)
{
	if (s != NULL)
		CHECK(utf8_valid(s, strlen(s)));
}

static void
check_address(const struct mail_address *m)
{
	check_text(m->name);
	check_text(m->address);
	CHECK(m->address == NULL || strchr(m->address, '@') != NULL);
}

static struct err *
count(void *ctx, const void *p, size_t n)
{
	size_t *total = ctx;

	CHECK(n > 0 && p != NULL);
	*total += n;
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct mail *m;

	if (mail_parse(a, data, size, "mx.firm.example", &m) != MAIL_OK)
		return 0;
	check_text(m->message_id);
	check_text(m->subject);
	check_text(m->text);
	CHECK(m->text != NULL && strlen(m->text) <= MAIL_TEXT_MAX + 16);
	check_address(&m->from);
	CHECK(m->nto <= MAIL_ADDRESSES_MAX);
	for (size_t i = 0; i < m->nto; i++)
		check_address(&m->to[i]);
	CHECK(m->nfiles <= MAIL_PARTS_MAX && m->date >= 0);
	for (size_t i = 0; i < m->nfiles; i++) {
		size_t total = 0;

		check_text(m->files[i].file_name);
		check_text(m->files[i].content_type);
		CHECK(m->files[i].file_name[0] != '\0' &&
			strchr(m->files[i].file_name, '/') == NULL);
		CHECK(mail_file_read(&m->files[i], count, &total) == NULL);
		CHECK(total <= 4 * size + 65536);
	}
	return 0;
}
