// SPDX-License-Identifier: BSD-3-Clause
#include "support/pcap.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace culvert::test {
namespace {

// The file's header, then for each frame: seconds, microseconds, captured length, frame length.
constexpr std::uint32_t magic = 0xa1b2c3d4;
constexpr std::size_t header_words = 6;
constexpr std::size_t record_words = 4;
constexpr std::uint32_t ethernet_frames = 1;

template <std::size_t count>
bool read_words(std::ifstream& file, std::array<std::uint32_t, count>& words) {
  file.read(reinterpret_cast<char*>(words.data()), sizeof words);
  return file.good();
}

}  // namespace

std::vector<CapturedFrame> read_capture(const std::string& name) {
  const std::string path = "golden/captures/" + name + ".pcap";
  std::ifstream file(path, std::ios::binary);
  std::array<std::uint32_t, header_words> header{};
  if (!read_words(file, header) || header.front() != magic || header.back() != ethernet_frames) {
    throw std::runtime_error(path + ": no capture of Ethernet frames");
  }
  std::vector<CapturedFrame> frames;
  std::array<std::uint32_t, record_words> record{};
  while (read_words(file, record)) {
    CapturedFrame& frame = frames.emplace_back();
    frame.time = std::chrono::seconds{record[0]} + std::chrono::microseconds{record[1]};
    frame.bytes.resize(record[2]);
    file.read(reinterpret_cast<char*>(frame.bytes.data()), record[2]);
    if (!file.good() || record[2] != record[3]) {
      throw std::runtime_error(path + ": cut short");
    }
  }
  if (file.gcount() != 0) {
    throw std::runtime_error(path + ": cut short");
  }
  return frames;
}

std::vector<Bytes> read_golden(const std::string& name) {
  std::vector<Bytes> frames;
  std::ranges::transform(read_capture(name), std::back_inserter(frames), &CapturedFrame::bytes);
  return frames;
}

}  // namespace culvert::test
