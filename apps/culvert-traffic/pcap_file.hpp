// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: a capture file of Ethernet frames, in the classic format, by libpcap.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <pcap/pcap.h>

namespace culvert::traffic {

class PcapWriter {
 public:
  /// Throws std::runtime_error with a sentence where the file cannot be written.
  explicit PcapWriter(const std::string& path);

  void write(std::span<const std::byte> frame, std::chrono::microseconds time);
  /// Everything is in the file. Throws std::runtime_error where it is not.
  void finish();

 private:
  struct Close {
    void operator()(pcap_t* handle) const noexcept { pcap_close(handle); }
    void operator()(pcap_dumper_t* dumper) const noexcept { pcap_dump_close(dumper); }
  };

  std::string path_;
  std::unique_ptr<pcap_t, Close> handle_;
  std::unique_ptr<pcap_dumper_t, Close> dumper_;
};

}  // namespace culvert::traffic
