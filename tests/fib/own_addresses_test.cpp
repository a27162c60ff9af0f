// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/own_addresses.hpp"

#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace culvert {
namespace {

class OwnAddressesTest : public testing::Test {
 protected:
  Ipv4Address any4() { return Ipv4Address::from_host(static_cast<std::uint32_t>(random())); }
  Ipv6Address any6() {
    Ipv6Address address;
    for (std::uint8_t& byte : address.bytes) {
      byte = static_cast<std::uint8_t>(random());
    }
    return address;
  }

  std::mt19937 random{7};
  std::unique_ptr<OwnAddresses> own = std::make_unique<OwnAddresses>();
};

TEST_F(OwnAddressesTest, NeverDeniesWhatIsThere) {
  std::vector<Ipv4Address> four;
  std::vector<Ipv6Address> six;
  for (unsigned i = 0; i < 5000; ++i) {  // more than it has places
    own->add(four.emplace_back(any4()));
    own->add(six.emplace_back(any6()));
  }
  for (unsigned i = 0; i < 5000; ++i) {
    EXPECT_TRUE(own->may_have(four[i]));
    EXPECT_TRUE(own->may_have(six[i]));
    own->remove(four[i]);
    own->remove(six[i]);
  }
  for (unsigned i = 0; i < 5000; ++i) {
    EXPECT_FALSE(own->may_have(four[i]));
    EXPECT_FALSE(own->may_have(six[i]));
  }
}

TEST_F(OwnAddressesTest, SeldomHesitates) {
  for (unsigned i = 0; i < 8; ++i) {
    own->add(Ipv4Address::from_host(0x0a000001U + i * 256));
  }
  unsigned maybe = 0;
  for (unsigned i = 0; i < 0x10000; ++i) {  // neighbours of what is there, mostly
    maybe += own->may_have(Ipv4Address::from_host(0x0a000000U + i)) ? 1U : 0U;
  }
  EXPECT_LT(maybe, 0x10000U / 100);
}

}  // namespace
}  // namespace culvert
