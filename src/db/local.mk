# SPDX-License-Identifier: ISC
# libdb.a: not yet anything in it
