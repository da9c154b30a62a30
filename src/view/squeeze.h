/* SPDX-License-Identifier: ISC */
/*
 * What a template's author indents for the eye need not be sent. Inside view/
 * only. In place, before parsing:
 *   - comments are dropped,
 *   - a line break (with the blanks around it) after a command that prints
 *     nothing by itself (if, each, set, def ...) is dropped,
 *   - any other run of blanks that holds a line break becomes one line break.
 * Commands themselves and everything on one line stay as they are. So a
 * template must not rely on line breaks in its own text (<pre>): values keep
 * theirs.
 */
#ifndef PRAYA_VIEW_SQUEEZE_H
#define PRAYA_VIEW_SQUEEZE_H

void squeeze(char *text);

#endif
