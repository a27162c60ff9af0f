// SPDX-License-Identifier: BSD-3-Clause
// tests/traffic: what is random is so within its limits, and the same for the same seed.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "frames.hpp"

namespace culvert::traffic::test {
namespace {

std::vector<Bytes> frames_of(const std::vector<std::string>& options, std::size_t count) {
  FrameBuilder builder(traffic_from(options));
  std::vector<Bytes> frames;
  while (frames.size() < count) {
    frames.push_back(bytes_of(builder.next()));
  }
  return frames;
}

const Ipv4Header& ipv4_of(const Bytes& frame, std::size_t at = 14) {
  return header_at<Ipv4Header>(frame.data() + at);
}

const std::vector<std::string> varied{"--imix",   "--flows",        "1000",
                                      "--tunnel", "ipip",           "--tunnels",
                                      "100",      "--destinations", "198.18.0.0/15,512"};

TEST(Variety, SameOptionsSameFrames) {
  EXPECT_EQ(frames_of(varied, 1000), frames_of(varied, 1000));
}

TEST(Variety, AnotherSeedOtherFrames) {
  auto other = varied;
  other.insert(other.end(), {"--seed", "2"});
  EXPECT_NE(frames_of(varied, 1000), frames_of(other, 1000));
}

/// The generator of random numbers is the standard's (10000th number, [rand.predef]), so frames are
/// the same everywhere.
TEST(Variety, FirstFlowsOfSeedOne) {
  std::mt19937_64 random(1);
  for (const Bytes& frame : frames_of({"--flows", "65536"}, 10)) {
    const std::uint64_t flow = random() >> 48U;
    random.discard(1);  // destination
    EXPECT_EQ(ipv4_of(frame).source.host(), 0x64400001 + flow);
  }
}

TEST(Variety, EveryTwelveFramesAreMixedSevenFourOne) {
  const auto frames = frames_of({"--imix"}, 1200);
  for (std::size_t first = 0; first < frames.size(); first += 12) {
    std::map<std::size_t, unsigned> counts;
    for (std::size_t i = first; i < first + 12; ++i) {
      ++counts[frames[i].size() + 4];
    }
    EXPECT_EQ(counts, (std::map<std::size_t, unsigned>{{64, 7}, {576, 4}, {1518, 1}}));
  }
}

TEST(Variety, MixOfSetIsExact) {
  const FrameSet set = build_frames(traffic_from({"--imix"}));
  EXPECT_DOUBLE_EQ(mean_frame(set), (7 * 64 + 4 * 576 + 1518) / 12.0 - 4);
}

TEST(Variety, AllFlowsAndTheirPorts) {
  std::map<std::uint32_t, std::set<unsigned>> ports;
  for (const Bytes& frame : frames_of({"--flows", "100"}, 5000)) {
    ports[ipv4_of(frame).source.host()].insert(
        header_at<UdpHeader>(frame.data() + 34).source.host());
  }
  EXPECT_EQ(ports.size(), 100U);
  EXPECT_EQ(ports.begin()->first, 0x64400001U);
  EXPECT_EQ(ports.rbegin()->first, 0x64400064U);
  std::set<unsigned> all;
  for (const auto& [source, own] : ports) {
    EXPECT_EQ(own.size(), 1U) << source;
    all.insert(own.begin(), own.end());
  }
  EXPECT_EQ(all.size(), 100U);
}

TEST(Variety, AllDestinationsAndTunnels) {
  std::map<std::uint32_t, unsigned> destinations;
  std::map<std::uint32_t, unsigned> tunnels;
  constexpr unsigned count = 20'000;
  for (const Bytes& frame :
       frames_of({"--destinations", "198.18.64.0/18,10,22", "--tunnel", "ipip", "--tunnels", "20"},
                 count)) {
    ++destinations[ipv4_of(frame, 34).destination.host()];
    ++tunnels[ipv4_of(frame).source.host()];
  }
  ASSERT_EQ(destinations.size(), 10U);
  std::uint32_t expected = 0xc6124001;  // 198.18.64.1
  for (const auto& [address, times] : destinations) {
    EXPECT_EQ(address, expected);
    EXPECT_NEAR(times, count / 10, count / 100);
    expected += 1024;
  }
  ASSERT_EQ(tunnels.size(), 20U);
  expected = 0x0a800001;
  for (const auto& [address, times] : tunnels) {
    EXPECT_EQ(address, expected++);
    EXPECT_NEAR(times, count / 20, count / 100);
  }
}

/// A stream is what a device keeps in order: the same addresses and ports, inside and outside.
TEST(Variety, StreamsAreByAllAddresses) {
  FrameBuilder builder(traffic_from({"--flows", "4", "--tunnel", "ipip", "--tunnels", "3",
                                     "--destinations", "198.18.0.0/15,5", "--imix"}));
  std::map<std::uint32_t, Bytes> addresses;
  std::set<Bytes> all;
  for (unsigned i = 0; i < 5000; ++i) {
    const Frame frame = builder.next();
    const Bytes bytes = bytes_of(frame);
    const Bytes own = Bytes(bytes.begin() + 26, bytes.begin() + 34) +
                      Bytes(bytes.begin() + 46, bytes.begin() + 56);
    EXPECT_EQ(addresses.try_emplace(frame.stream, own).first->second, own);
    all.insert(own);
  }
  EXPECT_EQ(addresses.size(), 60U);
  EXPECT_EQ(all.size(), 60U);
  EXPECT_EQ(builder.streams(), 60U);
}

TEST(Variety, SetGrowsWithWhatVaries) {
  EXPECT_EQ(build_frames(traffic_from({})).frames.size(), 65'532U);
  const FrameSet set = build_frames(traffic_from({"--destinations", "16.0.0.0/4,100000"}));
  EXPECT_EQ(set.frames.size(), 199'992U);
  std::set<std::uint32_t> destinations;
  for (const Frame& frame : set.frames) {
    destinations.insert(ipv4_of(bytes_of(frame)).destination.host());
  }
  EXPECT_GT(destinations.size(), 80'000U);  // 1 - e^-2 of them
}

}  // namespace
}  // namespace culvert::traffic::test
