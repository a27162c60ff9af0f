// SPDX-License-Identifier: BSD-3-Clause
#include "write.hpp"

#include <array>

#include "frame_builder.hpp"
#include "pcap_file.hpp"

namespace culvert::traffic {

void write(const WriteCommand& command) {
  PcapWriter file(command.file);
  FrameBuilder builder(command.traffic);
  std::vector<std::uint32_t> sequences;
  std::vector<std::byte> bytes(longest_frame(command.traffic) + Frame::capacity);
  for (std::uint64_t i = 0; i < command.count; ++i) {
    const Frame frame = builder.next();
    sequences.resize(builder.streams());
    write_frame(frame, sequences[frame.stream]++, 0, bytes.data());
    file.write(std::span{bytes}.first(frame.length), std::chrono::microseconds{i});
  }
  file.finish();
}

}  // namespace culvert::traffic
