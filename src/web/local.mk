# SPDX-License-Identifier: ISC
# libweb.a: not yet anything in it
