# SPDX-License-Identifier: BSD-3-Clause
"""Shared memory to the generator, a process beside: the rings push back, nothing is lost in them.

The device under test is the server, so that it is there whenever a generator comes.
"""
from . import Ports


class Kind(Ports):
    about = "shared memory between the device under test and the generator"
    outlives_peer = False            # threads that poll when the peer goes away can crash in DPDK

    def set_up(self):
        self._sockets = [self.scope.workspace.file("memif", ".sock") for _ in range(2)]

    def _arguments(self, number, role):
        return (f"net_memif{number},role={role},id={number},socket={self._sockets[number]},"
                "socket-abstract=no")

    def device(self, number):
        return self._arguments(number, "server")

    def generator(self):
        return self._arguments(0, "client"), self._arguments(1, "client")
