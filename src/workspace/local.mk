# SPDX-License-Identifier: ISC
# libworkspace.a: not yet anything in it
