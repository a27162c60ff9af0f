// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/net/ip_options.hpp"

#include <algorithm>
#include <utility>

#include "culvert/net/headers.hpp"

namespace culvert {
namespace {

// Bytes of an option: type, length, pointer (of the next free byte, the type being 1), and for
// timestamps overflow and flag. From there on, its entries.
constexpr std::size_t length_at = 1;
constexpr std::size_t pointer_at = 2;
constexpr std::size_t flag_at = 3;
constexpr std::size_t route_head = 3;
constexpr std::size_t timestamp_head = 4;

constexpr unsigned stamp_only = 0;
constexpr unsigned stamp_with_address = 1;
constexpr unsigned stamp_if_named = 3;
constexpr unsigned last_overflow = 15;

unsigned at(std::span<const std::byte> bytes, std::size_t index) noexcept {
  return std::to_integer<unsigned>(bytes[index]);
}

bool is_source_route(unsigned type) noexcept {
  return type == ip_option::loose_source_route || type == ip_option::strict_source_route;
}

/// Whether an entry of `size` bytes may be written, or no room is left at all: a pointer in between
/// is wrong. Free bytes begin behind `head`.
enum class Room : std::uint8_t { some, none, wrong };
Room room_for(std::span<const std::byte> option, std::size_t head, std::size_t size) noexcept {
  const unsigned pointer = at(option, pointer_at);
  if (pointer <= head) {
    return Room::wrong;
  }
  if (pointer > option.size()) {
    return Room::none;
  }
  return pointer - 1 + size > option.size() ? Room::wrong : Room::some;
}

unsigned stamp_flag(std::span<const std::byte> option) noexcept {
  return at(option, flag_at) & 0xfU;
}
std::size_t stamp_size(std::span<const std::byte> option) noexcept {
  const unsigned flag = stamp_flag(option);
  return flag == stamp_with_address || flag == stamp_if_named ? 8 : 4;
}

/// The byte of `option` that is wrong.
std::optional<unsigned> wrong_byte_of_route(std::span<const std::byte> option) noexcept {
  if (option.size() < route_head) {
    return length_at;
  }
  return room_for(option, route_head, 4) == Room::wrong ? std::optional<unsigned>{pointer_at}
                                                        : std::nullopt;
}

std::optional<unsigned> wrong_byte_of_timestamp(std::span<const std::byte> option) noexcept {
  if (option.size() < timestamp_head) {
    return length_at;
  }
  const Room room = room_for(option, timestamp_head, stamp_size(option));
  if (room == Room::wrong) {
    return pointer_at;
  }
  const bool counts = room == Room::none && stamp_flag(option) != stamp_if_named;
  return counts && at(option, flag_at) >> 4U == last_overflow ? std::optional<unsigned>{flag_at}
                                                              : std::nullopt;
}

std::optional<unsigned> wrong_byte(std::span<const std::byte> option) noexcept {
  switch (at(option, 0)) {
    case ip_option::record_route:
    case ip_option::loose_source_route:
    case ip_option::strict_source_route:
      return wrong_byte_of_route(option);
    case ip_option::timestamp:
      return wrong_byte_of_timestamp(option);
    case ip_option::router_alert:
      return option.size() < 4 ? std::optional<unsigned>{length_at} : std::nullopt;
    default:
      return std::nullopt;  // RFC 1812 section 4.2.2.6: not recognized, left alone
  }
}

/// Calls `visit(option)` for each one that has a length, until it returns false. Returns where the
/// options end, or where there stands one whose length is wrong.
template <typename Byte, typename Visit>
std::size_t walk(std::span<Byte> options, Visit visit) noexcept {
  std::size_t position = 0;
  while (position < options.size()) {
    const unsigned type = at(options, position);
    if (type == ip_option::end) {
      break;
    }
    std::size_t length = 1;
    if (type != ip_option::no_operation) {
      length = position + length_at < options.size() ? at(options, position + length_at) : 0;
      if (length < 2 || length > options.size() - position ||
          !visit(options.subspan(position, length))) {
        break;
      }
    }
    position += length;
  }
  return position;
}

void write(std::span<std::byte> option, std::size_t position, be32 value) noexcept {
  header_at<be32>(option.data() + position) = value;
}

void move_pointer(std::span<std::byte> option, std::size_t size) noexcept {
  option[pointer_at] = static_cast<std::byte>(at(option, pointer_at) + size);
}

void stamp_route(std::span<std::byte> option, const OptionStamp& stamp) noexcept {
  if (room_for(option, route_head, 4) == Room::some) {
    write(option, at(option, pointer_at) - 1, std::bit_cast<be32>(stamp.own));
    move_pointer(option, 4);
  }
}

void stamp_timestamp(std::span<std::byte> option, const OptionStamp& stamp) noexcept {
  const unsigned flag = stamp_flag(option);
  const std::size_t size = stamp_size(option);
  if (room_for(option, timestamp_head, size) == Room::none) {
    if (flag != stamp_if_named) {  // its room is as much as was asked for
      option[flag_at] = static_cast<std::byte>(at(option, flag_at) + 0x10U);
    }
    return;
  }
  const std::size_t next = at(option, pointer_at) - 1;
  if (flag == stamp_if_named) {
    if (!stamp.named_is_own) {
      return;
    }
  } else if (flag == stamp_with_address) {
    write(option, next, std::bit_cast<be32>(stamp.own));
  } else if (flag != stamp_only) {
    return;
  }
  write(option, next + size - 4, be32{stamp.time});
  move_pointer(option, size);
}

}  // namespace

OptionsCheck check_options(std::span<const std::byte> options) noexcept {
  OptionsCheck result;
  bool seen_route = false;
  bool seen_timestamp = false;
  std::optional<unsigned> wrong;
  const std::size_t stopped = walk(options, [&](std::span<const std::byte> option) {
    const unsigned type = at(option, 0);
    wrong = wrong_byte(option);
    bool* const seen = is_source_route(type)             ? &result.source_route
                       : type == ip_option::record_route ? &seen_route
                       : type == ip_option::timestamp    ? &seen_timestamp
                                                         : nullptr;
    if (seen != nullptr && std::exchange(*seen, true) && !wrong) {
      wrong = 0;  // RFC 791: at most once
    }
    return !wrong;
  });
  if (wrong || (stopped < options.size() && at(options, stopped) != ip_option::end)) {
    result.wrong = static_cast<unsigned>(stopped) + wrong.value_or(0);
  }
  return result;
}

std::optional<Ipv4Address> named_in_timestamp(std::span<std::byte> options) noexcept {
  std::optional<Ipv4Address> named;
  walk(options, [&](std::span<std::byte> option) {
    if (at(option, 0) == ip_option::timestamp && stamp_flag(option) == stamp_if_named &&
        room_for(option, timestamp_head, stamp_size(option)) == Room::some) {
      named = header_at<Ipv4Address>(option.data() + at(option, pointer_at) - 1);
    }
    return true;
  });
  return named;
}

void stamp_options(std::span<std::byte> options, const OptionStamp& stamp) noexcept {
  const std::size_t end = walk(options, [&](std::span<std::byte> option) {
    if (at(option, 0) == ip_option::record_route) {
      stamp_route(option, stamp);
    } else if (at(option, 0) == ip_option::timestamp) {
      stamp_timestamp(option, stamp);
    }
    return true;
  });
  std::ranges::fill(options.subspan(end), std::byte{ip_option::end});
}

void clear_uncopied_options(std::span<std::byte> options) noexcept {
  walk(options, [](std::span<std::byte> option) {
    if ((at(option, 0) & ip_option::copied) == 0) {
      std::ranges::fill(option, std::byte{ip_option::no_operation});
    }
    return true;
  });
}

}  // namespace culvert
