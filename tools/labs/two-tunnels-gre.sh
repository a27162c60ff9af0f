# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# two-tunnels with mode gre.

# shellcheck source=tools/labs/two-tunnels.sh
source "$tree/tools/labs/two-tunnels.sh"
about='two gre tunnels on one gateway, across two routers'
