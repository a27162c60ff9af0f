# SPDX-License-Identifier: BSD-3-Clause
"""The machine that a result was measured on."""
import os
import platform
import re
from pathlib import Path

from .errors import BenchError


def cpuinfo(field, text=None):
    text = Path("/proc/cpuinfo").read_text() if text is None else text
    found = re.search(rf"^{field}\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1].strip() if found else None


def tsc_hz(text=None):
    """Cycles a second of the time-stamp counter.

    Linux sets loops_per_jiffy from the calibrated counter, so on x86 bogomips is twice its MHz.
    """
    bogomips = cpuinfo("bogomips", text)
    flags = (cpuinfo("flags", text) or "").split()
    if bogomips is None or "constant_tsc" not in flags:
        raise BenchError("this machine does not tell the rate of its time-stamp counter: "
                         "say it with --tsc-mhz")
    return float(bogomips) * 1e6 / 2


def hugepages():
    """{kB of a page: {"total", "free"}}"""
    found = {}
    for directory in Path("/sys/kernel/mm/hugepages").glob("hugepages-*kB"):
        size = re.search(r"(\d+)kB", directory.name)[1]
        found[size] = {"total": int((directory / "nr_hugepages").read_text()),
                       "free": int((directory / "free_hugepages").read_text())}
    return found


def description(tsc):
    return {
        "cpu": cpuinfo("model name") or platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "flags": [flag for flag in (cpuinfo("flags") or "").split()
                  if flag.startswith("avx") or flag == "hypervisor"],
        "tsc_hz": tsc,
        "kernel": platform.release(),
        "hugepages_kb": hugepages(),
        "load": os.getloadavg(),
    }


def cpu_ns(pid, thread):
    """CPU time that a thread has had, in ns."""
    return int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[0])


def threads(pid):
    """{thread id: its name}"""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found[int(task.name)] = (task / "comm").read_text().strip()
        except OSError:
            pass  # it ended meanwhile
    return found
