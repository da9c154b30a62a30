# SPDX-License-Identifier: ISC
# libtenant.a: not yet anything in it
