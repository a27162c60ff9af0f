// SPDX-License-Identifier: BSD-3-Clause
// bench/fib: RouteTable and DPDK's tables for the same purpose, behind one interface.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>

#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>
#include <rte_lpm6.h>

#include "culvert/fib/route_table.hpp"

#include "support/burst.hpp"

namespace culvert::bench {

/// Every rival: `add` and `remove` a route, look up a burst and add up some of what was found, so
/// that it is needed. Has room for a million routes of the lengths of the Internet's, over IPv6 for
/// a tenth of that.
template <typename Family>
class Culvert {
 public:
  using Address = Family;
  using Key = Family;

  void add(const Prefix<Address>& prefix, NextHopId id) { table_.set(prefix, id); }
  /// Of which nothing covers it.
  void remove(const Prefix<Address>& prefix) {
    table_.clear(prefix, std::nullopt);
    quiescence_.poll();
  }
  [[nodiscard]] std::uint64_t lookup(std::span<const Key, burst> keys) const {
    std::array<NextHopId, burst> found;
    table_.lookup(keys, found.data());
    return found[0] + found[burst - 1];
  }

 protected:
  Quiescence quiescence_{1};
  RouteTable<Address> table_{quiescence_, std::size_t{1} << 22U};
};

/// The same, asked for each address by itself.
template <typename Family>
class OneByOne : public Culvert<Family> {
 public:
  [[nodiscard]] std::uint64_t lookup(std::span<const Family, burst> keys) const {
    std::array<NextHopId, burst> found;
    for (std::size_t i = 0; i < burst; ++i) {
      found[i] = this->table_.lookup(keys[i]);
    }
    return found[0] + found[burst - 1];
  }
};

/// DPDK takes IPv4 addresses in host byte order.
struct HostOrder {
  std::uint32_t value = 0;
  HostOrder() = default;
  explicit HostOrder(Ipv4Address address) : value(address.host()) {}
};

inline constexpr std::uint32_t most_routes = 1U << 20U;
inline constexpr std::uint32_t most_groups = 1U << 17U;
inline constexpr std::uint32_t most_routes6 = 1U << 17U;
inline constexpr std::uint32_t most_groups6 = 1U << 19U;
inline constexpr const char* rival_name = "bench";

/// What DPDK makes, or its refusal as an exception.
template <typename Table>
[[nodiscard]] Table* made(Table* table) {
  if (table == nullptr) {
    throw std::runtime_error("no memory for the table");
  }
  return table;
}
inline void check_result(int result) {
  if (result < 0) {
    throw std::runtime_error("the table refuses a route");
  }
}
[[nodiscard]] inline std::uint8_t depth(unsigned length) {
  return static_cast<std::uint8_t>(length);
}

template <rte_fib_lookup_type how>
class Fib {
 public:
  using Address = Ipv4Address;
  using Key = HostOrder;

  Fib() {
    rte_fib_conf conf{};
    conf.type = RTE_FIB_DIR24_8;
    conf.max_routes = most_routes;
    conf.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
    conf.dir24_8.num_tbl8 = most_groups;
    fib_ = made(rte_fib_create(rival_name, -1, &conf));
    if (rte_fib_select_lookup(fib_, how) != 0) {
      rte_fib_free(fib_);
      throw std::runtime_error("this CPU has not got what this lookup needs");
    }
  }
  ~Fib() { rte_fib_free(fib_); }
  Fib(const Fib&) = delete;
  Fib& operator=(const Fib&) = delete;

  void add(const Ipv4Prefix& prefix, NextHopId id) {
    check_result(rte_fib_add(fib_, prefix.address.host(), depth(prefix.length), id));
  }
  void remove(const Ipv4Prefix& prefix) {
    check_result(rte_fib_delete(fib_, prefix.address.host(), depth(prefix.length)));
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
using FibScalar = Fib<RTE_FIB_LOOKUP_DIR24_8_SCALAR_MACRO>;
using FibAvx512 = Fib<RTE_FIB_LOOKUP_DIR24_8_VECTOR_AVX512>;

class Lpm {
 public:
  using Address = Ipv4Address;
  using Key = HostOrder;

  Lpm() {
    const rte_lpm_config conf{most_routes, most_groups, 0};
    lpm_ = made(rte_lpm_create(rival_name, -1, &conf));
  }
  ~Lpm() { rte_lpm_free(lpm_); }
  Lpm(const Lpm&) = delete;
  Lpm& operator=(const Lpm&) = delete;

  void add(const Ipv4Prefix& prefix, NextHopId id) {
    check_result(rte_lpm_add(lpm_, prefix.address.host(), depth(prefix.length), id));
  }
  void remove(const Ipv4Prefix& prefix) {
    check_result(rte_lpm_delete(lpm_, prefix.address.host(), depth(prefix.length)));
  }
  [[nodiscard]] std::uint64_t lookup(std::span<const Key, burst> keys) const {
    std::array<std::uint32_t, burst> found;
    rte_lpm_lookup_bulk(lpm_, &keys[0].value, found.data(), burst);
    return found[0] + found[burst - 1];
  }

 private:
  rte_lpm* lpm_;
};

/// DPDK takes many IPv6 addresses as rows, not const, though it only reads.
using Rows = std::uint8_t (*)[16];
[[nodiscard]] inline Rows rows(std::span<const Ipv6Address, burst> keys) {
  return reinterpret_cast<Rows>(const_cast<Ipv6Address*>(keys.data()));
}

class Fib6 {
 public:
  using Address = Ipv6Address;
  using Key = Ipv6Address;

  Fib6() {
    rte_fib6_conf conf{};
    conf.type = RTE_FIB6_TRIE;
    conf.max_routes = most_routes6;
    conf.trie.nh_sz = RTE_FIB6_TRIE_4B;
    conf.trie.num_tbl8 = most_groups6;
    fib_ = made(rte_fib6_create(rival_name, -1, &conf));
  }
  ~Fib6() { rte_fib6_free(fib_); }
  Fib6(const Fib6&) = delete;
  Fib6& operator=(const Fib6&) = delete;

  void add(const Ipv6Prefix& prefix, NextHopId id) {
    check_result(rte_fib6_add(fib_, prefix.address.bytes.data(), depth(prefix.length), id));
  }
  [[nodiscard]] std::uint64_t lookup(std::span<const Key, burst> keys) const {
    std::array<std::uint64_t, burst> found;
    rte_fib6_lookup_bulk(fib_, rows(keys), found.data(), burst);
    return found[0] + found[burst - 1];
  }

 private:
  rte_fib6* fib_;
};

class Lpm6 {
 public:
  using Address = Ipv6Address;
  using Key = Ipv6Address;

  Lpm6() {
    const rte_lpm6_config conf{most_routes6, most_groups6, 0};
    lpm_ = made(rte_lpm6_create(rival_name, -1, &conf));
  }
  ~Lpm6() { rte_lpm6_free(lpm_); }
  Lpm6(const Lpm6&) = delete;
  Lpm6& operator=(const Lpm6&) = delete;

  void add(const Ipv6Prefix& prefix, NextHopId id) {
    check_result(
        rte_lpm6_add(lpm_, prefix.address.bytes.data(), depth(prefix.length), id & 0x1fffff));
  }
  [[nodiscard]] std::uint64_t lookup(std::span<const Key, burst> keys) const {
    std::array<std::int32_t, burst> found;
    rte_lpm6_lookup_bulk_func(lpm_, rows(keys), found.data(), burst);
    return static_cast<std::uint64_t>(found[0] + found[burst - 1]);
  }

 private:
  rte_lpm6* lpm_;
};

}  // namespace culvert::bench
