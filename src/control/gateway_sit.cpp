// SPDX-License-Identifier: BSD-3-Clause
// `tunnel 6rd` and `tunnel prl`, and what workers see of them.
#include <algorithm>
#include <system_error>

#include "culvert/control/gateway.hpp"

namespace culvert {
namespace {

// As `ip` reports what the kernel says to the request of this number.
constexpr const char* add_router = "89f5";
constexpr const char* remove_router = "89f6";
constexpr const char* set_sixrd = "89f9";
constexpr const char* reset_sixrd = "89fa";

[[noreturn]] void refuse(const std::string& dev, const char* request, int error) {
  throw CommandError(
      1, dev + ": ioctl " + request + " failed: " + std::generic_category().message(error));
}

/// The sit tunnel of that name.
Link& sit_tunnel(Links& links, const std::string& dev, const char* request) {
  Link* const link = links.find(dev);
  if (link == nullptr) {
    refuse(dev, request, ENODEV);
  }
  if (link->is_port()) {
    refuse(dev, request, EOPNOTSUPP);
  }
  if (link->tunnel.mode != TunnelMode::sit) {
    refuse(dev, request, EINVAL);
  }
  return *link;
}

}  // namespace

Listing Gateway::run(const TunnelSixRd& command) {
  const char* const request = command.domain ? set_sixrd : reset_sixrd;
  Link& link = sit_tunnel(links_, command.dev, request);
  if (command.domain && !command.domain->is_valid()) {
    refuse(command.dev, request, EINVAL);
  }
  const auto before = std::exchange(link.sixrd, command.domain);
  try {
    refresh_sit(link);
  } catch (const std::system_error& error) {
    link.sixrd = before;
    refuse(command.dev, request, error.code().value());
  }
  if (link.sixrd) {
    sixrd_tunnels_.insert(link.index);
  } else {
    sixrd_tunnels_.erase(link.index);
  }
  return {};
}

/// As on Linux any sit tunnel may have a list, but only an isatap one makes use of it; and to
/// delete 0.0.0.0 is to delete all.
Listing Gateway::run(const TunnelPrl& command) {
  const bool removes = command.action == TunnelPrl::Action::remove;
  const char* const request = removes ? remove_router : add_router;
  Link& link = sit_tunnel(links_, command.dev, request);
  auto routers = link.routers;
  const auto position = std::ranges::find(routers, command.router, &PotentialRouter::address);
  const bool exists = position != routers.end();
  if (removes) {
    if (command.router.is_any()) {
      routers.clear();
    } else if (exists) {
      routers.erase(position);
    } else {
      refuse(command.dev, request, ENXIO);
    }
  } else if (command.router.is_any() || exists) {
    refuse(command.dev, request, exists ? EEXIST : EINVAL);
  } else {
    const bool is_default = command.action == TunnelPrl::Action::add_default;
    routers.insert(routers.begin(), {command.router, is_default});
  }
  std::swap(link.routers, routers);
  try {
    refresh_sit(link);
  } catch (const std::system_error& error) {
    std::swap(link.routers, routers);
    refuse(command.dev, request, error.code().value());
  }
  return {};
}

std::shared_ptr<const SitRules> Gateway::sit_rules(const Link& link) const {
  const TunnelParameters& tunnel = link.tunnel;
  // As on Linux: a remote says all that there is to say.
  if (tunnel.mode != TunnelMode::sit || (!tunnel.isatap && !tunnel.remote.is_any())) {
    return nullptr;
  }
  auto rules = std::make_shared<SitRules>();
  rules->isatap = tunnel.isatap;
  rules->local = tunnel.local;
  rules->pmtudisc = tunnel.pmtudisc;
  if (const Link* const bound = links_.find(tunnel.dev); bound != nullptr) {
    rules->bound_port = bound->port->index();
  }
  if (tunnel.isatap) {
    std::ranges::transform(link.routers, std::back_inserter(rules->routers),
                           &PotentialRouter::address);
    std::ranges::sort(rules->routers);
    for (const auto& address : link.ipv6) {
      rules->on_link.push_back(Ipv6Prefix::of(address.local, address.length));
    }
  } else if (link.sixrd) {
    rules->map = SixRdMap{*link.sixrd};
    rules->routers = resolver_.relays(link);
  }
  return rules;
}

/// Throws std::system_error, with workers seeing what they saw before.
void Gateway::refresh_sit(Link& link) {
  auto rules = sit_rules(link);
  if (rules == nullptr || *rules == *link.sit) {
    return;
  }
  Forwarding& forwarding = engine_.forwarding();
  const Tunnel before = resolver_.termination(link);
  std::swap(link.sit, rules);
  try {
    forwarding.tunnels.replace(before, resolver_.termination(link));
  } catch (...) {
    std::swap(link.sit, rules);
    throw;
  }
  resolver_.link_changed(link);
  forwarding.quiescence.retire([rules] {});
}

/// Routes have changed, and with them what border relays there are.
void Gateway::refresh_customer_edges() {
  for (const int index : sixrd_tunnels_) {
    refresh_sit(*links_.find(index));
  }
}

}  // namespace culvert
