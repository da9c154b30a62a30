# SPDX-License-Identifier: ISC
"""A private instance of Praya: PostgreSQL, pools, nginx, mail catcher."""
