# SPDX-License-Identifier: ISC
# libqueue.a: not yet anything in it
