# SPDX-License-Identifier: BSD-3-Clause
"""What a run leaves nowhere: its processes, directories and network namespaces.

Whatever a run makes is registered here when it is made, and undone in reverse order, however the
run ends. Processes are ended by their pid, never by name.
"""
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from .errors import BenchError

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def tool(name, package, places=()):
    """The path of a program, or an error that says which package has it."""
    path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *places,
                                                    "/usr/sbin", "/sbin"]))
    if path is None:
        raise BenchError(f"{name} is not installed: it is in Debian's package {package} "
                         "(tools/install-deps --bench, or --bench-ovs, installs what tools/bench "
                         "uses)")
    return path


class Process:
    """A program that runs beside us, with its output in a file."""

    def __init__(self, argv, log, stdin=subprocess.DEVNULL, stdout=None, env=None):
        self.argv = [str(word) for word in argv]
        self.log = Path(log)
        with open(self.log, "ab") as file, contextlib.ExitStack() as stack:
            output = stack.enter_context(open(stdout, "wb")) if stdout else file
            try:
                # In a session of its own, so that an interrupt at the terminal is ours to handle.
                self._child = subprocess.Popen(self.argv, stdin=stdin, stdout=output, stderr=file,
                                               start_new_session=True, env=env,
                                               preexec_fn=_die_with_parent)
            except OSError as error:
                raise BenchError(f"cannot start {self.argv[0]}: {error.strerror}") from error
        self.pid = self._child.pid

    @property
    def stdin(self):
        return self._child.stdin

    def status(self):
        """None while it runs."""
        return self._child.poll()

    def wait(self, timeout):
        """Its exit status; an error if it does not end in time."""
        try:
            return self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{self.name} did not end within {timeout:.0f} s: {self.tail()}") \
                from None

    @property
    def name(self):
        words = self.argv[4:] if self.argv[:3] == ["ip", "netns", "exec"] else self.argv
        return Path(words[0]).name

    def tail(self, lines=12):
        text = self.log.read_text(errors="replace").strip().splitlines()
        return "\n  ".join(["", *text[-lines:]]) if text else "(it said nothing)"

    def stop(self):
        """Its exit status after having been asked to end; None if it had to be killed."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._child.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, sign)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(15)
                if sign == signal.SIGKILL:
                    return None
        if self.stdin:
            self.stdin.close()
        return self._child.returncode

    def await_(self, ready, what, timeout=60):
        """Polls until ready() gives something true, and returns that."""
        deadline = time.monotonic() + timeout
        while not (answer := ready()):
            if self.status() is not None:
                raise BenchError(f"{self.name} ended with status {self.status()} before {what}: "
                                 f"{self.tail()}")
            if time.monotonic() > deadline:
                raise BenchError(f"{self.name}: no {what} within {timeout} s: {self.tail()}")
            time.sleep(0.02)
        return answer


class Workspace:
    """A directory of its own, and the stack of what is to be undone."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self.path = Path(tempfile.mkdtemp(prefix="culvert-bench-"))
        self._stack.callback(shutil.rmtree, self.path, ignore_errors=True)
        self._serial = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # An impatient second Ctrl-C shall not leave half of it behind.
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        self._stack.close()

    def name(self, stem):
        """One that no other process of this machine has, for file prefixes and namespaces."""
        self._serial += 1
        return f"{stem}{os.getpid()}-{self._serial}"

    def file(self, stem, suffix=""):
        return self.path / (self.name(stem) + suffix)

    def child(self):
        """A scope within: closing it undoes what was made in it."""
        return Scope(self)


class Scope:
    """What one measurement makes: undone when it is over, and by the workspace if not."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.stack = contextlib.ExitStack()
        workspace._stack.callback(self.stack.close)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def start(self, argv, **options):
        process = Process(argv, self.workspace.file("log"), **options)
        self.stack.callback(process.stop)
        return process

    def runtime_directory(self, prefix):
        """Where DPDK keeps what belongs to a file prefix; it does not remove it itself."""
        base = Path("/var/run/dpdk") if os.geteuid() == 0 else \
            Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp")) / "dpdk"
        path = base / prefix
        self.stack.callback(shutil.rmtree, path, ignore_errors=True)
        return path


def run(argv, timeout=60, **options):
    """Runs a command to its end; its standard output. An error has its words."""
    argv = [str(word) for word in argv]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False,
                              **options)
    except OSError as error:
        raise BenchError(f"cannot start {argv[0]}: {error.strerror}") from error
    except subprocess.TimeoutExpired:
        raise BenchError(f"{' '.join(argv)}: did not end within {timeout} s") from None
    if done.returncode != 0:
        raise BenchError(f"{' '.join(argv)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
