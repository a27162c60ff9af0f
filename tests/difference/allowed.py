# SPDX-License-Identifier: BSD-3-Clause
"""The differences between Culvert and Linux that are meant: each a row of docs/linux-differences.md."""


def allowance(_sent, _ours, _theirs):
    """Why Culvert (ours) may have emitted something else than Linux (theirs); None if nothing says so."""
    return None
