# SPDX-License-Identifier: ISC
"""What the benchmarks measure, and with what."""
