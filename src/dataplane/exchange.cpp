// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/exchange.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

#include "culvert/dataplane/check.hpp"

namespace culvert {
namespace {

std::unique_ptr<rte_ring, FreeRing> make_ring(const std::string& name, unsigned capacity,
                                              unsigned flags) {
  return std::unique_ptr<rte_ring, FreeRing>(
      check(rte_ring_create(name.c_str(), capacity, SOCKET_ID_ANY, flags), name));
}

}  // namespace

Doorbell::Doorbell() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
}

Doorbell::~Doorbell() {
  close(fd_);
}

void Doorbell::disarm() noexcept {
  armed_.store(false, std::memory_order_relaxed);
  std::uint64_t count = 0;
  (void)!read(fd_, &count, sizeof count);
}

void Doorbell::wake() noexcept {
  const std::uint64_t one = 1;
  (void)!write(fd_, &one, sizeof one);
}

Exchange::Exchange(const std::string& name, Doorbell& doorbell)
    : doorbell_(doorbell),
      punts_(make_ring(name + "-punt", punt_capacity, RING_F_SP_ENQ | RING_F_SC_DEQ)),
      injections_(make_ring(name + "-inject", inject_capacity, RING_F_SC_DEQ)) {}

}  // namespace culvert
