# SPDX-License-Identifier: BSD-3-Clause
"""What tools/bench is made of. Lower rooms know nothing of upper ones:

errors, stats, machine, workspace, telemetry
case      what is measured: the traffic, and what the device under test is told for it
ports/    by what it sends and receives, one file for each kind
devices/  the devices under test, one file for each
verify    whether what came out is right; scapy is the oracle
modes/    how it is measured, one file for each
report    tables, CSV, JSON;  chart: SVG;  compare: two results side by side
cli       the command line
"""
