# SPDX-License-Identifier: BSD-3-Clause
"""A file of frames in, once, and a file of what was sent: what verification uses."""
from . import Ports


class PcapFiles(Ports):
    generated = False

    def set_up(self):
        self.output = self.scope.workspace.file("sent", ".pcap")

    def device(self, number):
        if number == 0:
            return f"net_pcap0,rx_pcap={self.file}"
        return f"net_pcap1,tx_pcap={self.output}"
