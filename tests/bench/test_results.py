# SPDX-License-Identifier: BSD-3-Clause
"""Table, CSV, chart and comparison."""
import csv
import io
import json
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

from benchlib import chart, compare, modes, report
from benchlib.errors import BenchError
from benchlib.modes import cost, rate

SVG = "{http://www.w3.org/2000/svg}"
MEASUREMENTS = [
    {"round": number, "case": case, "contestant": contestant, "cycles": cycles + number,
     "over_io": cycles - 34, "scaled": cycles, "scaled_over_io": cycles - 34, "drops": {"a": 1}}
    for number in range(3)
    for case, contestant, cycles in (("plain4", "culvertd", 56.0), ("plain4", "testpmd io", 34.0),
                                     ("<gre>", "culvertd", 134.0), ("<gre>", "testpmd io", 34.0))]
ROWS = modes.rows(cost, MEASUREMENTS)


class Table(unittest.TestCase):
    def test_has_a_line_for_each_case_and_contestant(self):
        lines = report.table(cost, ROWS).splitlines()
        self.assertEqual(2 + 4, len(lines))
        self.assertRegex(lines[2], r"^plain4 +culvertd +57\.0 \(56\.5–57\.5\) +22\.0 ")

    def test_leaves_out_columns_without_figures(self):
        self.assertNotIn("busiest", report.table(cost, ROWS))

    def test_figures_have_sensible_digits(self):
        for value, text in ((0, "0"), (0.12345, "0.123"), (12.34, "12.3"), (1234.5, "1,234"),
                            (1488095, "1,488,095"), (7, "7")):
            with self.subTest(value):
                self.assertEqual(text, report.number(value))


class Csv(unittest.TestCase):
    def test_has_every_measurement(self):
        found = list(csv.DictReader(io.StringIO(report.as_csv(MEASUREMENTS))))
        self.assertEqual(len(MEASUREMENTS), len(found))
        self.assertEqual([str(one["cycles"]) for one in MEASUREMENTS],
                         [row["cycles"] for row in found])
        self.assertEqual({"a": 1}, json.loads(found[0]["drops"]))

    def test_takes_measurements_of_different_columns(self):
        found = list(csv.DictReader(io.StringIO(report.as_csv([{"a": 1}, {"a": 2, "b": 3}]))))
        self.assertEqual([{"a": "1", "b": ""}, {"a": "2", "b": "3"}], found)


class Chart(unittest.TestCase):
    def setUp(self):
        self.tree = ElementTree.fromstring(chart.svg("a < b", "where", ROWS, "scaled_over_io"))

    def rectangles(self, colour):
        return [node for node in self.tree.iter(f"{SVG}rect") if node.get("fill") == colour]

    def test_bars_are_as_long_as_their_figures(self):
        legend, first, second = self.rectangles(chart.COLOURS[0])
        self.assertAlmostEqual(100 / 22, float(second.get("width")) / float(first.get("width")),
                               places=1)
        self.assertEqual("12", legend.get("width"))

    def test_leaves_out_who_has_nothing_but_zero(self):
        self.assertEqual([], self.rectangles(chart.COLOURS[1]))
        self.assertNotIn("testpmd io", [node.text for node in self.tree.iter(f"{SVG}text")])

    def test_says_the_figures(self):
        said = [node.text for node in self.tree.iter(f"{SVG}text")]
        for word in ("a < b", "<gre>", "plain4", "22.0", "100.0"):
            self.assertIn(word, said)

    def test_of_nothing_is_still_a_picture(self):
        ElementTree.fromstring(chart.svg("t", "s", [], "scaled"))

    def test_ticks_are_round_and_reach_the_end(self):
        self.assertEqual([0, 20, 40, 60, 80, 100], chart.ticks(100))
        for most in (0.37, 1, 9.99, 123456):
            self.assertGreaterEqual(chart.ticks(most)[-1], most)


class Compare(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)

    def result(self, name, mode=cost, factor=1.0, cpu="X"):
        measurements = [{**one, "cycles": one["cycles"] * factor} for one in MEASUREMENTS]
        file = self.path / name
        file.write_text(json.dumps({
            "culvert_bench": 1, "mode": mode.__name__.rpartition(".")[2],
            "machine": {"cpu": cpu, "tsc_hz": 2e9, "kernel": "6"},
            "summary": modes.rows(mode, measurements)}))
        return file

    def test_gives_the_ratio_of_each_figure(self):
        found = {row[:3]: row[3:] for row in compare.rows(
            compare.load(self.result("a")), compare.load(self.result("b", factor=1.5)))}
        self.assertEqual((57, 85.5, 1.5), found["plain4", "culvertd", "cycles"])
        self.assertEqual((0, 0, None), found["plain4", "testpmd io", "over io"])

    def test_takes_directories_and_notes_other_machines(self):
        self.result("result.json")
        text = compare.table([self.path, self.result("b", cpu="Y")])
        self.assertIn("note: cpu differs: X and Y", text)
        self.assertNotIn("kernel differs", text)

    def test_refuses_what_cannot_be_compared(self):
        (self.path / "text").write_text("no JSON")
        (self.path / "other").write_text("{}")
        good = self.result("a")
        for pair in ((good, self.path / "missing"), (good, self.path / "text"),
                     (self.path / "other", good), (good, self.result("c", mode=rate))):
            with self.subTest(pair), self.assertRaises(BenchError):
                compare.table(pair)
