# SPDX-License-Identifier: ISC
# libaudit.a: not yet anything in it
