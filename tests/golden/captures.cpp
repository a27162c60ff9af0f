// SPDX-License-Identifier: BSD-3-Clause
#include "golden/captures.hpp"

namespace culvert::test {
namespace {

using std::chrono_literals::operator""ms;

// Linux's fallback device, which comes with its module.
constexpr std::string_view fallback = "tunnel add tunl0 mode ipip nopmtudisc";

// Of netm, node b's outer link was not captured.
const Scene scene_list[] = {
    {"01a-ipip-inherit", 'a'},
    {"01a-ipip-inherit", 'b'},
    {"01b-ipip-default", 'a'},
    {"01b-ipip-default", 'b'},
    {"01d-ipip-nopmtudisc", 'a'},
    {"01d-ipip-nopmtudisc", 'b'},
    {"02a-ipip-one-to-many", 'a', {}, fallback},
    {"02a-ipip-one-to-many", 'b', {}, fallback},
    {"03a-gre-plain", 'a'},
    {"03a-gre-plain", 'b'},
    {"03b-gre-key", 'a'},
    {"03b-gre-key", 'b'},
    {"03c-gre-csum", 'a'},
    {"03c-gre-csum", 'b'},
    {"03d-gre-seq", 'a'},
    {"03d-gre-seq", 'b'},
    {"03f-gre-ipv6", 'a'},
    {"03f-gre-ipv6", 'b'},
    {"03g-gre-keepalive", 'a'},
    {"03g-gre-keepalive", 'b'},
    {"03i-gre-one-to-many", 'a'},
    {"04a-sit-default", 'a'},
    {"04a-sit-default", 'b'},
    {"04b-sit-inherit", 'a'},
    {"04b-sit-inherit", 'b'},
    {"04d-sit-nopmtudisc", 'a'},
    {"04d-sit-nopmtudisc", 'b'},
    {"05a-isatap", 'a'},
    {"05a-isatap", 'b', {{54, 1200ms}, {56, 1900ms}}},
    {"05b-6rd", 'a'},
    {"05b-6rd", 'b'},
    {"05c-6rd-relay-prefix", 'a'},
    {"05c-6rd-relay-prefix", 'b'},
    {"05d-6to4", 'a'},
    {"05d-6to4", 'b'},
    {"08a-pmtu-ipip-pmtudisc", 'a'},
    {"08a-pmtu-ipip-pmtudisc", 'b'},
    {"08b-pmtu-ipip-nopmtudisc", 'a'},
    {"08b-pmtu-ipip-nopmtudisc", 'b'},
    {"08c-pmtu-ipip-mtu1500-pmtudisc", 'a'},
    {"08c-pmtu-ipip-mtu1500-pmtudisc", 'b'},
    {"08e-pmtu-gre", 'a'},
    {"08f-pmtu-sit", 'a'},
    {"08f-pmtu-sit", 'b'},
    {"08g-pmtu-sit-small", 'a'},
    {"08g-pmtu-sit-small", 'b'},
    {"09a-outer-fragneeded", 'a'},
    {"09b-outer-hostunreach", 'a'},
    {"09c-outer-ttl-exceeded", 'a', {{45, 1400ms}}},
    {"09d-outer-errors-gre", 'a', {{44, 1350ms}}},
    {"09e-outer-errors-sit", 'a', {{42, 3000ms}}},
    {"09f-outer-no-neighbour", 'a', {{33, 5600ms}}},
    {"09g-outer-errors-sit-ipv6-outer", 'a', {{37, 2000ms}}},
    {"09h-outer-errors-gre6", 'a', {{41, 2000ms}}},
    {"10a-inner-ttl", 'a', {{48, 480ms}}},
    {"10a-inner-ttl", 'b'},
    {"10b-inner-options", 'a'},
    {"10b-inner-options", 'b'},
    {"10c-inner-fragments", 'a'},
    {"10c-inner-fragments", 'b'},
    {"10d-outer-fragments", 'a'},
    {"10d-outer-fragments", 'b'},
    {"10e-ecn-gre", 'a'},
    {"10e-ecn-gre", 'b'},
    {"10e-ecn-ipip", 'a'},
    {"10e-ecn-ipip", 'b'},
    {"10f-gre-decap-key", 'a'},
    {"10f-gre-decap-key", 'b', {{20, 700ms}}},
    {"10g-gre-decap-csum", 'a'},
    {"10g-gre-decap-csum", 'b', {{20, 500ms}}},
    {"10h-gre-decap-seq", 'a'},
    {"10h-gre-decap-seq", 'b', {{20, 1000ms}, {26, 2600ms}, {32, 4000ms}}},
    {"10j-wrong-source", 'a'},
    {"10j-wrong-source", 'b', {{20, 400ms}, {45, 1400ms}}, fallback},
    {"10l-inner-malformed", 'a'},
    {"10l-inner-malformed", 'b'},
};

struct Replacement {
  std::string_view linux;
  std::string_view ours;
};
constexpr Replacement replacements[] = {
    {"dev lo", "dev r0"},  // there is no loopback device; an address may be on any
};

}  // namespace

std::span<const Scene> scenes() {
  return scene_list;
}

std::string title(const Scene& scene) {
  return std::string(scene.capture) + " as " + scene.node;
}

std::string own_words(const std::string& line) {
  std::string words = line;
  for (const Replacement& replacement : replacements) {
    if (const auto at = words.find(replacement.linux); at != words.npos) {
      words.replace(at, replacement.linux.size(), replacement.ours);
    }
  }
  return words;
}

}  // namespace culvert::test
