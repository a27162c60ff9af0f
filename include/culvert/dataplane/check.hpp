// SPDX-License-Identifier: BSD-3-Clause
// dataplane: DPDK's return codes as exceptions. Control thread only.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include <rte_errno.h>

namespace culvert {

/// Passes a result of 0 or more on; throws std::system_error for a negative errno.
inline int check(int result, const std::string& what) {
  if (result < 0) {
    throw std::system_error(-result, std::generic_category(), what);
  }
  return result;
}

/// Passes a pointer on; throws std::system_error with rte_errno for null.
template <typename T>
[[nodiscard]] T* check(T* pointer, const std::string& what) {
  if (pointer == nullptr) {
    throw std::system_error(rte_errno, std::generic_category(), what);
  }
  return pointer;
}

}  // namespace culvert
