# SPDX-License-Identifier: BSD-3-Clause
"""Kernel interfaces by XDP sockets: what a NIC without a driver of DPDK's is used by."""
from ._veth import Veth


class Kind(Veth):
    about = "XDP sockets on veth pairs, in namespaces made for it"
    mtu = "1500"                     # more does not fit XDP's page

    def arguments(self, number, interface):
        return f"net_af_xdp{number},iface={interface}"
