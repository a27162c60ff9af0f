# SPDX-License-Identifier: BSD-3-Clause
"""Two veth pairs between two namespaces: one of the device under test, one of the generator.

    generator  tx0 ------ in0  device under test
    namespace  rx0 ------ out0 namespace
"""
import os

from ..errors import BenchError
from ..workspace import run, tool
from . import Ports


class Veth(Ports):
    @classmethod
    def check(cls, options):
        if os.geteuid() != 0:
            raise BenchError("ports that are network interfaces need root, for namespaces")
        tool("ethtool", "ethtool")

    def set_up(self):
        ip = tool("ip", "iproute2")
        self.namespace = self._make_namespace(ip)
        self.generator_namespace = self._make_namespace(ip)
        for far, near in (("tx0", "in0"), ("rx0", "out0")):
            run([ip, "link", "add", far, "netns", self.generator_namespace,
                 "type", "veth", "peer", "name", near, "netns", self.namespace])
            self._finish(ip, self.generator_namespace, far)
            self._finish(ip, self.namespace, near)

    def _make_namespace(self, ip):
        name = self.scope.workspace.name("bench")
        try:
            run([ip, "netns", "add", name])
        except BenchError as error:
            raise BenchError(f"this machine does not let us make network namespaces: {error}") \
                from None
        self.scope.stack.callback(run, [ip, "netns", "del", name])
        # The kernel stays silent there: what it said would be counted.
        run([ip, "netns", "exec", name, "sh", "-c",
             "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"])
        return name

    def _finish(self, ip, namespace, interface):
        """Frames as they are sent: no checksums or segments left for a card to finish."""
        run([ip, "netns", "exec", namespace, tool("ethtool", "ethtool"), "-K", interface,
             "tx", "off", "tso", "off", "gso", "off", "gro", "off"])
        run([ip, "-n", namespace, "link", "set", interface, "arp", "off", "mtu", self.mtu, "up"])

    mtu = "1600"

    def arguments(self, number, interface):
        """DPDK's for one end."""
        raise NotImplementedError

    def device(self, number):
        return self.arguments(number, ("in0", "out0")[number])

    def generator(self):
        return self.arguments(0, "tx0"), self.arguments(1, "rx0")
