# SPDX-License-Identifier: ISC
# libaccess.a: not yet anything in it
