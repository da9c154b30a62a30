/* SPDX-License-Identifier: ISC */
/* Pages about the workspace itself and those who use it. */
#ifndef PRAYA_WORKSPACE_H
#define PRAYA_WORKSPACE_H

#include "model.h"

extern const struct route access_routes[];
extern const struct route account_routes[];
extern const struct route audit_export_routes[];
extern const struct route audit_person_routes[];
extern const struct route audit_routes[];
extern const struct route audit_settings_routes[];
extern const struct route audit_whole_routes[];
extern const struct route export_ask_routes[];
extern const struct route export_routes[];
extern const struct route export_whole_routes[];
extern const struct route desk_routes[];
extern const struct route field_routes[];
extern const struct route job_routes[];
extern const struct route link_routes[];
extern const struct route openapi_routes[];
extern const struct route passkey_routes[];
extern const struct route place_routes[];
extern const struct route profile_matrix_routes[];
extern const struct route profile_new_routes[];
extern const struct route profile_routes[];
extern const struct route session_routes[];
extern const struct route sign_up_routes[];
extern const struct route support_enter_routes[];
extern const struct route support_routes[];
extern const struct route team_routes[];
extern const struct route token_routes[];
extern const struct route two_step_routes[];
extern const struct route user_routes[];
extern const struct route view_as_routes[];
extern const struct route watch_routes[];
extern const struct route way_in_routes[];
extern const struct route welcome_routes[];

/* Chooses the reader's language, wherever they are signed in or not. */
handler_fn session_language;

#endif
