# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# one-to-many with mode gre: the neighbour table gives the outer address, as on Linux.

# shellcheck source=tools/labs/one-to-many.sh
source "$tree/tools/labs/one-to-many.sh"
about='three gateways, one gre tunnel on each to both others'
