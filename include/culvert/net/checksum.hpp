// SPDX-License-Identifier: BSD-3-Clause
// net: the Internet checksum (RFC 1071) and its incremental update (RFC 1624). No DPDK.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "culvert/net/headers.hpp"

namespace culvert {

/// Folds a sum of 16-bit words to 16 bits, end-around carry included.
[[nodiscard]] constexpr std::uint16_t fold(std::uint64_t sum) noexcept {
  sum = (sum & 0xffffffffU) + (sum >> 32U);
  sum = (sum & 0xffffU) + (sum >> 16U);
  sum = (sum & 0xffffU) + (sum >> 16U);
  sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(sum);
}

/// One's complement sum of 64 bits: its carry comes in again at the other end.
[[nodiscard]] constexpr std::uint64_t add_words(std::uint64_t sum, std::uint64_t words) noexcept {
  sum += words;
  return sum + (sum < words ? 1U : 0U);
}

/// What stands at `at`, as the machine loads it.
template <typename Word>
[[nodiscard]] inline Word load_word(const std::byte* at) noexcept {
  Word word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// One's complement sum of `bytes` as the machine loads its words: byte order does not matter until
/// the result is stored (RFC 1071 section 2B), so this is a sum to pass on, not a value to read.
[[nodiscard]] inline std::uint64_t raw_sum(std::span<const std::byte> bytes,
                                           std::uint64_t sum = 0) noexcept {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    sum = add_words(sum, load_word<std::uint64_t>(at));
  }
  if ((left & 4U) != 0) {
    sum = add_words(sum, load_word<std::uint32_t>(at));
    at += 4;
  }
  if ((left & 2U) != 0) {
    sum = add_words(sum, load_word<std::uint16_t>(at));
    at += 2;
  }
  return (left & 1U) != 0 ? add_words(sum, load_word<std::uint8_t>(at)) : sum;
}

/// The same of many bytes: four sums at a time, since each addition waits for the one before.
[[nodiscard]] inline std::uint64_t raw_sum_long(std::span<const std::byte> bytes,
                                                std::uint64_t sum = 0) noexcept {
  constexpr std::size_t stride = 4 * sizeof(std::uint64_t);
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  std::uint64_t fourth = 0;
  for (; bytes.size() >= stride; bytes = bytes.subspan(stride)) {
    const std::byte* const at = bytes.data();
    sum = add_words(sum, load_word<std::uint64_t>(at));
    second = add_words(second, load_word<std::uint64_t>(at + 8));
    third = add_words(third, load_word<std::uint64_t>(at + 16));
    fourth = add_words(fourth, load_word<std::uint64_t>(at + 24));
  }
  return raw_sum(bytes, add_words(add_words(sum, second), add_words(third, fourth)));
}

/// The raw sum of bytes that come in pieces of any length, one behind the other.
class PieceSum {
 public:
  explicit PieceSum(std::uint64_t sum = 0) noexcept : sum_(sum) {}
  void add(std::span<const std::byte> piece) noexcept {
    const std::uint16_t part = fold(raw_sum_long(piece));
    sum_ += odd_ ? byte_swap(part) : part;  // RFC 1071 section 2B
    odd_ = odd_ != (piece.size() % 2 != 0);
  }
  [[nodiscard]] std::uint16_t folded() const noexcept { return fold(sum_); }

 private:
  std::uint64_t sum_;
  bool odd_ = false;  // the next piece starts in the middle of a word
};

/// The checksum field for a raw sum.
[[nodiscard]] inline be16 to_checksum(std::uint64_t raw) noexcept {
  return std::bit_cast<be16>(static_cast<std::uint16_t>(~fold(raw)));
}

/// Whether bytes of which this is the raw sum, their checksum among them, are as it says. Not all
/// of them are zero.
[[nodiscard]] constexpr bool is_right_sum(std::uint64_t sum) noexcept {
  // A sum that folds to 0xffff is a multiple of that, and the other way about unless it is zero. An
  // odd number divides what, multiplied by its inverse modulo 2^64, is at most 2^64 / that number.
  constexpr std::uint64_t inverse = 0xfffefffefffeffff;
  static_assert(inverse * 0xffffU == 1);
  return sum * inverse <= UINT64_MAX / 0xffffU;
}

/// RFC 791: the checksum of `header_length` bytes is right, stored field included. `header_length`
/// is a multiple of 4 and at least 20; not all of the header is zero.
[[nodiscard]] inline bool ipv4_checksum_ok(const std::byte* header,
                                           unsigned header_length) noexcept {
  // Nearly all have no options: then it is three words and no loop.
  const std::uint64_t sum = header_length == sizeof(Ipv4Header)
                                ? raw_sum({header, sizeof(Ipv4Header)})
                                : raw_sum({header, header_length});
  return is_right_sum(sum);
}

/// The checksum field of an IPv4 header whose own field is zero.
[[nodiscard]] inline be16 ipv4_checksum(const std::byte* header, unsigned header_length) noexcept {
  return to_checksum(raw_sum({header, header_length}));
}

/// RFC 1624 equation 3: a header word changes from `old_word` to `new_word` (host byte order).
[[nodiscard]] constexpr be16 adjust_checksum(be16 checksum, std::uint16_t old_word,
                                             std::uint16_t new_word) noexcept {
  const std::uint32_t sum = static_cast<std::uint16_t>(~checksum.host()) +
                            static_cast<std::uint32_t>(static_cast<std::uint16_t>(~old_word)) +
                            new_word;
  return be16{static_cast<std::uint16_t>(~fold(sum))};
}

/// TTL minus one, checksum with it (RFC 1141: the TTL is the high byte of its word). `ttl` > 0.
inline void decrement_ttl(Ipv4Header& header) noexcept {
  static_assert(std::endian::native == std::endian::little);
  // 0x0100 in network byte order. 0xffff carries too: a computed checksum is never negative zero
  // (RFC 1624 section 3).
  const std::uint32_t sum = header.checksum.raw() + 1U;
  header.checksum =
      std::bit_cast<be16>(static_cast<std::uint16_t>(sum + (sum >= 0xffffU ? 1U : 0U)));
  header.ttl = static_cast<std::uint8_t>(header.ttl - 1U);
}

/// RFC 8200 section 8.1: raw sum of the pseudo-header for an upper-layer packet of `length` bytes.
[[nodiscard]] inline std::uint64_t pseudo_header_sum(const Ipv6Address& source,
                                                     const Ipv6Address& destination,
                                                     std::uint32_t length,
                                                     std::uint8_t protocol) noexcept {
  struct {
    Ipv6Address source;
    Ipv6Address destination;
    be32 length;
    be32 protocol;
  } const pseudo{source, destination, be32{length}, be32{protocol}};
  return raw_sum(std::as_bytes(std::span{&pseudo, 1}));
}

}  // namespace culvert
