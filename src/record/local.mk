# SPDX-License-Identifier: ISC
# librecord.a: not yet anything in it
