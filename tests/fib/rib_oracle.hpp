// SPDX-License-Identifier: BSD-3-Clause
// tests/fib: DPDK's rte_rib and rte_rib6 as the oracle for RouteTable. Needs EAL.
#pragma once

#include <stdexcept>

#include <rte_rib.h>
#include <rte_rib6.h>

#include "culvert/fib/next_hop_id.hpp"
#include "culvert/net/address.hpp"

namespace culvert::test {

template <typename Address>
class RibOracle;

template <>
class RibOracle<Ipv4Address> {
 public:
  RibOracle() : rib_(rte_rib_create("oracle", -1, &conf)) {
    if (rib_ == nullptr) {
      throw std::runtime_error("rte_rib_create");
    }
  }
  ~RibOracle() { rte_rib_free(rib_); }
  RibOracle(const RibOracle&) = delete;
  RibOracle& operator=(const RibOracle&) = delete;

  void set(const Ipv4Prefix& prefix, NextHopId id) {
    const std::uint32_t ip = prefix.address.host();
    const auto depth = static_cast<std::uint8_t>(prefix.length);
    rte_rib_node* node = rte_rib_lookup_exact(rib_, ip, depth);
    node = node != nullptr ? node : rte_rib_insert(rib_, ip, depth);
    if (node == nullptr || rte_rib_set_nh(node, id) != 0) {
      throw std::runtime_error("rte_rib_insert");
    }
  }
  void clear(const Ipv4Prefix& prefix) {
    rte_rib_remove(rib_, prefix.address.host(), static_cast<std::uint8_t>(prefix.length));
  }
  [[nodiscard]] NextHopId lookup(const Ipv4Address& address) const {
    std::uint64_t id = no_next_hop;
    const rte_rib_node* node = rte_rib_lookup(rib_, address.host());
    if (node != nullptr) {
      rte_rib_get_nh(node, &id);
    }
    return static_cast<NextHopId>(id);
  }

 private:
  static constexpr rte_rib_conf conf{0, 1 << 16};
  rte_rib* rib_;
};

template <>
class RibOracle<Ipv6Address> {
 public:
  RibOracle() : rib_(rte_rib6_create("oracle", -1, &conf)) {
    if (rib_ == nullptr) {
      throw std::runtime_error("rte_rib6_create");
    }
  }
  ~RibOracle() { rte_rib6_free(rib_); }
  RibOracle(const RibOracle&) = delete;
  RibOracle& operator=(const RibOracle&) = delete;

  void set(const Ipv6Prefix& prefix, NextHopId id) {
    const std::uint8_t* ip = prefix.address.bytes.data();
    const auto depth = static_cast<std::uint8_t>(prefix.length);
    rte_rib6_node* node = rte_rib6_lookup_exact(rib_, ip, depth);
    node = node != nullptr ? node : rte_rib6_insert(rib_, ip, depth);
    if (node == nullptr || rte_rib6_set_nh(node, id) != 0) {
      throw std::runtime_error("rte_rib6_insert");
    }
  }
  void clear(const Ipv6Prefix& prefix) {
    rte_rib6_remove(rib_, prefix.address.bytes.data(), static_cast<std::uint8_t>(prefix.length));
  }
  [[nodiscard]] NextHopId lookup(const Ipv6Address& address) const {
    std::uint64_t id = no_next_hop;
    const rte_rib6_node* node = rte_rib6_lookup(rib_, address.bytes.data());
    if (node != nullptr) {
      rte_rib6_get_nh(node, &id);
    }
    return static_cast<NextHopId>(id);
  }

 private:
  static constexpr rte_rib6_conf conf{0, 1 << 16};
  rte_rib6* rib_;
};

}  // namespace culvert::test
