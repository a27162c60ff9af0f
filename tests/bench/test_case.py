# SPDX-License-Identifier: BSD-3-Clause
import ipaddress
import unittest
from types import SimpleNamespace

from benchlib import case as cases
from benchlib.devices import culvertd, ovs
from benchlib.errors import BenchError


class Parse(unittest.TestCase):
    def test_says_what_the_name_says(self):
        table = [
            # text, (mode, way, key, csum, inner, tunnels, routes, random, size)
            ("plain4", (None, None, False, False, 4, 1, 1, False, 64)),
            ("plain6", (None, None, False, False, 6, 1, 1, False, 64)),
            ("ipip-encap", ("ipip", "encap", False, False, 4, 1, 1, False, 64)),
            ("gre-key-decap@tunnels=7", ("gre", "decap", True, False, 4, 7, 1, False, 64)),
            ("gre-csum-encap@inner=6", ("gre", "encap", False, True, 6, 1, 1, False, 64)),
            ("sit-encap@size=imix", ("sit", "encap", False, False, 6, 1, 1, False, "imix")),
            ("plain4@routes=500000,random", (None, None, False, False, 4, 1, 500000, True, 64)),
        ]
        for text, wanted in table:
            with self.subTest(text):
                case = cases.parse(text)
                self.assertEqual(wanted, (case.mode, case.way, case.key, case.csum, case.inner,
                                          case.tunnels, case.routes, case.random, case.size))

    def test_refuses_what_it_does_not_know(self):
        for text in ("", "plain5", "ipip", "ipip-key-encap", "gre-encap@tunnels=0",
                     "gre-encap@tunnels=", "gre-encap@colour=red", "plain4@tunnels=2",
                     "ipip-encap@inner=6", "sit-encap@inner=4", "plain4@routes=2000000",
                     "plain4@size=big", "plain4@random=1"):
            with self.subTest(text), self.assertRaises(BenchError):
                cases.parse(text)

    def test_sizes_multiply_cases(self):
        self.assertEqual(["plain4@size=64", "plain4@size=imix",
                          "gre-encap@tunnels=2,size=64", "gre-encap@tunnels=2,size=imix"],
                         cases.with_sizes(["plain4", "gre-encap@tunnels=2"], "64,imix"))
        self.assertEqual(["plain4"], cases.with_sizes(["plain4"], None))


class Prefixes(unittest.TestCase):
    def test_are_distinct_and_within_their_room(self):
        for text in ("plain4", "plain4@routes=512", "plain4@routes=513", "plain4@routes=10000",
                     "ipip-encap@tunnels=1000", "plain6@routes=3000"):
            with self.subTest(text):
                case = cases.parse(text)
                room, _ = case.prefixes
                found = [ipaddress.ip_network(prefix) for prefix in case.routes_to()]
                self.assertEqual(case.prefix_count, len(set(found)))
                self.assertTrue(all(prefix.subnet_of(room) for prefix in found))

    def test_of_the_largest_table_fit(self):
        case = cases.parse("plain4@routes=1048576")
        room, length = case.prefixes
        self.assertLessEqual(case.prefix_count << (32 - length), room.num_addresses)
        self.assertLess(int(room.broadcast_address), int(ipaddress.ip_address("127.0.0.0")))

    def test_packets_go_to_one_unless_told_otherwise(self):
        for text, count in (("plain4@routes=100", 1), ("plain4@routes=100,random", 100),
                            ("ipip-encap@tunnels=100", 100), ("ipip-decap@tunnels=100", 1)):
            with self.subTest(text):
                self.assertEqual(count, cases.parse(text).destination_count)


class Configuration(unittest.TestCase):
    def test_routes_go_by_the_tunnels_in_turn(self):
        lines = list(culvertd.lines_for(cases.parse("gre-key-encap@tunnels=2,routes=3"), "A", "B"))
        self.assertIn("link add inside type port device A", lines)
        self.assertIn("tunnel add t1 mode gre remote 10.128.0.2 local 10.0.0.1 key 4711", lines)
        self.assertEqual(["route add 198.18.0.0/24 dev t0", "route add 198.18.1.0/24 dev t1",
                          "route add 198.18.2.0/24 dev t0"],
                         [line for line in lines if line.startswith("route add 198")])

    def test_the_port_that_packets_come_by_is_set_up_last(self):
        for text, link in (("ipip-encap", "inside"), ("ipip-decap", "outside"),
                           ("plain4", "inside")):
            with self.subTest(text):
                lines = list(culvertd.lines_for(cases.parse(text), "A", "B"))
                up = lines.index(f"link set {link} up")
                for number, line in enumerate(lines):
                    if " dev t0" in line or "tunnel add" in line or "198.18" in line:
                        self.assertLess(number, up, line)

    def test_long_frames_fit_the_outside(self):
        def mtu(text):
            return [line for line in culvertd.lines_for(cases.parse(text), "A", "B")
                    if " mtu " in line]
        self.assertEqual(["link set outside mtu 1528"], mtu("gre-key-encap@size=1518"))
        self.assertEqual(["link set outside mtu 1520"], mtu("ipip-encap@size=imix"))
        self.assertEqual([], mtu("ipip-encap@size=512"))

    def test_open_vswitch_sends_to_the_same_remotes(self):
        rules = list(ovs.rules_inside(cases.parse("gre-key-encap@tunnels=2")))
        self.assertIn("table=1,ip,nw_dst=198.18.1.0/24,actions=dec_ttl,"
                      "set_field:10.128.0.2->tun_dst,set_field:4711->tun_id,output:gre0", rules)

    def test_open_vswitch_refuses_what_it_has_not(self):
        switch = ovs.OpenVSwitch(SimpleNamespace(ports="pcap-null"))
        self.assertIsNone(switch.refuses(cases.parse("gre-encap")))
        self.assertIsNotNone(switch.refuses(cases.parse("sit-encap")))
        memif = ovs.OpenVSwitch(SimpleNamespace(ports="memif"))
        self.assertIsNotNone(memif.refuses(cases.parse("gre-encap")))
