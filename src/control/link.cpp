// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/control/link.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace culvert {

const Link* Links::find(std::string_view name) const noexcept {
  const auto position = by_name_.find(name);
  return position == by_name_.end() ? nullptr : position->second;
}

const Link* Links::find(int index) const noexcept {
  const auto position = by_index_.find(index);
  return position == by_index_.end() ? nullptr : position->second.get();
}

Link* Links::find(std::string_view name) noexcept {
  return const_cast<Link*>(std::as_const(*this).find(name));
}

Link* Links::find(int index) noexcept {
  return const_cast<Link*>(std::as_const(*this).find(index));
}

Link& Links::add(const std::string& name) {
  auto link = std::make_unique<Link>();
  link->index = next_index_++;
  link->name = name;
  Link& result = *link;
  by_name_.emplace(name, &result);
  by_index_.emplace(result.index, std::move(link));
  return result;
}

std::uint16_t Links::free_port_index() const {
  const auto* const place = std::ranges::find(ports_, nullptr);
  if (place == ports_.end()) {
    throw std::system_error(ENFILE, std::generic_category(), "ports");
  }
  return static_cast<std::uint16_t>(place - ports_.begin());
}

Link& Links::add_port(const std::string& name, std::unique_ptr<Port> port) {
  Link& link = add(name);
  link.port = std::move(port);
  link.mtu = link.port->mtu();
  ports_[link.port->index()] = &link;
  return link;
}

Link* Links::find_tunnel(const TunnelParameters& parameters) noexcept {
  const auto position = tunnels_.find(parameters.identity());
  return position == tunnels_.end() ? nullptr : position->second;
}

Link& Links::add_tunnel(const std::string& name, const TunnelParameters& parameters) {
  if (free_tunnels_.empty() && next_tunnel_ == tunnel_capacity_) {
    throw std::system_error(ENFILE, std::generic_category(), "tunnels");
  }
  Link& link = add(name);
  link.tunnel = parameters;
  tunnels_.emplace(parameters.identity(), &link);
  if (free_tunnels_.empty()) {
    link.tunnel_index = next_tunnel_++;
  } else {
    link.tunnel_index = free_tunnels_.back();
    free_tunnels_.pop_back();
  }
  by_tunnel_index_.resize(next_tunnel_);
  by_tunnel_index_[link.tunnel_index] = &link;
  return link;
}

void Links::change_tunnel(Link& link, const TunnelParameters& parameters) {
  tunnels_.erase(link.tunnel.identity());
  link.tunnel = parameters;
  tunnels_.emplace(parameters.identity(), &link);
}

void Links::remove(Link& link) {
  if (link.is_port()) {
    ports_[link.port->index()] = nullptr;
  } else {
    tunnels_.erase(link.tunnel.identity());
    by_tunnel_index_[link.tunnel_index] = nullptr;
  }
  by_name_.erase(link.name);
  by_index_.erase(link.index);
}

}  // namespace culvert
