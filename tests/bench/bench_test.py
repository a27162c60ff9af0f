#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the tests of tools/bench: the files named test_*.py beside this one."""
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parents[1] / "tools"))

tests = unittest.defaultTestLoader.discover(str(HERE), pattern="test_*.py")
sys.exit(not unittest.TextTestRunner(verbosity=2).run(tests).wasSuccessful())
