# SPDX-License-Identifier: ISC
# libprivacy.a: not yet anything in it
