# SPDX-License-Identifier: ISC
# www/static: the files of this folder under hashed names, those of app/ as one; www/assets.hdf: which.
STATIC = static/app/10_ground.css static/app/20_frame.css static/app/30_parts.css static/app/40_list.css static/app/50_form.css \
	static/app/60_record.css static/app/70_state.css static/app/80_settings.css static/app/85_narrow.css static/app/90_first.css \
	static/app.js static/passkey.js static/favicon.svg static/icons.svg
EXTRA_DIST += $(STATIC)
WWW_MADE += www/assets.hdf
www/assets.hdf: scripts/assets $(STATIC)
	$(AM_V_GEN)$(MKDIR_P) www && $(srcdir)/scripts/assets $(srcdir)/static www/static $@
