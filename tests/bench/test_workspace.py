# SPDX-License-Identifier: BSD-3-Clause
"""Nothing stays behind; what went wrong is said in the words of who said it."""
import os
import signal
import unittest
from unittest import mock

from benchlib.errors import BenchError
from benchlib.workspace import Workspace, run, tool


class Cleanup(unittest.TestCase):
    def setUp(self):
        patched = mock.patch("signal.signal")  # the test's own handling stays as it is
        patched.start()
        self.addCleanup(patched.stop)

    def test_ends_processes_and_removes_files_however_it_ends(self):
        with self.assertRaises(KeyboardInterrupt), Workspace() as workspace:
            stubborn = workspace.child().start(["sleep", "60"])
            scope = workspace.child()
            script = "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done"
            polite = scope.start(["sh", "-c", script])
            polite.await_(lambda: "up" in polite.log.read_text(), "a word")
            raise KeyboardInterrupt
        for process in (stubborn, polite):
            self.assertIsNotNone(process.status())
            self.assertFalse(os.path.exists(f"/proc/{process.pid}"))
        self.assertFalse(workspace.path.exists())

    def test_a_scope_undoes_what_was_made_in_it_only(self):
        with Workspace() as workspace:
            outer = workspace.child().start(["sleep", "60"])
            with workspace.child() as scope:
                inner = scope.start(["sleep", "60"])
            self.assertEqual(-signal.SIGTERM, inner.status())
            self.assertIsNone(outer.status())

    def test_names_are_never_the_same(self):
        with Workspace() as workspace:
            self.assertNotEqual(workspace.name("a"), workspace.name("a"))


class Errors(unittest.TestCase):
    def test_have_the_words_of_the_program(self):
        with self.assertRaisesRegex(BenchError, "no such luck"):
            run(["sh", "-c", "echo no such luck >&2; exit 3"])
        with Workspace() as workspace:
            process = workspace.child().start(["sh", "-c", "echo broken >&2; exit 1"])
            with self.assertRaisesRegex(BenchError, "status 1 before the end: .*\n.*broken"):
                process.await_(lambda: False, "the end")

    def test_name_the_package_of_a_missing_program(self):
        with self.assertRaisesRegex(BenchError, "Debian's package tunnel-magic"):
            tool("no-such-program", "tunnel-magic")

    def test_name_a_program_that_cannot_be_started(self):
        with Workspace() as workspace, self.assertRaisesRegex(BenchError, "/no/such"):
            workspace.child().start(["/no/such"])


