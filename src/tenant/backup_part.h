/* SPDX-License-Identifier: ISC */
/* What the files of backup_file.h share. Not for others. */
#ifndef PRAYA_BACKUP_PART_H
#define PRAYA_BACKUP_PART_H

#include "backup_file.h"

#define BACKUP_KEY_PURPOSE "backup"

/*
 * What is behind the lines: version 1, one sealed stream to the end of the file. Version 2,
 * pieces: a mark, how long the sealed stream behind it is (0: it was cut off) and a salt, from
 * which and the number of the piece its key comes, so that no piece can be another's, nor stand
 * elsewhere, nor be written twice under one key.
 */
#define BACKUP_VERSION 2
#define PIECE_MARK "PRAYAPCE"
#define PIECE_SALT 16
#define PIECE_HEAD (8 + 8 + PIECE_SALT)

void backup_piece_key(struct arena *a, const struct seal_key *key, int64_t number,
	const unsigned char salt[PIECE_SALT], struct seal_key *key_r);

const char *backup_head_text(struct arena *a, const struct backup_head *h);
/* err_sure(ERR_INVALID), "PATH: WHY". */
struct err *backup_refuse(struct arena *a, const char *path, const char *why);

/* Reads of the pieces that are whole, whatever is behind them; backup_get() says
 * FRAME_CUT after the last of them. */
struct err *backup_open_cut(struct arena *a, const char *path, const struct backup_head *head,
	const struct seal_key *kek, struct backup_reader **r_r);
/* Where the pieces end that backup_get() has read, and how many they are. */
int64_t backup_read_end(const struct backup_reader *r, int64_t *pieces_r);

#endif
