// SPDX-License-Identifier: BSD-3-Clause
#include "support/pcap.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <stdexcept>

namespace culvert::test {
namespace {

// The file's header, then for each frame: seconds, microseconds, captured length, frame length.
constexpr std::uint32_t magic = 0xa1b2c3d4;
constexpr std::size_t header_words = 6;
constexpr std::size_t record_words = 4;
constexpr std::uint32_t ethernet = 1;

template <std::size_t count>
bool read_words(std::ifstream& file, std::array<std::uint32_t, count>& words) {
  file.read(reinterpret_cast<char*>(words.data()), sizeof words);
  return file.good();
}

}  // namespace

std::vector<Bytes> read_golden(const std::string& name) {
  std::ifstream file("golden/" + name + ".pcap", std::ios::binary);
  std::array<std::uint32_t, header_words> header{};
  if (!read_words(file, header) || header.front() != magic || header.back() != ethernet) {
    throw std::runtime_error("golden/" + name + ".pcap: no capture of Ethernet frames here");
  }
  std::vector<Bytes> frames;
  std::array<std::uint32_t, record_words> record{};
  while (read_words(file, record)) {
    Bytes& frame = frames.emplace_back(record[2]);
    file.read(reinterpret_cast<char*>(frame.data()), record[2]);
    if (!file.good() || record[2] != record[3]) {
      throw std::runtime_error(name + ": cut short");
    }
  }
  return frames;
}

}  // namespace culvert::test
