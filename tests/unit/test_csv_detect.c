/* SPDX-License-Identifier: ISC */
/* What kind of file an upload is. */
#include "unit.h"

#include "csv.h"

static void
is_detected(const char *text, size_t n, enum csv_encoding encoding, char delimiter)
{
	struct csv_format f = {CSV_ENCODING_MAX, 0};

	assert_int_equal(csv_detect((const unsigned char *)text, n, &f), CSV_OK);
	assert_int_equal(f.encoding, encoding);
	assert_int_equal(f.delimiter, delimiter);
}

#define DETECTED(text, encoding, delimiter) is_detected(text, sizeof(text) - 1, encoding, delimiter)

static void
encodings_are_detected(void **state)
{
	(void)state;
	DETECTED("", CSV_UTF8, ',');
	DETECTED("a,b\n", CSV_UTF8, ',');
	DETECTED("\xef\xbb\xbf"
		 "a;b\n",
		CSV_UTF8, ';');
	DETECTED("姓名,電話\n陳大文,91234567\n", CSV_UTF8, ',');
	DETECTED("\xff\xfe"
		 "a\0;\0b\0\n\0",
		CSV_UTF16LE, ';');
	DETECTED("\xfe\xff\0a\0\t\0b\0\n", CSV_UTF16BE, '\t');
	DETECTED("\xb3\xaf\xa4\x6a\xa4\xe5,\xb9\x71\xb8\xdc\n", CSV_BIG5, ',');
	/* The second byte of a Big5 character is no delimiter: 0xA47C is 乜. */
	DETECTED("\xb3\xaf\xa4\x7c;\xb9\x71\n", CSV_BIG5, ';');
	/* A sample that ends inside a character. */
	DETECTED("a,陳\xe5\xa4", CSV_UTF8, ',');
	/* One broken character in much good text does not turn it into Big5. */
	DETECTED("姓名,電話,地址\n陳大文,\xff,香港灣仔\n李小明,1,九龍\n", CSV_UTF8, ',');
}

static void
delimiters_are_detected(void **state)
{
	(void)state;
	DETECTED("a\tb\tc\n1\t2,5\t3\n", CSV_UTF8, '\t');
	DETECTED("a;b\n1,5;2\n3,5;4\n", CSV_UTF8, ';');
	DETECTED("\"a,b,c,d\";\"e\"\n\"1,2\";3\n", CSV_UTF8, ';');
	DETECTED("name,notes\nx,\"a;b;c\"\ny,\"d;e\nf;g\"\n", CSV_UTF8, ',');
	DETECTED("name,notes\nx,a;b;c;d\ny,e;f\n", CSV_UTF8, ',');
	DETECTED("onecolumn\n1\n", CSV_UTF8, ',');
	DETECTED("sep=;\r\na,b,c\r\n", CSV_UTF8, ';');
	DETECTED("\xef\xbb\xbfSEP=\t\na,b,c\n", CSV_UTF8, '\t');
	DETECTED("sep=x\na,b,c\n", CSV_UTF8, ',');
	DETECTED("\n\n\na;b;c\n1;2;3\n", CSV_UTF8, ';');
	DETECTED("a;b\r1;2\r", CSV_UTF8, ';');
}

static void
not_detected(const char *text, size_t n, enum csv_sniff want)
{
	struct csv_format f;

	assert_int_equal(csv_detect((const unsigned char *)text, n, &f), want);
}

static void
other_files_are_told_apart(void **state)
{
	(void)state;
#define NOT(text, want) not_detected(text, sizeof(text) - 1, want)
	NOT("PK\3\4rest", CSV_IS_XLSX);
	NOT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", CSV_IS_XLSX);
	NOT("%PDF-1.7\n", CSV_IS_BINARY);
	NOT("{\\rtf1 a}", CSV_IS_BINARY);
	NOT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", CSV_IS_BINARY);
	NOT("\xff\xd8\xff\xe0\x10JFIF\x01\x02", CSV_IS_BINARY);
	NOT("a\0b\0", CSV_IS_BINARY);
	NOT("\xff\xfe\0\0a\0\0\0", CSV_IS_BINARY);
	NOT("\x1f\x8b\x08\x01\x02\x03", CSV_IS_BINARY);
	NOT("a,\x01,b\n", CSV_IS_BINARY);
#undef NOT
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodings_are_detected),
		cmocka_unit_test(delimiters_are_detected),
		cmocka_unit_test(other_files_are_told_apart),
	};

	return cmocka_run_group_tests_name("csv_detect", tests, NULL, NULL);
}
