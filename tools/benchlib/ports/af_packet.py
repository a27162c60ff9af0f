# SPDX-License-Identifier: BSD-3-Clause
"""Kernel interfaces by packet sockets: everywhere to be had, slow."""
from ._veth import Veth


class Kind(Veth):
    about = "packet sockets on veth pairs, in namespaces made for it"

    def arguments(self, number, interface):
        return f"net_af_packet{number},iface={interface},framesz=2048,framecnt=2048"
