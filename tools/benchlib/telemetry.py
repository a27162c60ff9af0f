# SPDX-License-Identifier: BSD-3-Clause
"""DPDK's telemetry socket: the port counters of any DPDK process, whoever wrote it."""
import json
import socket
import time

from .errors import BenchError


class Telemetry:
    """OSError where there is no such process yet."""

    def __init__(self, runtime_directory):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._socket.settimeout(10)
            self._socket.connect(str(runtime_directory / "dpdk_telemetry.v2"))
            hello = json.loads(self._socket.recv(1024))
        except OSError:
            self._socket.close()
            raise
        self._most = hello["max_output_len"]
        self.version = hello["version"]
        self.pid = hello["pid"]

    def close(self):
        self._socket.close()

    def ask(self, command):
        try:
            self._socket.send(command.encode())
            return json.loads(self._socket.recv(self._most))[command.split(",")[0]]
        except (OSError, ValueError) as error:
            raise BenchError(f"DPDK process {self.pid} does not answer {command} any more: "
                             f"{error}") from None

    def ports(self):
        """{device name: port number}"""
        return {self.ask(f"/ethdev/info,{port}")["name"]: port
                for port in self.ask("/ethdev/list") or []}

    def has_stats(self, port):
        """Some drivers cannot count before they are started."""
        return self.ask(f"/ethdev/stats,{port}") is not None

    def stats(self, port):
        """Also of those that cannot tell now and then (net_af_xdp, for a moment)."""
        for _ in range(50):
            if (found := self.ask(f"/ethdev/stats,{port}")) is not None:
                return found
            time.sleep(0.01)
        raise BenchError(f"DPDK process {self.pid} does not tell the counters of port {port}")
