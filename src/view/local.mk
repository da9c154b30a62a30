# SPDX-License-Identifier: ISC
# libview.a: not yet anything in it
