// SPDX-License-Identifier: BSD-3-Clause
// Routes by tunnels whose keepalives are not answered stay configured and lead nowhere.
#include <algorithm>
#include <system_error>
#include <utility>

#include "culvert/control/resolver.hpp"

namespace culvert {

template <typename Address>
const Route<Address>* Resolver::best_route(const RibNode<Address>& node, int dev) const noexcept {
  const auto found = std::ranges::find_if(node.routes, [this, dev](const auto& route) {
    if (dev != 0 && route.dev != dev) {
      return false;
    }
    const Link* const link = links_.find(route.dev);
    return link == nullptr || link->line_up;
  });
  return found == node.routes.end() ? nullptr : &*found;
}

void Resolver::line_changed(const Link& link) {
  ipv4_.waiting.insert(link.index);
  ipv6_.waiting.insert(link.index);
}

template <typename Address>
void Resolver::reinstall_lines(unsigned& budget) {
  auto& own = family<Address>();
  const auto& nodes = own.rib.nodes();
  for (; budget != 0; --budget) {
    if (own.lines.empty()) {
      own.lines = std::exchange(own.waiting, {});
      own.passed.reset();
      if (own.lines.empty()) {
        return;
      }
    }
    const auto node = own.passed ? nodes.upper_bound(*own.passed) : nodes.begin();
    if (node == nodes.end()) {
      own.lines.clear();
      continue;
    }
    own.passed = node->first;
    if (std::ranges::any_of(node->second.routes,
                            [&](const auto& route) { return own.lines.contains(route.dev); })) {
      try {
        prefix_changed(Prefix<Address>{*own.passed});
      } catch (const std::system_error&) {
        // No room for what the prefix should lead to: it leads where it did until it changes again.
      }
    }
  }
}

template const Route<Ipv4Address>* Resolver::best_route(const RibNode<Ipv4Address>&,
                                                        int) const noexcept;
template const Route<Ipv6Address>* Resolver::best_route(const RibNode<Ipv6Address>&,
                                                        int) const noexcept;
template void Resolver::reinstall_lines<Ipv4Address>(unsigned&);
template void Resolver::reinstall_lines<Ipv6Address>(unsigned&);

}  // namespace culvert
