# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Folders of runs that may be killed. To be sourced by bash.
#
# A run holds a lock on a file in its folder, by descriptor 9, and so does whatever
# it starts and passes that on to. The lock goes with the last of them, however they
# end: then the folder is nobody's. Servers that outlive a run are started without it.

# folder_new PARENT NAME: makes PARENT/NAME.XXXXXX, which is then $folder. It is not
# called so before it is locked.
folder_new() {
	local made
	made=$(mktemp -d "$1/.$2.XXXXXX") || return
	exec 9>"$made/alive" && flock 9 || return
	folder=$1/$2.${made##*.}
	mv -T "$made" "$folder"
}

# folder_end FOLDER: with the servers that still run from it, of with_postgres and of
# scripts/stack.
folder_end() {
	local left
	find "$1" -maxdepth 2 -path '*/praya-pg.*/ctl' | while IFS= read -r left; do
		"$left" kill >/dev/null 2>&1
	done
	find "$1" -maxdepth 3 -name stack.json | while IFS= read -r left; do
		PRAYA_VAR=${left%/*} "${BASH_SOURCE[0]%/*}/../../scripts/stack" wipe </dev/null
	done
	rm -rf "$1"
}

# folder_sweep PARENT NAME: ends those of runs that are gone.
folder_sweep() {
	local old
	for old in "$1/$2".*; do
		if [ -O "$old" ] && [ ! -L "$old" ] && [ -f "$old/alive" ]; then
			(exec 8<"$old/alive" && flock -n 8 && folder_end "$old" 8<&-)
		fi
	done
}
