# SPDX-License-Identifier: ISC
# libgate.a: not yet anything in it
