# SPDX-License-Identifier: BSD-3-Clause
"""The one exception whose words are for the user: no trace is shown for it."""


class BenchError(Exception):
    pass
