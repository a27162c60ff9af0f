# SPDX-License-Identifier: BSD-3-Clause
"""A file of frames, repeated without end, in; nothing out: all in one process, no generator.

What is left of the cost of I/O is a copy of each frame, so this shows what a device itself costs.
"""
from . import Ports


class Kind(Ports):
    about = "a file of frames repeated without end, into nothing; in one process"
    generated = False

    @property
    def queues(self):
        return self.options.queues or self.options.workers

    def device(self, number):
        if number == 0:
            return f"net_pcap0{f',rx_pcap={self.file}' * self.queues},infinite_rx=1"
        return "net_null1,no-rx=1"
