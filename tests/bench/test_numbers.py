# SPDX-License-Identifier: BSD-3-Clause
"""Statistics, the search, the books, what a machine tells."""
import itertools
import statistics
import unittest
from types import SimpleNamespace

from benchlib import case as cases
from benchlib import machine, modes, stats
from benchlib.errors import BenchError
from benchlib.modes import _search, _trial, _updates, cost, soak, throughput


class Statistics(unittest.TestCase):
    def test_median_and_quartiles(self):
        found = stats.summary([5, 1, 4, 2, 3])
        self.assertEqual((3, 2, 4, 1, 5, 5),
                         tuple(found[key] for key in ("median", "q1", "q3", "min", "max", "n")))

    def test_agree_with_the_library(self):
        values = [7.5, 3.25, 9, 1, 12, 4, 4, 30]
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        self.assertEqual((low, high), stats.quartiles(values))

    def test_one_value_has_no_spread_and_none_is_none(self):
        self.assertEqual((8, 8), stats.quartiles([8]))
        self.assertEqual(1, stats.summary([None, 8])["n"])
        self.assertIsNone(stats.summary([None]))

    def test_one_wild_round_moves_neither(self):
        calm, wild = [10, 11, 12, 13, 14, 15, 16], [10, 11, 12, 13, 14, 15, 9999]
        self.assertEqual(stats.median(calm), stats.median(wild))
        self.assertEqual(stats.quartiles(calm), stats.quartiles(wild))


class Rounds(unittest.TestCase):
    def test_somebody_else_comes_first_each_time(self):
        self.assertEqual([[1, 2, 3], [2, 3, 1], [3, 1, 2], [1, 2, 3]],
                         [modes.rotated([1, 2, 3], turn) for turn in range(4)])

    def test_only_contestants_that_can(self):
        able = SimpleNamespace(refuses=lambda case: None)
        unable = SimpleNamespace(refuses=lambda case: "no")
        bench = SimpleNamespace(options=SimpleNamespace(rounds=1), cases=["c"],
                                contestants=[able, unable])
        self.assertEqual([(0, "c", [able])], list(modes.rounds(bench)))


class Cost(unittest.TestCase):
    def figures(self, case, cycles, yardstick=None):
        """What one round makes of given costs."""
        contestants = [SimpleNamespace(label=label) for label in cycles]
        bench = SimpleNamespace(options=SimpleNamespace(rounds=1, scale=34),
                                progress=lambda text: None)
        original = cost.measure
        cost.measure = lambda _, contestant, measured: {
            "cycles": yardstick if measured is cost.yardstick_case else cycles[contestant.label]}
        try:
            return {one["contestant"]: one for one in cost.one_round(
                bench, contestants[-1], 0, cases.parse(case), contestants)}
        finally:
            cost.measure = original

    def test_is_scaled_by_the_io_of_the_round(self):
        found = self.figures("plain4", {"culvertd": 100, "testpmd io": 68})
        self.assertEqual(50, found["culvertd"]["scaled"])
        self.assertEqual(32, found["culvertd"]["over_io"])
        self.assertEqual(16, found["culvertd"]["scaled_over_io"])
        self.assertEqual(34, found["testpmd io"]["scaled"])

    def test_of_long_frames_is_scaled_by_short_ones(self):
        found = self.figures("plain4@size=1518", {"culvertd": 100, "testpmd io": 90}, 17)
        self.assertEqual(200, found["culvertd"]["scaled"])
        self.assertEqual(20, found["culvertd"]["scaled_over_io"])


class Search(unittest.TestCase):
    def found(self, capacity, top, limit=0.0, resolution=0.01):
        def trial(rate):
            self.trials.append(rate)
            return {"loss": max(0.0, 1 - capacity / rate)}
        self.trials = []
        return _search.search(trial, top, limit, resolution)

    def test_finds_the_rate_within_its_resolution(self):
        for capacity in (1, 33, 50, 77.7, 99.9):
            with self.subTest(capacity):
                rate = self.found(capacity, 100)["rate"] if capacity >= 1 else 0
                self.assertLessEqual(rate, capacity)
                self.assertGreater(rate, capacity - 1)

    def test_takes_the_top_at_once_where_nothing_is_lost(self):
        self.assertEqual(100, self.found(1000, 100)["rate"])
        self.assertEqual([100], self.trials)

    def test_allows_the_loss_that_it_is_told(self):
        self.assertGreater(self.found(50, 100, limit=0.1)["rate"], 54)

    def test_says_when_there_is_none(self):
        self.assertIsNone(self.found(0.001, 100))

    def test_refused_and_doubled_packets_are_losses(self):
        self.assertEqual(0.5, _trial.loss_of(
            {"sent": 80, "refused": 20, "received": 60, "duplicated": 10}))
        self.assertEqual(1, _trial.loss_of(
            {"sent": 0, "refused": 0, "received": 0, "duplicated": 0}))

    def test_what_came_too_late_was_not_offered(self):
        self.assertEqual({"offered": 40, "skipped_percent": 20}, _trial.offered(
            {"sent": 70, "refused": 10, "skipped": 20, "seconds": 2}))

    def test_bits_are_those_on_the_wire(self):
        # 10 Gbit/s of the shortest frames: 14.88 million packets a second
        self.assertAlmostEqual(10000, throughput.mbit(14880952, 64), places=0)


class Books(unittest.TestCase):
    counted = {"sent": 1000, "received": 990, "duplicated": 0, "reordered": 0, "refused": 0,
               "skipped": 0, "seconds": 10}

    def account(self, drops, no_loss=False, **counted):
        contestant, case = SimpleNamespace(label="culvertd"), cases.parse("plain4")
        counted = {**self.counted, **counted, "drops": drops}
        return soak.account(contestant, case, 10, counted, no_loss)

    def test_balance(self):
        found = self.account({"tx_full": 10})
        self.assertEqual((0, 10, 0), (found["unaccounted"], found["full"], found["other"]))
        self.assertNotIn("failed", found)
        self.assertIn("failed", self.account({"tx_full": 10}, no_loss=True))

    def test_fail_where_a_packet_is_missing_or_comes_from_nowhere(self):
        self.assertIn("1 are not accounted for", self.account({"tx_full": 9})["failed"])
        self.assertIn("-1 are not accounted for", self.account({"tx_full": 11})["failed"])

    def test_fail_where_packets_are_dropped_but_by_rings(self):
        self.assertIn("no_route 10", self.account({"no_route": 10})["failed"])

    def test_fail_where_packets_come_twice(self):
        self.assertIn("failed", self.account({"tx_full": 20}, duplicated=10))

    def test_are_of_the_time_between(self):
        self.assertEqual({"b": 2, "c": 1}, _trial.since({"a": 5, "b": 1}, {"a": 5, "b": 3, "c": 1}))


class Updates(unittest.TestCase):
    def test_add_what_is_not_there_and_delete_what_is(self):
        there = set()
        case = cases.parse("ipip-encap@tunnels=3")
        for line in itertools.islice(_updates.lines(case), 30000):
            _, order, prefix, *_ = line.split()
            if order == "add":
                self.assertNotIn(prefix, there)
                there.add(prefix)
            elif order == "del":
                there.remove(prefix)
            else:
                self.assertIn(f"route add {line[14:]}", list(culvertd_routes(case)))


def culvertd_routes(case):
    from benchlib.devices.culvertd import routes_for
    return routes_for(case)


class Machine(unittest.TestCase):
    def test_tells_the_rate_of_its_counter(self):
        text = "model name\t: X\nflags\t\t: fpu constant_tsc avx2\nbogomips\t: 4890.80\n"
        self.assertEqual(2445.4e6, machine.tsc_hz(text))

    def test_that_does_not_tell_is_an_error(self):
        for text in ("flags : constant_tsc\n", "flags : fpu\nbogomips : 4000.00\n", ""):
            with self.subTest(text), self.assertRaises(BenchError):
                machine.tsc_hz(text)
