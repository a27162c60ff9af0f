// SPDX-License-Identifier: BSD-3-Clause
// tests/support: what became of a packet, in a form that a table of tests can state and compare.
#pragma once

#include <cstdint>
#include <ostream>

#include "culvert/dataplane/packet.hpp"

#include "support/bytes.hpp"

namespace culvert::test {

struct Outcome {
  enum class Kind { sent, dropped, punted, goes_on };
  Kind kind = Kind::dropped;
  std::uint16_t port = 0;  ///< that it left by, or came by if it was punted
  Bytes bytes{};           ///< of the frame sent, or of the packet punted
  Bytes link{};            ///< header that stands before a packet punted
  Drop drop = Drop::none;
  Punt punt = Punt::local;
  Entry entry = Entry::forward;
  std::uint16_t mtu = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

[[nodiscard]] Outcome sent(std::uint16_t port, const Bytes& frame);
[[nodiscard]] Outcome dropped(Drop reason);
/// To the next stage, as this packet.
[[nodiscard]] Outcome goes_on(const Bytes& packet);
/// To the slow path, as the packet in the frame that was received by `port`.
[[nodiscard]] Outcome punted(Punt punt, std::uint16_t port, const Bytes& frame);
/// The same with an error to report; `mtu` with Drop::too_big.
[[nodiscard]] Outcome reported(Drop reason, std::uint16_t port, const Bytes& frame,
                               std::uint16_t mtu = 0);

/// For messages of gtest, which finds it by this name.
void PrintTo(const Outcome& outcome, std::ostream* out);

}  // namespace culvert::test
