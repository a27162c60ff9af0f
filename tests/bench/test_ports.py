# SPDX-License-Identifier: BSD-3-Clause
"""How the two ends of ports are started so that they meet."""
import unittest
from types import SimpleNamespace
from unittest import mock

from benchlib import case as cases
from benchlib import generator
from benchlib.devices import eal_arguments
from benchlib.errors import BenchError
from benchlib.ports import kind_of
from benchlib.ports.ring import lcores_of
from benchlib.workspace import Workspace


def options(**more):
    return SimpleNamespace(**{"no_huge": False, "workers": 1, "lcores": "0@(0,1),1@(0,1)",
                              "generator_lcores": None, "generator_busy_poll": False,
                              "traffic": "/bin/true", **more})


class Ring(unittest.TestCase):
    def setUp(self):
        patched = mock.patch("signal.signal")  # the test's own handling stays as it is
        patched.start()
        self.addCleanup(patched.stop)

    def test_the_generator_joins_the_device(self):
        chosen = options()
        with Workspace() as workspace, workspace.child() as scope:
            ports = kind_of("ring")(scope, chosen)
            device = eal_arguments(scope, chosen, ports)
            words = generator.command(chosen, scope, ports, cases.parse("plain4"),
                                      generator.Offer(1))
            others = kind_of("ring")(scope, chosen)
        self.assertIn(f"--file-prefix={ports.prefix}", device)
        own = words[:words.index("--")]
        self.assertEqual(ports.prefix, own[own.index("--primary") + 1])
        self.assertFalse([word for word in words if word.startswith("--file-prefix")])
        self.assertNotEqual(ports.prefix, others.prefix)

    def test_other_generators_do_not(self):
        chosen = options()
        with Workspace() as workspace, workspace.child() as scope:
            ports = kind_of("memif")(scope, chosen)
            words = generator.command(chosen, scope, ports, cases.parse("plain4"),
                                      generator.Offer(1))
        self.assertNotIn("--primary", words)
        found = [word for word in words if word.startswith("--file-prefix=")]
        self.assertEqual(1, len(found))
        self.assertNotIn(ports.prefix, found[0])

    def test_needs_shared_memory_one_worker_and_lcores_of_its_own(self):
        check = kind_of("ring").check
        check(options())
        check(options(lcores="2,3", generator_lcores="4"))
        for more in ({"no_huge": True}, {"workers": 2},
                     {"lcores": "2,3", "generator_lcores": "3"},
                     {"generator_lcores": "1@(2)"}):
            with self.subTest(more), self.assertRaises(BenchError):
                check(options(**more))

    def test_lcores_are_those_that_eal_makes_of_it(self):
        for text, wanted in (("2,3", {2, 3}), ("0@(0,1),1@(0,1)", {0, 1}), ("4-6,9", {4, 5, 6, 9}),
                             ("1@5,(2-3)@7-8", {1, 2, 3}), ("", set())):
            with self.subTest(text):
                self.assertEqual(wanted, lcores_of(text))
