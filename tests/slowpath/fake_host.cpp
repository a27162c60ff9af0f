// SPDX-License-Identifier: BSD-3-Clause
#include "slowpath/fake_host.hpp"

namespace culvert::test {

void FakeHost::route(const IpAddress& address, NextHop::Kind kind, std::uint16_t port) {
  const NextHop next_hop{.mtu = 1500, .port = port, .kind = kind};
  std::visit([&](const auto& a) { route(a, std::decay_t<decltype(a)>::bits, next_hop); }, address);
}

std::optional<PortView> FakeHost::port(std::uint16_t index) const {
  const auto found = ports.find(index);
  return found == ports.end() ? std::nullopt : std::optional{found->second};
}

std::optional<Ipv6Address> FakeHost::tunnel_link_local(std::uint32_t index) const {
  const auto found = tunnels.find(index);
  return found == tunnels.end() ? std::nullopt : std::optional{found->second.first};
}

std::optional<NextHop> FakeHost::tunnel_hop(std::uint32_t index, std::uint16_t) {
  const auto found = tunnels.find(index);
  return found == tunnels.end() ? std::nullopt : std::optional{found->second.second};
}

void FakeHost::line_changed(std::uint32_t index, bool up) {
  events.push_back(std::to_string(index) + (up ? " up" : " down"));
}

void FakeHost::neighbour_added(NeighbourEntry& neighbour) {
  events.push_back(to_string(neighbour.address).insert(0, 1, '+'));
  if (enters_neighbours) {
    std::visit([&](const auto& address) { enter(address, neighbour); }, neighbour.address);
  }
}

void FakeHost::neighbour_removed(NeighbourEntry& neighbour) {
  events.push_back(to_string(neighbour.address).insert(0, 1, '-'));
  if (enters_neighbours) {
    std::visit([&](const auto& address) { withdraw(address); }, neighbour.address);
  }
}

template <typename Address>
void FakeHost::enter(const Address& address, NeighbourEntry& neighbour) {
  const NextHopId covering = table<Address>().lookup(address);
  if (forwarding_.next_hops[covering].kind != NextHop::Kind::connected) {
    return;
  }
  covers_[address] = {24, covering};
  route(address, Address::bits,
        {.neighbour = &neighbour,
         .mtu = 1500,
         .port = neighbour.port,
         .kind = NextHop::Kind::forward});
}

template <typename Address>
void FakeHost::withdraw(const Address& address) {
  if (const auto node = covers_.extract(address); !node.empty()) {
    const NextHopId id = table<Address>().lookup(address);
    table<Address>().clear(Prefix<Address>::host(address), node.mapped());
    forwarding_.next_hops.destroy(id);
  }
}

}  // namespace culvert::test
