// SPDX-License-Identifier: BSD-3-Clause
// The hunt for black holes: packets of every size, through every kind of tunnel, across small
// links. Each arrives whole, or its sender is told an MTU that works, and for each MTU that a
// gateway learns one packet may get lost at most. Slow builds take a sample of the sizes, and all
// that stand at a boundary.
#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include <gtest/gtest.h>

#include "path/topology.hpp"

namespace culvert::test {
namespace {

constexpr unsigned least_size = 64;
constexpr unsigned most_attempts = 8;

constexpr unsigned stride = CULVERT_SIZE_STRIDE;

struct Links {
  std::string_view name;
  std::vector<unsigned> mtus;  ///< from the near gateway to the far one
};

const std::vector<Links>& all_links() {
  static const std::vector<Links> all{{"1500", {1500, 1500}},
                                      {"1400", {1400, 1400}},
                                      {"1280", {1280, 1280}},
                                      {"9000, then 1500", {9000, 1500}},
                                      {"1500, then 1400", {1500, 1400}},
                                      {"1500, then 1280", {1500, 1280}},
                                      {"1500, then 1400, then 1280", {1500, 1400, 1280}}};
  return all;
}

class Hunt {
 public:
  Hunt(Topology& topology, const Kind& kind, const Links& links, Traffic traffic)
      : topology_(topology),
        traffic_(traffic),
        sender_(traffic, near_site.node, far_site.node),
        fits_(*std::ranges::min_element(links.mtus) - kind.overhead) {
    if (traffic == Traffic::ipv6) {
      // Outer packets without DF are cut on their way; and RFC 8200 section 5.
      fits_ = std::max(kind.pmtudisc() ? fits_ : links.mtus.front() - kind.overhead,
                       Ipv6Header::minimum_mtu);
    }
  }

  void forget(Quote quote) {
    topology_.forget(quote);
    quote_ = quote;
    lost_ = 0;
  }

  /// In words what was wrong; empty if nothing was.
  [[nodiscard]] std::string send(unsigned size) {
    unsigned path_mtu = Sender::link_mtu;  // the sender remembers it, for this datagram
    for (unsigned attempt = 0; attempt < most_attempts; ++attempt) {
      const Datagram datagram = sender_.make(size, path_mtu);
      const Topology::Seen seen = topology_.carry(datagram);
      if (!seen.wrong.empty()) {
        return seen.wrong;
      }
      if (!seen.told.empty()) {
        path_mtu = std::ranges::min(seen.told);
        if (traffic_ == Traffic::ipv4 || path_mtu >= datagram.longest || path_mtu < fits_) {
          return "the sender of " + std::to_string(datagram.longest) + " bytes was told " +
                 std::to_string(path_mtu) + " where " + std::to_string(fits_) + " fit";
        }
      } else if (seen.whole) {
        return {};
      } else if (++lost_ > may_be_lost()) {
        return std::to_string(lost_) + " lost, the last one of " +
               std::to_string(datagram.longest) + " bytes, where " + std::to_string(may_be_lost()) +
               " may be";
      }
    }
    return "not through after " + std::to_string(most_attempts) + " attempts";
  }

 private:
  /// One for each MTU learned; none where the error that taught it shows whose packet was refused.
  /// (An IPv6 sender may have to be told less than 1280, which it need not hear.)
  [[nodiscard]] std::size_t may_be_lost() const {
    const bool is_told = traffic_ == Traffic::ipv4_df && quote_ == Quote::all_that_fits;
    return is_told ? 0 : topology_.routers().told();
  }

  Topology& topology_;
  Traffic traffic_;
  Quote quote_{};
  Sender sender_;
  unsigned fits_;  ///< bytes of the longest packet that passes as it is
  std::size_t lost_ = 0;
};

/// Within 8 bytes of where something changes: an outer or inner packet just fits, with or without
/// the header of the other.
std::set<unsigned> boundaries(const Kind& kind, const Links& links) {
  constexpr unsigned around = 8;
  std::set<unsigned> sizes;
  for (const unsigned link : links.mtus) {
    for (const unsigned mtu :
         {link, link - kind.overhead, link - 2 * kind.overhead, Ipv6Header::minimum_mtu}) {
      for (unsigned size = mtu - around; size <= mtu + around; ++size) {
        sizes.insert(std::min(size, Sender::link_mtu));
      }
    }
  }
  return sizes;
}

std::set<unsigned> sampled(std::set<unsigned> sizes) {
  for (unsigned size = least_size; size <= Sender::link_mtu; size += stride) {
    sizes.insert(size);
  }
  return sizes;
}

std::vector<Traffic> carried_by(const Kind& kind) {
  std::vector<Traffic> all;
  if (kind.ipv4) {
    all = {Traffic::ipv4, Traffic::ipv4_df};
  }
  if (kind.ipv6) {
    all.push_back(Traffic::ipv6);
  }
  return all;
}

struct Variant {
  Quote quote;
  std::string_view quotes;
  std::uint16_t mbuf_size;
};
constexpr std::array variants{
    Variant{Quote::eight_bytes, "8 bytes", RTE_MBUF_DEFAULT_BUF_SIZE},  // big packets are chains
    Variant{Quote::all_that_fits, "much", 9856},
};

class Path : public testing::TestWithParam<std::tuple<std::size_t, std::size_t>> {
 protected:
  const Kind& kind_ = kinds()[std::get<0>(GetParam())];
  const Links& links_ = all_links()[std::get<1>(GetParam())];
};

/// The first failure of each kind of traffic is enough.
void hunt(const std::string& where, Hunt& hunt, Quote quote, const std::set<unsigned>& boundary) {
  hunt.forget(quote);
  for (const unsigned size : sampled(boundary)) {
    ASSERT_EQ(hunt.send(size), "") << where << size << " bytes";
  }
  for (const unsigned size : boundary) {
    hunt.forget(quote);
    ASSERT_EQ(hunt.send(size), "") << where << size << " bytes, nothing known of the path";
  }
}

TEST_P(Path, HasNoBlackHole) {
  for (const Variant& variant : variants) {
    Topology topology(kind_, links_.mtus, variant.mbuf_size);
    for (const Traffic traffic : carried_by(kind_)) {
      const std::string where = std::string(kind_.name) + " across " + std::string(links_.name) +
                                ", errors quote " + std::string(variant.quotes) + ", " +
                                std::string(name_of(traffic)) + " of ";
      Hunt hunted(topology, kind_, links_, traffic);
      hunt(where, hunted, variant.quote, boundaries(kind_, links_));
    }
  }
}

std::string name_of_case(const testing::TestParamInfo<Path::ParamType>& info) {
  std::string name = std::string(kinds()[std::get<0>(info.param)].name) + " across " +
                     std::string(all_links()[std::get<1>(info.param)].name);
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Kinds, Path,
                         testing::Combine(testing::Range<std::size_t>(0, kinds().size()),
                                          testing::Range<std::size_t>(0, all_links().size())),
                         name_of_case);

}  // namespace
}  // namespace culvert::test
