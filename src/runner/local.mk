# SPDX-License-Identifier: ISC
# librunner.a: not yet anything in it
