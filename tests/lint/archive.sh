#!/bin/bash
# SPDX-License-Identifier: ISC
#
# archive.sh FILE.tar.xz: every file of the repository is in the distribution, so
# that who unpacks it can do all that a clone can. Not part of `make check`,
# which may itself run from an archive.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ -d .git ] || { echo "no repository to compare with"; exit 77; }
# Files of git's own are no part of it.
missing=$(comm -23 <(git ls-files | grep -vE '(^|/)\.git[a-z]+$' | sort) \
	<(tar tf "$1" | sed 's,^[^/]*/,,' | sort))
[ -z "$missing" ] || { echo "not in the distribution:"; echo "$missing"; exit 1; }
