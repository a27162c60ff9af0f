// SPDX-License-Identifier: BSD-3-Clause
// The pipeline in the place of a Linux gateway: what that was sent in the captures, and whether the
// same comes out, byte by byte, but for what masks.cpp names.
#include <gtest/gtest.h>

#include "golden/captures.hpp"
#include "golden/masks.hpp"

namespace culvert::test {
namespace {

constexpr Direction directions[] = {Direction::encapsulated, Direction::decapsulated};

std::uint16_t port_from(Direction direction) {
  return direction == Direction::encapsulated ? inside : outside;
}
std::uint16_t port_to(Direction direction) {
  return direction == Direction::encapsulated ? outside : inside;
}

/// What our gateway sends in the place of the node.
std::vector<Bytes> run(const Capture& capture, Direction direction,
                       const std::vector<Bytes>& received) {
  TestGateway gateway(capture.node);
  configure(gateway, capture);
  std::vector<Bytes> sent;
  for (const Bytes& frame : received) {
    const Outcome outcome = capture.inner_file.empty()
                                ? gateway.resume(frame, {.entry = Entry::output})
                                : gateway.receive_in_every_layout(port_from(direction), frame);
    if (outcome.kind == Outcome::Kind::sent) {
      EXPECT_EQ(outcome.port, port_to(direction));
      sent.push_back(outcome.bytes);
    }
  }
  return sent;
}

template <typename Use>
void for_each_flow(const Use& use) {
  for (const Capture& capture : captures()) {
    for (const Direction direction : directions) {
      if (direction == Direction::encapsulated || !capture.inner_file.empty()) {
        const Flow flow = without_omissions(capture, direction, read_flow(capture, direction));
        use(capture, direction, flow);
      }
    }
  }
}

bool outer_checksum_ok(const Bytes& frame) {
  return ipv4_checksum_ok(frame.data() + sizeof(EthernetHeader), sizeof(Ipv4Header));
}

TEST(Golden, SendsWhatLinuxSends) {
  std::size_t frames = 0;
  for_each_flow([&](const Capture& capture, Direction direction, const Flow& flow) {
    const std::vector<Bytes> actual = run(capture, direction, flow.received);
    ASSERT_EQ(actual.size(), flow.expected.size()) << title(capture, direction);
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const Bytes counting = counting_bits(capture, direction, flow.expected[i]);
      EXPECT_TRUE(same(actual[i], flow.expected[i], counting))
          << title(capture, direction) << ", frame " << i << "\n"
          << testing::PrintToString(sent(0, actual[i])) << "\n"
          << testing::PrintToString(sent(0, flow.expected[i]));
      EXPECT_TRUE(direction == Direction::decapsulated || outer_checksum_ok(actual[i]));
    }
    frames += actual.size();
  });
  EXPECT_GT(frames, 300U);
}

TEST(Golden, EveryUnmaskedBitCounts) {
  for_each_flow([](const Capture& capture, Direction direction, const Flow& flow) {
    for (const Bytes& expected : flow.expected) {
      const Bytes counting = counting_bits(capture, direction, expected);
      ASSERT_TRUE(same(expected, expected, counting));
      Bytes changed = expected;
      for (std::size_t bit = 0; bit < expected.size() * 8; ++bit) {
        const std::byte flip{static_cast<std::uint8_t>(1U << bit % 8)};
        changed[bit / 8] ^= flip;
        ASSERT_EQ(same(changed, expected, counting), (counting[bit / 8] & flip) == std::byte{0})
            << title(capture, direction) << ", bit " << bit;
        changed[bit / 8] ^= flip;
      }
      changed.pop_back();
      ASSERT_FALSE(same(changed, expected, counting));
      ASSERT_FALSE(same(expected + Bytes(1), expected, counting));
    }
  });
}

TEST(Golden, EveryMaskIsNeeded) {
  for (const Mask& mask : masks()) {
    bool needed = false;
    for_each_flow([&](const Capture& capture, Direction direction, const Flow& flow) {
      if (needed || direction != mask.direction || !capture.name.starts_with(mask.capture)) {
        return;
      }
      const std::vector<Bytes> actual = run(capture, direction, flow.received);
      for (std::size_t i = 0; i < std::min(actual.size(), flow.expected.size()); ++i) {
        for (std::size_t at = mask.offset; at < mask.offset + mask.length; ++at) {
          needed = needed || (applies(mask, capture, direction, flow.expected[i]) &&
                              ((actual[i][at] ^ flow.expected[i][at]) & mask.bits) != std::byte{0});
        }
      }
    });
    EXPECT_TRUE(needed) << mask.reason;
  }
}

TEST(Golden, EveryOmissionIsOfSomething) {
  for (const Omission& omission : omissions()) {
    const auto about = [&](const Capture& capture) {
      return applies(omission, capture, omission.direction);
    };
    const auto at = std::find_if(captures().begin(), captures().end(), about);
    ASSERT_NE(at, captures().end()) << omission.reason;
    const Flow flow = read_flow(*at, omission.direction);
    const auto& frames = omission.list == Omission::List::received ? flow.received : flow.expected;
    EXPECT_FALSE(frames.empty()) << omission.reason;
    EXPECT_TRUE(omission.frames.empty() || omission.frames.back() < frames.size())
        << omission.reason;
  }
}

}  // namespace
}  // namespace culvert::test
