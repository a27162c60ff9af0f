# SPDX-License-Identifier: BSD-3-Clause
"""NICs, bound to vfio-pci: two of the device under test, each wired to one of the generator."""
from ..errors import BenchError
from . import Ports


class Kind(Ports):
    about = "NICs: --pci-dut A,B wired to --pci-generator C,D"

    @classmethod
    def check(cls, options):
        cls._pair(options.pci_dut, "--pci-dut")
        cls._pair(options.pci_generator, "--pci-generator")

    def set_up(self):
        self._dut = self._pair(self.options.pci_dut, "--pci-dut")
        self._generator = self._pair(self.options.pci_generator, "--pci-generator")

    @staticmethod
    def _pair(text, option):
        pair = tuple((text or "").split(","))
        if len(pair) != 2 or not all(pair):
            raise BenchError(f"ports pci need {option} with two addresses, as in "
                             f"{option} 0000:03:00.0,0000:03:00.1")
        return pair

    @property
    def queues(self):
        return self.options.workers

    def device(self, number):
        return self._dut[number]

    def generator(self):
        return self._generator
