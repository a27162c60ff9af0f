// SPDX-License-Identifier: BSD-3-Clause
// control: what is configured as JSON, in the shapes that control/text.hpp lists.
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "culvert/control/gateway.hpp"

namespace culvert {

using Json = nlohmann::ordered_json;

/// A listing of one element.
[[nodiscard]] Listing single(Json element);

/// What `link show` and `addr show` have in common; `linkmode` is for the former.
[[nodiscard]] Json show_link(const Link& link, const Links& links, const Engine& engine,
                             const CommandOptions& options, bool linkmode);
/// The key `addr_info`: addresses of that family, or of both.
[[nodiscard]] Json show_addresses(const Link& link, Family family);
[[nodiscard]] Json show_tunnel(const Link& link, const Links& links, const Engine& engine,
                               const Keepalives& keepalives, const CommandOptions& options);
template <typename Address>
[[nodiscard]] Json show_route(const Prefix<Address>& prefix, const Route<Address>& route,
                              const Links& links, const RouteShow& command,
                              const CommandOptions& options);
template <typename Address>
[[nodiscard]] Json show_route_get(const Address& destination, Ownership ownership,
                                  const Route<Address>* route, const Link* dev,
                                  const std::optional<Address>& source,
                                  const CommandOptions& options);
[[nodiscard]] Json show_neighbour(const NeighbourEntry& entry, const Link& link,
                                  const NeighbourShow& command, const CommandOptions& options,
                                  Time now);

}  // namespace culvert
