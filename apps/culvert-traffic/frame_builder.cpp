// SPDX-License-Identifier: BSD-3-Clause
#include "frame_builder.hpp"

#include <numeric>
#include <span>

#include "culvert/codec/modes.hpp"

namespace culvert::traffic {
namespace {

// Inner sources, which nobody has routes for: shared address space (RFC 6598) and the benchmarking
// prefix (RFC 5180).
constexpr std::uint32_t first_source4 = 0x64400001;  // 100.64.0.1
constexpr Ipv6Address first_source6{{0x20, 0x01, 0x00, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr std::uint16_t first_port = 1024;
constexpr std::uint32_t ports = 60'000;

OuterParameters outer_parameters(const Traffic& traffic, std::uint32_t tunnel) {
  OuterParameters parameters;
  parameters.local = Ipv4Address::from_host(traffic.outer_remote.host() + tunnel);
  parameters.remote = traffic.outer_local;
  parameters.ttl = traffic.ttl;
  parameters.payload = traffic.ipv6 ? ether_type::ipv6 : ether_type::ipv4;
  if (traffic.key) {
    parameters.key = be32{*traffic.key};
  }
  parameters.fields = traffic.checksum ? gre_field::checksum : std::uint8_t{0};
  return parameters;
}

/// Bytes that the tunnel adds.
std::size_t outer_length(const Traffic& traffic) {
  if (!traffic.tunnel) {
    return 0;
  }
  const OuterParameters parameters = outer_parameters(traffic, 0);
  return visit_mode(*traffic.tunnel,
                    [&](auto mode) { return decltype(mode)::Stack::size(parameters); });
}

void write_inner_ipv4(std::byte* at, std::uint16_t length, const Traffic& traffic,
                      std::uint32_t flow, std::uint64_t destination) {
  auto& header = header_at<Ipv4Header>(at);
  header = {.version_ihl = 0x45,
            .tos = 0,
            .total_length = be16{length},
            .id{},  // free, since DF is set (RFC 6864 section 4.1)
            .fragment = be16{Ipv4Header::dont_fragment},
            .ttl = traffic.ttl,
            .protocol = ip_protocol::udp,
            .checksum{},
            .source = Ipv4Address::from_host(first_source4 + flow),
            .destination =
                host_in(std::get<Destinations<Ipv4Address>>(traffic.destinations), destination)};
  header.checksum = ipv4_checksum(at, sizeof(Ipv4Header));
}

void write_inner_ipv6(std::byte* at, std::uint16_t length, const Traffic& traffic,
                      std::uint32_t flow, std::uint64_t destination) {
  Ipv6Address source = first_source6;
  header_at<be32>(reinterpret_cast<std::byte*>(source.bytes.data()) + 12) = be32{1 + flow};
  header_at<Ipv6Header>(at) = {
      .version_class_label = be32{6U << 28U},
      .payload_length = be16{static_cast<std::uint16_t>(length - sizeof(Ipv6Header))},
      .next_header = ip_protocol::udp,
      .hop_limit = traffic.ttl,
      .source = source,
      .destination =
          host_in(std::get<Destinations<Ipv6Address>>(traffic.destinations), destination)};
}

std::span<const std::byte> filler_of(const Frame& frame) {
  return std::span{filler}.first(static_cast<std::size_t>(frame.length - frame.head));
}

/// RFC 8200 section 8.1: over IPv6, UDP has a checksum.
void prepare_udp_checksum(Frame& frame, const Ipv6Header& ip, std::size_t udp) {
  const auto start = std::span{std::as_const(frame.bytes)}.first(frame.head).subspan(udp);
  const std::uint64_t pseudo =
      pseudo_header_sum(ip.source, ip.destination, ip.payload_length.host(), ip_protocol::udp);
  frame.checksum_sum = fold(raw_sum(filler_of(frame), raw_sum(start, pseudo)));
  frame.checksum = static_cast<std::uint8_t>(udp + offsetof(UdpHeader, checksum));
  frame.zero_means_none = true;
  header_at<UdpHeader>(frame.bytes.data() + udp).checksum = to_checksum(frame.checksum_sum);
}

void write_outer(Frame& frame, const Traffic& traffic, std::uint32_t tunnel, std::size_t inner) {
  const OuterParameters parameters = outer_parameters(traffic, tunnel);
  const auto start = std::span{std::as_const(frame.bytes)}.first(frame.head);
  const InnerFacts facts{
      .length = static_cast<std::uint16_t>(frame.length - inner),
      .sum = fold(raw_sum(filler_of(frame), raw_sum(start.subspan(inner)))),
  };
  std::byte* const outer = frame.bytes.data() + sizeof(EthernetHeader);
  visit_stack(*traffic.tunnel, parameters.fields, [&](auto stack) {
    const RenderedHeader rendered = decltype(stack)::render(parameters);
    std::memcpy(outer, rendered.begin(), rendered.length);
    decltype(stack)::fixup(outer, rendered, facts, 0);
  });
  if (traffic.checksum && !traffic.ipv6) {
    const std::size_t gre = sizeof(EthernetHeader) + sizeof(Ipv4Header);
    frame.checksum = static_cast<std::uint8_t>(gre + sizeof(GreHeader));
    auto& field = header_at<be16>(frame.bytes.data() + frame.checksum);
    field = {};
    frame.checksum_sum = fold(raw_sum(start.subspan(gre, inner - gre), facts.sum));
  }
}

}  // namespace

FrameBuilder::FrameBuilder(const Traffic& traffic) : traffic_(traffic), random_(traffic.seed) {}

std::size_t FrameBuilder::Hash::operator()(const Choice& choice) const noexcept {
  const std::uint64_t both = (std::uint64_t{choice.tunnel} << 32U) | choice.flow;
  return (both * 0x9e3779b97f4a7c15U) ^ ((choice.destination + 1) * 0xc2b2ae3d27d4eb4fU);
}

/// Not std::uniform_int_distribution, whose numbers are not the same everywhere.
std::uint64_t FrameBuilder::below(std::uint64_t limit) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((Wide{random_()} * limit) >> 64U);
}

std::uint16_t FrameBuilder::next_size() {
  if (!traffic_.imix) {
    return traffic_.size;
  }
  if (dealt_ == deck_.size()) {
    for (std::size_t i = deck_.size() - 1; i != 0; --i) {
      std::swap(deck_.at(i), deck_.at(below(i + 1)));
    }
    dealt_ = 0;
  }
  return std::max(deck_.at(dealt_++), minimum_size(traffic_.ipv6));
}

std::uint32_t FrameBuilder::stream_of(const Choice& choice) {
  const auto [entry, is_new] = streams_.try_emplace(choice, next_stream_);
  next_stream_ += is_new ? 1U : 0U;
  return entry->second;
}

Frame FrameBuilder::next() {
  // One after the other, since the order in which they are drawn counts.
  const auto flow = static_cast<std::uint32_t>(below(traffic_.flows));
  const std::uint64_t destination =
      below(std::visit([](const auto& d) { return d.count; }, traffic_.destinations));
  const auto tunnel = static_cast<std::uint32_t>(traffic_.tunnel ? below(traffic_.tunnels) : 0);
  const std::size_t size = next_size();

  const std::size_t inner = sizeof(EthernetHeader) + outer_length(traffic_);
  const std::size_t udp = inner + (traffic_.ipv6 ? sizeof(Ipv6Header) : sizeof(Ipv4Header));
  Frame frame;
  frame.stream = stream_of({flow, destination, tunnel});
  frame.length = static_cast<std::uint16_t>(size - fcs - sizeof(EthernetHeader) + inner);
  frame.head = static_cast<std::uint8_t>(udp + sizeof(UdpHeader) + sizeof(Signature));
  std::byte* const bytes = frame.bytes.data();

  const bool ipv6_on_the_wire = traffic_.ipv6 && !traffic_.tunnel;
  header_at<EthernetHeader>(bytes) = {traffic_.destination_mac, traffic_.source_mac,
                                      be16{ipv6_on_the_wire ? ether_type::ipv6 : ether_type::ipv4}};
  header_at<UdpHeader>(bytes + udp) = {
      .source = be16{static_cast<std::uint16_t>(first_port + flow % ports)},
      .destination = be16{udp_port},
      .length = be16{static_cast<std::uint16_t>(frame.length - udp)},
      .checksum{}};  // none: RFC 768 allows it over IPv4
  auto& signature = header_at<Signature>(bytes + udp + sizeof(UdpHeader));
  signature = {.mark = be16{Signature::magic},
               .stream = be32{frame.stream},
               .sequence{},
               .time_high{},
               .time_low{}};
  const auto length = static_cast<std::uint16_t>(frame.length - inner);
  if (traffic_.ipv6) {
    write_inner_ipv6(bytes + inner, length, traffic_, flow, destination);
    prepare_udp_checksum(frame, header_at<Ipv6Header>(bytes + inner), udp);
  } else {
    write_inner_ipv4(bytes + inner, length, traffic_, flow, destination);
  }
  if (traffic_.tunnel) {
    write_outer(frame, traffic_, tunnel, inner);
  }
  return frame;
}

FrameSet build_frames(const Traffic& traffic) {
  constexpr std::uint64_t fewest = 65'536;
  constexpr std::uint64_t most = 1U << 20U;
  const std::uint64_t destinations =
      std::visit([](const auto& d) { return d.count; }, traffic.destinations);
  const std::uint64_t varied = std::max(
      {std::min(destinations, most), std::uint64_t{traffic.flows}, std::uint64_t{traffic.tunnels}});
  // A multiple of twelve, so that the mix of sizes stays exact from one turn to the next.
  const std::uint64_t count =
      std::clamp(varied * 2, fewest, most) / imix_sizes.size() * imix_sizes.size();
  FrameBuilder builder(traffic);
  FrameSet set;
  set.frames.reserve(count);
  while (set.frames.size() < count) {
    set.frames.push_back(builder.next());
  }
  set.streams = builder.streams();
  return set;
}

std::uint16_t longest_frame(const Traffic& traffic) {
  const std::size_t size = traffic.imix ? imix_sizes.back() : traffic.size;
  return static_cast<std::uint16_t>(size - fcs + outer_length(traffic));
}

double mean_frame(const FrameSet& set) {
  const auto sum =
      std::accumulate(set.frames.begin(), set.frames.end(), std::uint64_t{0},
                      [](std::uint64_t bytes, const Frame& frame) { return bytes + frame.length; });
  return static_cast<double>(sum) / static_cast<double>(set.frames.size());
}

}  // namespace culvert::traffic
