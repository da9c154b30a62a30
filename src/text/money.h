/* SPDX-License-Identifier: ISC */
/* Money: whole minor units and an ISO 4217 currency. No floating point. */
#ifndef PRAYA_MONEY_H
#define PRAYA_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/* Decimals of a currency (HKD 2, JPY 0); -1 when it is no ISO 4217 code in
 * upper case. */
int money_scale(const char *currency);
/* "1,234.5", "-12", "HK$ 1234.50", "1234.50 HKD" -> minor units. False: not an
 * amount, commas that do not part thousands, another currency's name or sign,
 * or more decimals than the currency has. */
bool money_parse(const char *s, const char *currency, int64_t *minor_r);
/* 123450 HKD -> "1234.50" (plain) or "HK$1,234.50" (shown; "THB 1,234.50" where
 * no sign is common). An unknown currency is taken to have no decimals. */
const char *money_plain(struct arena *a, int64_t minor, const char *currency);
const char *money_show(struct arena *a, int64_t minor, const char *currency);

#endif
