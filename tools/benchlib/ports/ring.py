# SPDX-License-Identifier: BSD-3-Clause
"""DPDK's net_ring: packets are handed over in memory that both processes map, no driver, no copy.

The generator is a secondary process of the device under test, and takes the other ends of its rings.
"""
import re

from ..errors import BenchError
from . import Ports


def lcores_of(text):
    """The numbers of the lcores in what EAL takes: 2,3 and 0@(0,1),1-2@5"""
    numbers = set()
    for part in filter(None, re.sub(r"@(\([^)]*\)|[\d-]+)", "", text).split(",")):
        first, _, last = part.strip("()").partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers


class Kind(Ports):
    about = "net_ring in memory that the generator shares with the device under test"
    generator_joins = True

    @classmethod
    def check(cls, options):
        if options.no_huge:
            raise BenchError("ports ring need hugepages: only these can be shared by processes")
        if options.workers > 1:
            raise BenchError("ports ring are for one worker: the generator has one ring each way")
        # Each lcore number has one cache in a pool, which must not be two threads'.
        shared = lcores_of(options.lcores) & lcores_of(options.generator_lcores or "")
        if shared:
            raise BenchError("ports ring need other lcores for the generator than those of the "
                             f"device under test: lcore {min(shared)} is of both")

    def device(self, number):
        return f"net_ring{number}"

    def generator(self):
        return self.device(0), self.device(1)
