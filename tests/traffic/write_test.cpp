// SPDX-License-Identifier: BSD-3-Clause
// tests/traffic: capture files, as libpcap reads them.
#include "culvert-traffic/write.hpp"

#include <map>
#include <stdexcept>

#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include "culvert-traffic/signature.hpp"
#include "frames.hpp"
#include "support/daemon.hpp"

namespace culvert::traffic::test {
namespace {

using culvert::test::TemporaryDirectory;

std::vector<Bytes> read(const std::string& path) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  pcap_t* const file = pcap_open_offline(path.c_str(), error.data());
  if (file == nullptr) {
    throw std::runtime_error(error.data());
  }
  EXPECT_EQ(pcap_datalink(file), DLT_EN10MB);
  std::vector<Bytes> frames;
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  int result = 0;
  while ((result = pcap_next_ex(file, &header, &data)) == 1) {
    EXPECT_EQ(header->caplen, header->len);
    const auto* const bytes = reinterpret_cast<const std::byte*>(data);
    frames.emplace_back(bytes, bytes + header->caplen);
  }
  EXPECT_EQ(result, PCAP_ERROR_BREAK);
  pcap_close(file);
  return frames;
}

TEST(Write, FramesInOrderNumberedByStream) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/x.pcap";
  const Traffic traffic = traffic_from({"--imix", "--flows", "3", "--tunnel", "gre", "--csum"});
  write({traffic, path, 1000});
  const auto frames = read(path);
  ASSERT_EQ(frames.size(), 1000U);
  FrameBuilder builder(traffic);
  std::map<std::uint32_t, std::uint32_t> next;
  for (const Bytes& frame : frames) {
    const Frame expected = builder.next();
    EXPECT_EQ(frame, bytes_of(expected, next[expected.stream]++));
  }
  EXPECT_EQ(next.size(), 3U);
}

TEST(Write, WhereNothingCanBeWritten) {
  EXPECT_THROW(write({traffic_from({}), "/nonexistent/x.pcap", 1}), std::runtime_error);
  EXPECT_THROW(write({traffic_from({}), "/dev/full", 100}), std::runtime_error);
}

}  // namespace
}  // namespace culvert::traffic::test
