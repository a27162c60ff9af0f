// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/tunnel_quote.hpp"

#include <algorithm>

#include "culvert/codec/modes.hpp"

namespace culvert {
namespace {

constexpr std::size_t least_payload = 8;  // RFC 792: "the first 64 bits of the original datagram"

/// Fills in what the GRE header says. RFC 2890 section 2: checksum, key, sequence number.
void read_gre(std::span<const std::byte> gre, TunnelQuote& quote) noexcept {
  const auto& header = header_at<GreHeader>(gre.data());
  quote.gre_flags = header.flags.host();
  quote.payload = header.protocol.host();
  const auto has = [&](std::uint16_t flag) { return (quote.gre_flags & flag) != 0; };
  std::size_t at = sizeof(GreHeader) + (has(GreHeader::checksum_present) ? GreLayer::field : 0);
  if (has(GreHeader::key_present)) {
    if (gre.size() >= at + GreLayer::field) {
      quote.key = header_at<be32>(gre.data() + at).host();
    }
    at += GreLayer::field;
  }
  at += has(GreHeader::sequence_present) ? GreLayer::field : 0;
  quote.inner = static_cast<std::uint16_t>(quote.inner + at);
}

}  // namespace

bool TunnelQuote::lacks_key() const noexcept {
  return (gre_flags & GreHeader::key_present) != 0 && !key;
}

std::optional<TunnelQuote> read_tunnel_quote(std::span<const std::byte> quote) noexcept {
  if (quote.size() < sizeof(Ipv4Header)) {
    return std::nullopt;
  }
  const auto& ip = header_at<Ipv4Header>(quote.data());
  const std::size_t header_length = ip.header_length();
  if (ip.version() != 4 || header_length < sizeof(Ipv4Header) || ip.is_later_fragment() ||
      !protocol_uses[ip.protocol].tunnel || quote.size() < header_length + least_payload) {
    return std::nullopt;
  }
  const ProtocolUse& use = protocol_uses[ip.protocol];
  TunnelQuote result;
  result.local = ip.source;
  result.remote = ip.destination;
  result.mode = use.mode;
  result.length = ip.total_length.host();
  result.payload = use.payload;
  result.inner = static_cast<std::uint16_t>(header_length);
  if (use.mode == TunnelMode::gre) {
    read_gre(quote.subspan(header_length), result);
  }
  return result;
}

std::span<const std::byte> quote_of(std::span<const std::byte> behind_header,
                                    std::uint32_t rest) noexcept {
  // RFC 4884 section 4.1: the second byte counts words; 0 where nothing follows.
  const std::size_t announced = ((rest >> 16U) & 0xffU) * 4U;
  auto quote = behind_header;
  if (announced != 0) {
    quote = quote.first(std::min(announced, quote.size()));
  }
  if (quote.size() >= sizeof(Ipv4Header)) {
    const std::size_t length = header_at<Ipv4Header>(quote.data()).total_length.host();
    quote = quote.first(std::min(length, quote.size()));
  }
  return quote;
}

bool is_quoted_enough(std::span<const std::byte> inner, std::uint16_t payload) noexcept {
  std::size_t header_length = sizeof(Ipv6Header);
  std::size_t length = 0;
  if (payload == ether_type::ipv4) {
    if (inner.size() < sizeof(Ipv4Header)) {
      return false;
    }
    const auto& ip = header_at<Ipv4Header>(inner.data());
    header_length = std::max<std::size_t>(ip.header_length(), sizeof(Ipv4Header));
    length = ip.total_length.host();
    if (ip.version() != 4) {
      return false;
    }
  } else {
    if (payload != ether_type::ipv6 || inner.size() < sizeof(Ipv6Header)) {
      return false;
    }
    const auto& ip = header_at<Ipv6Header>(inner.data());
    length = sizeof(Ipv6Header) + ip.payload_length.host();
    if (ip.version() != 6) {
      return false;
    }
  }
  return inner.size() >= header_length + least_payload ||
         (inner.size() >= header_length && inner.size() >= length);
}

}  // namespace culvert
