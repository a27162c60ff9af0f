// SPDX-License-Identifier: BSD-3-Clause
#include "support/outcome.hpp"

#include <array>
#include <iomanip>

namespace culvert::test {
namespace {

void print(const Bytes& bytes, std::ostream& out) {
  out << std::hex << std::setfill('0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out << (i % 4 == 0 ? " " : "") << std::setw(2) << std::to_integer<unsigned>(bytes[i]);
  }
  out << std::dec;
}

std::string_view name_of(Punt punt) {
  constexpr std::array<std::string_view, 5> names{"arp", "local", "resolve", "error",
                                                  "pending error"};
  return names[static_cast<std::size_t>(punt)];
}

}  // namespace

Outcome sent(std::uint16_t port, const Bytes& frame) {
  return {.kind = Outcome::Kind::sent, .port = port, .bytes = frame};
}

Outcome dropped(Drop reason) {
  return {.kind = Outcome::Kind::dropped, .drop = reason};
}

Outcome goes_on(const Bytes& packet) {
  return {.kind = Outcome::Kind::goes_on, .bytes = packet};
}

Outcome punted(Punt punt, std::uint16_t port, const Bytes& frame) {
  return {.kind = Outcome::Kind::punted,
          .port = port,
          .bytes = from(frame, sizeof(EthernetHeader)),
          .link = first(frame, sizeof(EthernetHeader)),
          .punt = punt};
}

Outcome reported(Drop reason, std::uint16_t port, const Bytes& frame, std::uint16_t mtu) {
  Outcome outcome = punted(Punt::error, port, frame);
  outcome.drop = reason;
  outcome.mtu = mtu;
  return outcome;
}

void PrintTo(const Outcome& outcome, std::ostream* out) {
  switch (outcome.kind) {
    case Outcome::Kind::sent:
      *out << "sent by port " << outcome.port << ':';
      break;
    case Outcome::Kind::dropped:
      *out << "dropped: " << culvert::name_of(outcome.drop);
      break;
    case Outcome::Kind::goes_on:
      *out << "goes on:";
      break;
    case Outcome::Kind::punted:
      *out << "punted (" << name_of(outcome.punt) << ", " << culvert::name_of(outcome.drop)
           << ", entry " << static_cast<int>(outcome.entry) << ", mtu " << outcome.mtu
           << ") from port " << outcome.port << ':';
      print(outcome.link, *out);
      *out << " |";
      break;
  }
  print(outcome.bytes, *out);
}

}  // namespace culvert::test
