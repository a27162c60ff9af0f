# SPDX-License-Identifier: BSD-3-Clause
"""A file of frames in, once or without end, and a file of what was sent: for verification."""
from . import Ports


class PcapFiles(Ports):
    generated = False
    repeats = False

    def set_up(self):
        self.output = self.scope.workspace.file("sent", ".pcap")

    def device(self, number):
        if number == 0:
            return f"net_pcap0,rx_pcap={self.file}{',infinite_rx=1' if self.repeats else ''}"
        return f"net_pcap1,tx_pcap={self.output}"
