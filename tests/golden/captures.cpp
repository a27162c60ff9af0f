// SPDX-License-Identifier: BSD-3-Clause
#include "golden/captures.hpp"

#include <algorithm>
#include <iterator>

#include "culvert/codec/modes.hpp"

#include "support/pcap.hpp"

namespace culvert::test {
namespace {

constexpr std::string_view a = node_a.outside4;
constexpr std::string_view b = node_b.outside4;
constexpr std::string_view c = outside4_of_c;
constexpr auto ipip = TunnelMode::ipip;
constexpr auto gre = TunnelMode::gre;
constexpr auto sit = TunnelMode::sit;

/// `tunnel` as a has it; b has the same with the addresses, and the keys, exchanged.
void add_both(std::vector<Capture>& list, std::string_view name, TestTunnel tunnel) {
  tunnel.local = a;
  tunnel.remote = b;
  std::vector<GoldenRoute> routes_of_a;
  std::vector<GoldenRoute> routes_of_b;
  if (carries(tunnel.mode, ether_type::ipv4)) {
    routes_of_a.push_back({node_b.inside_net4, 0});
    routes_of_b.push_back({node_a.inside_net4, 0});
  }
  if (carries(tunnel.mode, ether_type::ipv6)) {
    routes_of_a.push_back({node_b.inside_net6, 0});
    routes_of_b.push_back({node_a.inside_net6, 0});
  }
  list.push_back({name, node_a, "", ".left", {tunnel}, routes_of_a});
  std::swap(tunnel.local, tunnel.remote);
  std::swap(tunnel.input_key, tunnel.output_key);
  list.push_back({name, node_b, "", ".right", {tunnel}, routes_of_b});
}

std::vector<Capture> make_list() {
  std::vector<Capture> list;
  add_both(list, "01a-ipip-inherit", {.mode = ipip, .inherit_tos = true});
  add_both(list, "01b-ipip-default", {.mode = ipip});
  add_both(list, "01d-ipip-nopmtudisc", {.mode = ipip, .inherit_tos = true, .pmtudisc = false});
  // The tunnel's local address is any: the outer source is the one that routes to b and c have.
  list.push_back({"02a-ipip-one-to-many",
                  node_a,
                  "",
                  ".left",
                  {{.mode = ipip, .pmtudisc = false}},
                  {{"192.168.2.0/24", 0, b}, {"192.168.3.0/24", 0, c}}});
  list.push_back({"02a-ipip-one-to-many",
                  node_b,
                  ".b",
                  ".right",
                  {{.mode = ipip, .pmtudisc = false}},
                  {{"192.168.1.0/24", 0, a}, {"192.168.3.0/24", 0, c}}});
  add_both(list, "03a-gre-plain", {.mode = gre, .inherit_tos = true});
  add_both(list, "03b-gre-key", {.mode = gre, .ttl = 64, .input_key = 5678, .output_key = 1234});
  add_both(list, "03f-gre-ipv6", {.mode = gre, .inherit_tos = true});
  list.push_back({"03i-gre-one-to-many",
                  node_a,
                  "",
                  "",
                  {{.mode = gre, .local = a, .ttl = 64, .input_key = 7, .output_key = 7}},
                  {{"172.16.0.2/32", 0, b}, {"172.16.0.3/32", 0, c}}});
  add_both(list, "04a-sit-default", {.mode = sit});
  add_both(list, "04b-sit-inherit", {.mode = sit, .inherit_tos = true});
  add_both(list, "04d-sit-nopmtudisc", {.mode = sit, .inherit_tos = true, .pmtudisc = false});
  add_both(list, "10b-inner-options", {.mode = ipip, .ttl = 64});
  add_both(list, "10c-inner-fragments", {.mode = ipip, .inherit_tos = true});
  add_both(list, "10e-ecn-ipip", {.mode = ipip, .ttl = 64});
  add_both(list, "10e-ecn-gre", {.mode = gre, .ttl = 64});
  add_both(list, "10l-inner-malformed", {.mode = ipip, .ttl = 64});
  return list;
}

std::vector<Bytes> frames_from(std::string_view source, const std::vector<Bytes>& frames) {
  std::vector<Bytes> found;
  std::copy_if(frames.begin(), frames.end(), std::back_inserter(found), [&](const Bytes& frame) {
    return header_at<EthernetHeader>(frame.data()).source == mac(source);
  });
  return found;
}

std::vector<Bytes> frames_to(std::string_view destination, const std::vector<Bytes>& frames) {
  std::vector<Bytes> found;
  std::copy_if(frames.begin(), frames.end(), std::back_inserter(found), [&](const Bytes& frame) {
    return header_at<EthernetHeader>(frame.data()).destination == mac(destination);
  });
  return found;
}

/// What stands in GRE with a key, without outer options.
std::vector<Bytes> inner_packets(const std::vector<Bytes>& frames) {
  constexpr std::size_t outer = sizeof(EthernetHeader) + sizeof(Ipv4Header) + sizeof(GreHeader) + 4;
  std::vector<Bytes> packets;
  std::transform(frames.begin(), frames.end(), std::back_inserter(packets),
                 [](const Bytes& frame) { return from(frame, outer); });
  return packets;
}

}  // namespace

std::span<const Capture> captures() {
  static const std::vector<Capture> list = make_list();
  return list;
}

std::string title(const Capture& capture, Direction direction) {
  return std::string(capture.name) +
         (direction == Direction::encapsulated ? " out of " : " into ") +
         std::string(capture.node.outside4);
}

Flow read_flow(const Capture& capture, Direction direction) {
  const std::string name(capture.name);
  const std::vector<Bytes> outer = read_golden(name + std::string(capture.outer_file));
  const std::vector<Bytes> sent = frames_from(capture.node.outside_mac, outer);
  if (capture.inner_file.empty()) {
    return {.received = inner_packets(sent), .expected = sent};
  }
  const std::vector<Bytes> inner = read_golden(name + std::string(capture.inner_file));
  if (direction == Direction::encapsulated) {
    return {.received = frames_from(capture.node.host_mac, inner), .expected = sent};
  }
  return {.received = frames_to(capture.node.outside_mac, outer),
          .expected = frames_from(capture.node.inside_mac, inner)};
}

void configure(TestGateway& gateway, const Capture& capture) {
  std::vector<std::uint32_t> indices;
  for (const TestTunnel& tunnel : capture.tunnels) {
    indices.push_back(gateway.add_tunnel(tunnel));
  }
  for (const GoldenRoute& route : capture.routes) {
    const bool ipv4 = route.prefix.find(':') == route.prefix.npos;
    gateway.route(route.prefix,
                  gateway.through(capture.tunnels[route.tunnel], indices[route.tunnel],
                                  ipv4 ? ether_type::ipv4 : ether_type::ipv6, route.remote));
  }
}

}  // namespace culvert::test
