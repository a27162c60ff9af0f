# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# one-to-one with mode gre, whose header takes four bytes more.

# shellcheck source=tools/labs/one-to-one.sh
source "$tree/tools/labs/one-to-one.sh"
about='two gateways, one gre tunnel'
mtu=1476
outer='ip proto 47 and ip[20:4] = 0x0800'
