# SPDX-License-Identifier: BSD-3-Clause
"""Route changes at a rate, beside the traffic, by the control socket of culvertd.

Prefixes beside those of the traffic come and go; every fourth change replaces a route that the
traffic goes by, by an equal one.
"""
import ipaddress
import itertools
import socket
import threading
import time

from ..devices.culvertd import way_out
from ..errors import BenchError

PREFIXES = 4096                      # that come and go
BATCH = 0.01                         # seconds between two batches


def lines(case):
    """Without end."""
    used = list(itertools.islice(case.routes_to(), 256))
    first = ipaddress.IPv6Address("2001:dbc::") if case.inner == 6 else \
        ipaddress.IPv4Address("100.64.0.0")
    step, length = (1 << 64, 64) if case.inner == 6 else (256, 24)
    others = [f"{first + number * step}/{length}" for number in range(PREFIXES)]
    for turn in itertools.count():
        order = "add" if turn % 2 == 0 else "del"
        for number, prefix in enumerate(others):
            yield f"route {order} {prefix} {way_out(case, 0)}"
            if number % 3 == 2:
                replaced = number // 3 % len(used)
                yield f"route replace {used[replaced]} {way_out(case, replaced)}"


class Updates:
    def __init__(self, device, case, rate):
        self._rate, self._lines = rate, lines(case)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(30)
        self._socket.connect(str(device.control))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._done, self._error = 0, None

    def start(self):
        self._began = time.monotonic()
        self._thread.start()

    def stop(self):
        """How many were made, and how many a second."""
        self._over.set()
        self._thread.join()
        self._socket.close()
        if self._error:
            raise BenchError(f"a route change failed: {self._error}")
        return {"updates": self._done,
                "updates_per_second": self._done / (self._ended - self._began)}

    def _work(self):
        try:
            with self._socket.makefile("r") as replies:
                while not self._over.is_set():
                    due = int((time.monotonic() - self._began) * self._rate) - self._done
                    self._send(min(due, 2000), replies)
                    time.sleep(BATCH)
        except (OSError, ValueError, BenchError) as error:
            self._error = error
        self._ended = time.monotonic()

    def _send(self, count, replies):
        batch = list(itertools.islice(self._lines, max(count, 0)))
        self._socket.sendall("".join(f"{line}\n" for line in batch).encode())
        for line in batch:
            reply = replies.readline()
            if '"result"' not in reply:
                raise BenchError(f"\"{line}\": {reply.strip() or 'the connection was closed'}")
            self._done += 1
