// SPDX-License-Identifier: BSD-3-Clause
// fib: which places of a table of fixed size are free. No DPDK here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace culvert {

/// Hands out the numbers from 0 to below `capacity`, those given back first, for the control
/// thread.
class IndexPool {
 public:
  explicit IndexPool(std::size_t capacity) : capacity_(capacity) { free_.reserve(capacity); }

  [[nodiscard]] std::size_t in_use() const noexcept { return next_unused_ - free_.size(); }
  [[nodiscard]] std::size_t available() const noexcept { return capacity_ - in_use(); }

  /// Only while some are available.
  [[nodiscard]] std::uint32_t take() noexcept {
    if (free_.empty()) {
      return next_unused_++;
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    return index;
  }
  /// Cannot fail: there is room for all of them.
  void give(std::uint32_t index) noexcept { free_.push_back(index); }

 private:
  std::size_t capacity_;
  std::uint32_t next_unused_ = 0;
  std::vector<std::uint32_t> free_;
};

}  // namespace culvert
