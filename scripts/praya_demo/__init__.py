# SPDX-License-Identifier: ISC
"""Made-up people, companies and correspondence for a demo; see scripts/demo_data."""
