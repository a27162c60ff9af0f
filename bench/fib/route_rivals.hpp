// SPDX-License-Identifier: BSD-3-Clause
// bench/fib: RouteTable and DPDK's tables for the same purpose, behind one interface.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>

#include "culvert/fib/route_table.hpp"

#include "support/packets.hpp"

namespace culvert::bench {

/// Every rival: `add` a route, look up a burst and add up what was found, so that it is needed.
template <typename Family>
class Culvert {
 public:
  using Address = Family;
  using Key = Family;

  void add(const Prefix<Address>& prefix, NextHopId id) { table.set(prefix, id); }
  [[nodiscard]] std::uint64_t lookup(std::span<const Key, burst> keys) const {
    std::array<NextHopId, burst> found;
    table.lookup(keys, found.data());
    return found[0] + found[burst - 1];
  }

  Quiescence quiescence{1};
  RouteTable<Address> table{quiescence, std::size_t{1} << 20U};
};

/// DPDK takes IPv4 addresses in host byte order.
struct HostOrder {
  std::uint32_t value = 0;
  HostOrder() = default;
  explicit HostOrder(Ipv4Address address) : value(address.host()) {}
};

class Fib {
 public:
  using Address = Ipv4Address;
  using Key = HostOrder;

  Fib() {
    rte_fib_conf conf{};
    conf.type = RTE_FIB_DIR24_8;
    conf.max_routes = 1 << 19;
    conf.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
    conf.dir24_8.num_tbl8 = 1 << 15;
    fib_ = rte_fib_create("bench", -1, &conf);
    if (fib_ == nullptr) {
      throw std::runtime_error("rte_fib_create");
    }
  }
  ~Fib() { rte_fib_free(fib_); }
  Fib(const Fib&) = delete;
  Fib& operator=(const Fib&) = delete;

  void add(const Ipv4Prefix& prefix, NextHopId id) {
    rte_fib_add(fib_, prefix.address.host(), static_cast<std::uint8_t>(prefix.length), id);
  }
  [[nodiscard]] std::uint64_t lookup(std::span<const Key, burst> keys) const {
    std::array<std::uint64_t, burst> found;
    // Its parameter is not const, though it only reads.
    rte_fib_lookup_bulk(fib_, const_cast<std::uint32_t*>(&keys[0].value), found.data(), burst);
    return found[0] + found[burst - 1];
  }

 private:
  rte_fib* fib_;
};

class Lpm {
 public:
  using Address = Ipv4Address;
  using Key = HostOrder;

  Lpm() {
    const rte_lpm_config conf{1 << 16, 1 << 12, 0};
    lpm_ = rte_lpm_create("bench", -1, &conf);
    if (lpm_ == nullptr) {
      throw std::runtime_error("rte_lpm_create");
    }
  }
  ~Lpm() { rte_lpm_free(lpm_); }
  Lpm(const Lpm&) = delete;
  Lpm& operator=(const Lpm&) = delete;

  void add(const Ipv4Prefix& prefix, NextHopId id) {
    rte_lpm_add(lpm_, prefix.address.host(), static_cast<std::uint8_t>(prefix.length), id);
  }
  [[nodiscard]] std::uint64_t lookup(std::span<const Key, burst> keys) const {
    std::array<std::uint32_t, burst> found;
    rte_lpm_lookup_bulk(lpm_, &keys[0].value, found.data(), burst);
    return found[0] + found[burst - 1];
  }

 private:
  rte_lpm* lpm_;
};

class Fib6 {
 public:
  using Address = Ipv6Address;
  using Key = Ipv6Address;

  Fib6() {
    rte_fib6_conf conf{};
    conf.type = RTE_FIB6_TRIE;
    conf.max_routes = 1 << 15;
    conf.trie.nh_sz = RTE_FIB6_TRIE_4B;
    conf.trie.num_tbl8 = 1 << 16;
    fib_ = rte_fib6_create("bench6", -1, &conf);
    if (fib_ == nullptr) {
      throw std::runtime_error("rte_fib6_create");
    }
  }
  ~Fib6() { rte_fib6_free(fib_); }
  Fib6(const Fib6&) = delete;
  Fib6& operator=(const Fib6&) = delete;

  void add(const Ipv6Prefix& prefix, NextHopId id) {
    rte_fib6_add(fib_, prefix.address.bytes.data(), static_cast<std::uint8_t>(prefix.length), id);
  }
  [[nodiscard]] std::uint64_t lookup(std::span<const Key, burst> keys) const {
    std::array<std::uint64_t, burst> found;
    // Likewise.
    auto* rows = reinterpret_cast<std::uint8_t(*)[RTE_FIB6_IPV6_ADDR_SIZE]>(
        const_cast<Ipv6Address*>(keys.data()));
    rte_fib6_lookup_bulk(fib_, rows, found.data(), burst);
    return found[0] + found[burst - 1];
  }

 private:
  rte_fib6* fib_;
};

}  // namespace culvert::bench
