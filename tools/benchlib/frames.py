# SPDX-License-Identifier: BSD-3-Clause
"""Files of a case's frames, for ports that repeat a file."""
import random

def write(options, scope, case, count):
    from scapy.all import Ether, IP, IPv6, UDP, GRE, PcapWriter, Raw
    from . import case as plan
    import ipaddress
    path = scope.workspace.file("frames", ".pcap")
    rnd = random.Random(1)
    first, length = case.prefixes
    step = 1 << ((128 if case.inner == 6 else 32) - length)
    start = int(ipaddress.ip_address(first))
    out = PcapWriter(str(path), linktype=1)
    out.write_header(None)
    for number in range(count):
        flow = rnd.randrange(case.flows)
        dst = str(ipaddress.ip_address(start + rnd.randrange(case.destination_count) * step + 1))
        if case.inner == 4:
            ip = IP(src=f"198.51.100.{flow % 250 + 1}", dst=dst, ttl=64) / UDP(sport=1024 + flow, dport=9, chksum=0)
            body = 18
        else:
            ip = IPv6(src=f"2001:dbb::{flow + 1:x}", dst=dst, hlim=64) / UDP(sport=1024 + flow, dport=9)
            body = 16
        body = max(body, (0 if case.size == "imix" else case.size) - 4 - 14 - len(ip))
        ip = ip / Raw(number.to_bytes(8, "big").ljust(body, b"\0"))
        if case.decapsulates:
            src = str(ipaddress.ip_address(int(ipaddress.ip_address(plan.REMOTE_BASE)) + rnd.randrange(case.tunnels)))
            outer = IP(src=src, dst=plan.LOCAL, ttl=64)
            if case.mode == "gre":
                outer = outer / GRE(proto=0x0800 if case.inner == 4 else 0x86dd, key_present=int(case.key), key=plan.KEY if case.key else None, chksum_present=int(case.csum))
            ip = outer / ip
        frame = bytes(Ether(src=plan.GENERATOR_MAC, dst=plan.IN_MAC) / ip)
        out.write_packet(frame.ljust(60, b"\0"))
    out.close()
    return path
