// SPDX-License-Identifier: BSD-3-Clause
// Whole gateways in the place of Linux's: what each was told and sent in the captures, and whether
// the same comes out, byte by byte, but for what masks.cpp names.
#include <algorithm>
#include <iomanip>
#include <sstream>

#include <gtest/gtest.h>

#include "golden/masks.hpp"

namespace culvert::test {
namespace {

/// Every scene, replayed once for all tests.
const std::vector<Replayed>& all() {
  static const std::vector<Replayed> replayed = [] {
    std::vector<Replayed> list;
    for (const Scene& scene : scenes()) {
      list.push_back(replay(scene));
    }
    return list;
  }();
  return replayed;
}

/// What is to be compared with each other, in order.
struct Pairs {
  const Scene& scene;
  Side side;
  std::vector<Bytes> expected;
  std::vector<Bytes> actual;
};

template <typename Use>
void for_each_link(const Use& use) {
  for (const Replayed& replayed : all()) {
    for (const Side side : sides) {
      use(Pairs{
          replayed.scene, side,
          without_exceptions(Exception::Sender::linux, replayed.scene, side,
                             replayed.expected(side)),
          without_exceptions(Exception::Sender::us, replayed.scene, side, replayed.actual(side))});
    }
  }
}

/// With what was compared, in pairs of equal frames.
template <typename Use>
void for_each_pair(const Use& use) {
  for_each_link([&](const Pairs& link) {
    for (std::size_t i = 0; i < std::min(link.expected.size(), link.actual.size()); ++i) {
      use(link, i);
    }
  });
}

/// Another one for each `number`; none where all are taken.
std::byte bit_outside(std::byte taken, std::size_t number) {
  for (std::size_t i = 0; i < 8; ++i) {
    const std::byte bit{static_cast<std::uint8_t>(1U << (number + i) % 8)};
    if ((taken & bit) == std::byte{}) {
      return bit;
    }
  }
  return {};
}

std::string text_of(const Bytes& bytes) {
  std::ostringstream text;
  text << std::hex << std::setfill('0');
  for (const std::byte byte : bytes) {
    text << std::setw(2) << std::to_integer<unsigned>(byte);
  }
  return text.str();
}

TEST(Golden, SendsWhatLinuxSends) {
  std::size_t frames = 0;
  for_each_link([&](const Pairs& link) {
    const std::string where =
        title(link.scene) + (link.side == Side::outer ? ", outer" : ", inner");
    EXPECT_EQ(link.actual.size(), link.expected.size()) << where;
    for (std::size_t i = 0; i < std::max(link.actual.size(), link.expected.size()); ++i) {
      const Bytes actual = i < link.actual.size() ? link.actual[i] : Bytes{};
      const Bytes expected = i < link.expected.size() ? link.expected[i] : Bytes{};
      const bool both = !actual.empty() && !expected.empty();
      EXPECT_EQ(text_of(both ? masked(link.scene, link.side, actual, expected) : actual),
                text_of(expected))
          << where << ", frame " << i;
    }
    frames += link.actual.size();
  });
  EXPECT_GT(frames, 600U);
}

// Also of a masked bit: the checksum over it tells.
TEST(Golden, EveryByteCounts) {
  for_each_pair([](const Pairs& link, std::size_t i) {
    Bytes expected = link.expected[i];
    const Bytes free = free_bits(link.scene, link.side, expected);
    for (std::size_t at = 0; at < expected.size(); ++at) {
      const std::byte flip = bit_outside(free[at], at);
      expected[at] ^= flip;
      ASSERT_TRUE(flip == std::byte{} ||
                  masked(link.scene, link.side, link.actual[i], expected) != expected)
          << title(link.scene) << ", frame " << i << ", byte " << at;
      expected[at] ^= flip;
    }
  });
}

TEST(Golden, EveryMaskIsNeeded) {
  for (const Mask& mask : masks()) {
    bool needed = false;
    for_each_pair([&](const Pairs& link, std::size_t i) {
      needed = needed || (applies(mask.where, link.scene, link.side, link.expected[i]) &&
                          masked(mask, link.actual[i], link.expected[i]) != link.actual[i]);
    });
    EXPECT_TRUE(needed) << mask.where.captures << ": " << mask.reason;
  }
}

TEST(Golden, EveryExceptionIsNeeded) {
  for (const Exception& exception : exceptions()) {
    bool needed = false;
    for (const Replayed& replayed : all()) {
      for (const Side side : sides) {
        const auto& sent = exception.sender == Exception::Sender::linux ? replayed.expected(side)
                                                                        : replayed.actual(side);
        needed = needed || std::ranges::any_of(sent, [&](const Bytes& frame) {
                   return applies(exception.where, replayed.scene, side, frame);
                 });
      }
    }
    EXPECT_TRUE(needed) << exception.where.captures << ": " << exception.reason;
  }
}

}  // namespace
}  // namespace culvert::test
