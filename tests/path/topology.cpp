// SPDX-License-Identifier: BSD-3-Clause
#include "path/topology.hpp"

namespace culvert::test {
namespace {

constexpr std::string_view router_mac = "02:00:00:00:00:1a";
constexpr std::size_t l2 = sizeof(EthernetHeader);

/// Any packet; those between the gateways come from a router, the others from a host.
Bytes framed(std::string_view destination, std::string_view source, const Bytes& packet) {
  const bool is_ipv6 = (packet.front() >> 4U) == std::byte{6};
  Bytes frame = ethernet(destination, source, is_ipv6 ? ether_type::ipv6 : ether_type::ipv4, {});
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

std::string with_length(std::string_view address, std::string_view length) {
  std::string prefix(address);
  prefix += length;
  return prefix;
}

std::string words(std::initializer_list<std::string_view> all) {
  std::string line;
  for (const std::string_view word : all) {
    line += line.empty() ? "" : " ";
    line += word;
  }
  return line;
}

}  // namespace

Topology::Topology(const Kind& kind, const std::vector<unsigned>& links, std::uint16_t mbuf_size)
    : first_link_(links.front()),
      routers_(links),
      near_("near-", mbuf_size),
      far_("far-", mbuf_size) {
  set_up(near_, kind, near_site, far_site, links.front());
  set_up(far_, kind, far_site, near_site, links.back());
}

void Topology::set_up(WholeGateway& gateway, const Kind& kind, const Site& self, const Site& other,
                      unsigned mtu) {
  const Node& node = self.node;
  gateway.add_port("lan0", node.inside_mac);
  gateway.add_port("wan0", node.outside_mac);
  const std::vector<std::string> lines{
      words({"link set lan0 mtu", std::to_string(Sender::link_mtu), "up"}),
      words({"link set wan0 mtu", std::to_string(mtu), "up"}),
      words({"addr add", with_length(node.inside4, "/24"), "dev lan0"}),
      words({"addr add", with_length(node.inside6, "/64"), "dev lan0"}),
      words({"addr add", with_length(node.outside4, "/32"), "dev wan0"}),
      words({"neigh add", node.host4, "lladdr", node.host_mac, "dev lan0"}),
      words({"neigh add", node.host6, "lladdr", node.host_mac, "dev lan0"}),
      words({"neigh add", Routers::address, "lladdr", router_mac, "dev wan0"}),
      words({"route add", Routers::address, "dev wan0"}),
      words({"route add", other.node.outside4, "via", Routers::address})};
  for (const std::string& line : lines) {
    gateway.must_run(line);
  }
  for (const std::string& line : lines_of(kind, self, other)) {
    gateway.must_run(line);
  }
}

void Topology::forget(Quote quote) {
  near_.must_run("route flush cache");
  routers_.start(quote);
}

Topology::Seen Topology::carry(const Datagram& datagram) {
  Seen seen;
  Receiver receiver(datagram);
  const Node& near = near_site.node;
  for (const Bytes& packet : datagram.packets) {
    near_.receive("lan0", framed(near.inside_mac, near.host_mac, packet));
    exchange(seen);
  }
  for (const Bytes& frame : far_.sent("lan0")) {
    if (!receiver.receive(from(frame, l2))) {
      seen.wrong += "the receiver got what was not sent; ";
    }
  }
  for (const Bytes& frame : near_.sent("lan0")) {
    if (const auto mtu = told_mtu(from(frame, l2), datagram, near)) {
      seen.told.push_back(*mtu);
    } else {
      seen.wrong += "the sender got what is no error about the size of its packet; ";
    }
  }
  seen.whole = receiver.is_whole();
  if (seen.whole && !seen.told.empty()) {
    seen.wrong += "the sender was told of what has arrived; ";
  }
  return seen;
}

void Topology::exchange(Seen& seen) {
  const auto cross = [](WholeGateway& gateway, const Node& node, const std::vector<Bytes>& all) {
    for (const Bytes& packet : all) {
      gateway.receive("wan0", framed(node.outside_mac, router_mac, packet));
    }
  };
  for (auto frames = near_.sent("wan0"); !frames.empty(); frames = near_.sent("wan0")) {
    for (const Bytes& frame : frames) {
      if (frame.size() > l2 + first_link_) {
        seen.wrong += "the near gateway sent more than its link takes; ";
      }
      const Routers::Outcome outcome = routers_.forward(from(frame, l2));
      cross(far_, far_site.node, outcome.arrived);
      cross(near_, near_site.node, outcome.errors);
    }
  }
  if (!far_.sent("wan0").empty()) {
    seen.wrong += "the far gateway answered; ";
  }
}

}  // namespace culvert::test
