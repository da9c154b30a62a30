# SPDX-License-Identifier: ISC
# libcrm.a: not yet anything in it
