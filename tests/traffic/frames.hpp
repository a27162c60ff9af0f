// SPDX-License-Identifier: BSD-3-Clause
// tests/traffic: frames as the generator sends them, and DPDK's view of them.
#pragma once

#include <string>
#include <vector>

#include <rte_mbuf.h>
#include <rte_net.h>

#include "culvert-traffic/command_line.hpp"
#include "culvert-traffic/frame_builder.hpp"
#include "support/bytes.hpp"

namespace culvert::traffic::test {

using culvert::test::Bytes;
using culvert::test::operator+;

/// What `culvert-traffic write` with these options would send.
inline Traffic traffic_from(const std::vector<std::string>& options) {
  std::vector<const char*> words{"culvert-traffic", "write", "x.pcap", "--count", "1"};
  for (const std::string& option : options) {
    words.push_back(option.c_str());
  }
  return std::get<WriteCommand>(parse_command_line(static_cast<int>(words.size()), words.data()))
      .traffic;
}

/// On the heap, of exactly its size.
inline Bytes bytes_of(const Frame& frame, std::uint32_t sequence = 0, std::uint64_t time = 0) {
  Bytes room(frame.length + Frame::capacity);
  write_frame(frame, sequence, time, room.data());
  return {room.begin(), room.begin() + frame.length};
}

/// DPDK's own dissection.
inline std::uint32_t packet_type(Bytes& frame, rte_net_hdr_lens& lengths) {
  rte_mbuf m{};
  m.buf_addr = frame.data();
  m.data_len = static_cast<std::uint16_t>(frame.size());
  m.pkt_len = m.data_len;
  m.nb_segs = 1;
  return rte_net_get_ptype(&m, &lengths, RTE_PTYPE_ALL_MASK);
}

}  // namespace culvert::traffic::test
