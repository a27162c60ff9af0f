// SPDX-License-Identifier: BSD-3-Clause
// fib: the control thread's side of the grace period.
#include "culvert/fib/quiescence.hpp"

#include <new>
#include <system_error>
#include <thread>
#include <utility>

namespace culvert {

// What readers report with stands behind this, a cache line for each.
static_assert(alignof(rte_rcu_qsbr_cnt) == RTE_CACHE_LINE_SIZE);

Quiescence::Quiescence(unsigned readers) {
  const auto check = [](bool right, int error) {
    if (!right) {
      throw std::system_error(error, std::generic_category(), "rte_rcu_qsbr");
    }
  };
  const std::size_t size = rte_rcu_qsbr_get_memsize(readers);
  check(size > 1, EINVAL);  // DPDK answers 1 to a number that it does not take
  variable_.reset(static_cast<rte_rcu_qsbr*>(std::aligned_alloc(RTE_CACHE_LINE_SIZE, size)));
  check(variable_ != nullptr, ENOMEM);
  check(rte_rcu_qsbr_init(variable_.get(), readers) == 0, EINVAL);
  for (unsigned reader = 0; reader < readers; ++reader) {
    check(rte_rcu_qsbr_thread_register(variable_.get(), reader) == 0, EINVAL);
  }
}

Quiescence::~Quiescence() {
  synchronize();
}

void Quiescence::retire(std::function<void()> reclaim) {
  retired_.push_back({rte_rcu_qsbr_start(variable_.get()), std::move(reclaim)});
}

std::size_t Quiescence::poll() {
  while (!retired_.empty() &&
         rte_rcu_qsbr_check(variable_.get(), retired_.front().token, false) == 1) {
    const auto reclaim = std::move(retired_.front().reclaim);
    retired_.pop_front();  // first, since `reclaim` may retire
    reclaim();
  }
  return retired_.size();
}

void Quiescence::synchronize() {
  while (poll() != 0) {
    std::this_thread::yield();
  }
}

}  // namespace culvert
