# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# router-between with mode gre.

# shellcheck source=tools/labs/router-between.sh
source "$tree/tools/labs/router-between.sh"
about='a router between the two ends of a gre tunnel'
