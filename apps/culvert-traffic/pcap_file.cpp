// SPDX-License-Identifier: BSD-3-Clause
#include "pcap_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace culvert::traffic {
namespace {

constexpr int longest = 65'535;

}  // namespace

PcapWriter::PcapWriter(const std::string& path)
    : path_(path), handle_(pcap_open_dead(DLT_EN10MB, longest)) {
  // Not pcap_dump_open(), which takes "-" for standard output.
  std::FILE* const file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr) {
    throw std::runtime_error("cannot write \"" + path + "\": " + std::strerror(errno) + ".");
  }
  dumper_.reset(pcap_dump_fopen(handle_.get(), file));
  if (!dumper_) {
    std::fclose(file);
    throw std::runtime_error("cannot write \"" + path + "\": " + pcap_geterr(handle_.get()) + ".");
  }
}

void PcapWriter::write(std::span<const std::byte> frame, std::chrono::microseconds time) {
  const auto length = static_cast<bpf_u_int32>(frame.size());
  pcap_pkthdr header{};
  header.ts.tv_sec = time.count() / 1'000'000;
  header.ts.tv_usec = time.count() % 1'000'000;
  header.caplen = length;
  header.len = length;
  pcap_dump(reinterpret_cast<u_char*>(dumper_.get()), &header,
            reinterpret_cast<const u_char*>(frame.data()));
}

void PcapWriter::finish() {
  if (pcap_dump_flush(dumper_.get()) != 0 || std::ferror(pcap_dump_file(dumper_.get())) != 0) {
    throw std::runtime_error("cannot write \"" + path_ + "\": " + std::strerror(errno) + ".");
  }
}

}  // namespace culvert::traffic
