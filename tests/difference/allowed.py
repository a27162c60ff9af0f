# SPDX-License-Identifier: BSD-3-Clause
"""The differences between Culvert and Linux that are meant: each a row of docs/linux-differences.md.

An allowance is handed what was sent, as (side, IP packet), and what the two emitted, as texts, and says
whether that is the difference it speaks of. What it does not explain in full stays a difference.
"""
import re

from packets import WCCP

# The outer header of a tunnel packet, and the inner one's TOS or traffic class right behind.
OUTER = re.compile(r"^\('wan', \('ipv4', \('tos', (\d+)\),")
INNER = re.compile(r"\('ipv[46]', \('(?:tos|class)', (\d+)\)")


def as_linux_marks(text):
    """A tunnel packet of ours as Linux would have marked it: CE inside, ECT(0) outside."""
    outer = OUTER.match(text)
    marks = [int(found) for found in INNER.findall(text)]
    if not outer or len(marks) < 2 or marks[0] & 3 != 3 or marks[1] & 3 != 3:
        return text
    return text.replace(f"('tos', {marks[0]})", f"('tos', {marks[0] - 1})", 1)


def congestion_is_copied_outward(_sent, ours, theirs):
    return sorted(map(as_linux_marks, ours)) == theirs


def without_options(text):
    """An ICMP error without IP options, and without what depends on them."""
    text = re.sub(r"\('options', '[0-9a-f]*'\)", "", text)
    text = re.sub(r"\('quote', '[^']*'\)", "", text)
    return re.sub(r"\('length', \d+\)", "", text)


def errors_carry_no_recorded_route(_sent, ours, theirs):
    return (all("'icmp'," in text for text in ours + theirs) and
            any(re.search(r"\('options', '07[0-9a-f]+'\)", text) for text in theirs) and
            [without_options(as_linux_marks(text)) for text in ours] ==
            [without_options(text) for text in theirs])


def gre_of(sent):
    """The GRE headers among what was sent: flags and protocol."""
    for _, packet in sent:
        is_first = packet[6] & 0x1F == 0 and packet[7] == 0
        if packet[0] == 0x45 and packet[9] == 47 and is_first:
            yield int.from_bytes(packet[20:22], "big"), int.from_bytes(packet[22:24], "big")


def checksum_is_welcome(sent, ours, theirs):
    return bool(ours) and not theirs and any(flags == 0x8000 for flags, _ in gre_of(sent))


def wccp_is_not_ipv4(sent, ours, theirs):
    return not ours and bool(theirs) and any(protocol == WCCP for _, protocol in gre_of(sent))


ALLOWED = {
    "CE is copied to the outer header": congestion_is_copied_outward,
    "an ICMP error carries no recorded route": errors_carry_no_recorded_route,
    "a GRE checksum that is right is welcome": checksum_is_welcome,
    "WCCP is not IPv4": wccp_is_not_ipv4,
}


def allowance(sent, ours, theirs):
    """Why Culvert (ours) may have emitted something else than Linux (theirs); None if nothing says so."""
    for reason, explains in ALLOWED.items():
        if explains(sent, ours, theirs):
            return reason
    return None
