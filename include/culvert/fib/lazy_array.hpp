// SPDX-License-Identifier: BSD-3-Clause
// fib: big tables that cost memory only where they are written. No DPDK here.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <type_traits>

#include <sys/mman.h>

namespace culvert {

/// What the kernel is advised to back a LazyArray with; huge is best where reads are scattered.
enum class PageAdvice : std::uint8_t { small, huge };

/// Array of a fixed size whose elements are all zero bytes until written: pages are taken when they
/// are first touched. T must be fine as zero bytes and need no destructor (std::atomic is both).
template <typename T>
class LazyArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  /// Throws std::system_error when there is no address space left.
  explicit LazyArray(std::size_t size, PageAdvice advice = PageAdvice::small)
      : size_(size), mapped_(size * sizeof(T) + huge_page) {
    map_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map_ == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(), "mmap");
    }
    // Aligned by hand: kernels before 6.7 start a mapping anywhere, which costs a huge page.
    const auto start = reinterpret_cast<std::uintptr_t>(map_);
    data_ = reinterpret_cast<T*>((start + huge_page - 1) & ~(huge_page - 1));
    if (advice == PageAdvice::huge) {
      madvise(data_, size * sizeof(T), MADV_HUGEPAGE);  // advice only: a kernel without is fine
    }
  }
  ~LazyArray() { munmap(map_, mapped_); }
  LazyArray(const LazyArray&) = delete;
  LazyArray& operator=(const LazyArray&) = delete;

  [[nodiscard]] T& operator[](std::size_t index) noexcept { return data_[index]; }
  [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return data_[index]; }
  [[nodiscard]] T* data() noexcept { return data_; }
  [[nodiscard]] const T* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t huge_page = std::size_t{1} << 21U;

  T* data_ = nullptr;
  std::size_t size_;
  std::size_t mapped_;
  void* map_ = nullptr;
};

}  // namespace culvert
