// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: the options that say what the traffic is.
#pragma once

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "traffic.hpp"

namespace culvert::traffic {

[[nodiscard]] boost::program_options::options_description describe_traffic();

/// What the options say, held against each other. Throws std::runtime_error with a sentence. A size
/// that IPv6 has no room in is raised, which is said on standard error.
[[nodiscard]] Traffic traffic_of(const boost::program_options::variables_map& values);

/// The same options by their names, defaults included.
[[nodiscard]] nlohmann::ordered_json traffic_as_json(
    const boost::program_options::variables_map& values);

}  // namespace culvert::traffic
