// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/port.hpp"

#include <algorithm>

#include <rte_bus.h>
#include <rte_dev.h>

#include "culvert/dataplane/check.hpp"

namespace culvert {
namespace {

std::uint16_t find_ethdev(const std::string& device) {
  rte_dev_iterator iterator{};
  std::uint16_t id = RTE_MAX_ETHPORTS;
  if (rte_eth_iterator_init(&iterator, device.c_str()) == 0) {
    id = rte_eth_iterator_next(&iterator);
    if (id != RTE_MAX_ETHPORTS) {
      rte_eth_iterator_cleanup(&iterator);
    }
  }
  return id;
}

std::uint16_t probe(const std::string& device) {
  if (const auto known = find_ethdev(device); known != RTE_MAX_ETHPORTS) {
    throw std::system_error(EBUSY, std::generic_category(), device);
  }
  if (const int result = rte_dev_probe(device.c_str()); result == -EFAULT) {
    // So EAL says that no bus knows such a device.
    throw std::system_error(ENODEV, std::generic_category(), device);
  } else {
    check(result, device);
  }
  const auto id = find_ethdev(device);
  if (id == RTE_MAX_ETHPORTS) {
    throw std::system_error(ENODEV, std::generic_category(), device);
  }
  return id;
}

void detach(std::uint16_t ethdev) noexcept {
  rte_eth_dev_info info{};
  const bool known = rte_eth_dev_info_get(ethdev, &info) == 0;
  (void)rte_eth_dev_close(ethdev);
  if (known) {
    (void)rte_dev_remove(info.device);
  }
}

}  // namespace

std::uint64_t rss_types(std::uint64_t offered) noexcept {
  const std::uint64_t fields = offered & (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP);
  // A level is no flag but one of two bits; with no field to hash it means nothing.
  const bool inner = fields != 0 && (offered & RTE_ETH_RSS_LEVEL_INNERMOST) != 0;
  return inner ? fields | RTE_ETH_RSS_LEVEL_INNERMOST : fields;
}

Port::Port(const std::string& device, std::uint16_t index, const Options& options)
    : device_(device), index_(index), ethdev_(probe(device)), workers_(options.workers) {
  try {
    configure(options);
  } catch (...) {
    detach(ethdev_);
    throw;
  }
}

Port::~Port() {
  if (started_) {
    (void)rte_eth_dev_stop(ethdev_);
  }
  detach(ethdev_);
}

void Port::configure(const Options& options) {
  rte_eth_dev_info info{};
  check(rte_eth_dev_info_get(ethdev_, &info), device_);
  rx_queues_ = std::min(options.workers, info.max_rx_queues);
  tx_queues_ = std::min(options.workers, info.max_tx_queues);
  rte_eth_conf configuration{};
  if (rx_queues_ > 1) {
    configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    configuration.rx_adv_conf.rss_conf.rss_hf = rss_types(info.flow_type_rss_offloads);
    if (configuration.rx_adv_conf.rss_conf.rss_hf == 0) {
      configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
    }
  }
  configuration.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
  configuration.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
  check(rte_eth_dev_configure(ethdev_, rx_queues_, tx_queues_, &configuration), device_);

  std::uint16_t rx_descriptors = options.descriptors;
  std::uint16_t tx_descriptors = options.descriptors;
  check(rte_eth_dev_adjust_nb_rx_tx_desc(ethdev_, &rx_descriptors, &tx_descriptors), device_);
  const int socket = rte_eth_dev_socket_id(ethdev_);
  const auto node =
      socket < 0 ? static_cast<unsigned>(SOCKET_ID_ANY) : static_cast<unsigned>(socket);
  rte_eth_rxconf rx = info.default_rxconf;
  rx.offloads = configuration.rxmode.offloads;
  for (std::uint16_t queue = 0; queue < rx_queues_; ++queue) {
    check(rte_eth_rx_queue_setup(ethdev_, queue, rx_descriptors, node, &rx, options.pool), device_);
  }
  rte_eth_txconf tx = info.default_txconf;
  tx.offloads = configuration.txmode.offloads;
  for (std::uint16_t queue = 0; queue < tx_queues_; ++queue) {
    check(rte_eth_tx_queue_setup(ethdev_, queue, tx_descriptors, node, &tx), device_);
  }
  check(rte_eth_dev_get_mtu(ethdev_, &mtu_), device_);
  rte_ether_addr address{};
  check(rte_eth_macaddr_get(ethdev_, &address), device_);
  mac_ = MacWord{std::bit_cast<MacAddress>(address), 0}.word();
}

void Port::start() {
  if (started_) {
    discard_received();
    return;
  }
  check(rte_eth_dev_start(ethdev_), device_);
  started_ = true;
  // Neighbour discovery arrives by multicast (RFC 4861 section 7.2.1).
  if (rte_eth_allmulticast_enable(ethdev_) != 0) {
    (void)rte_eth_promiscuous_enable(ethdev_);
  }
}

void Port::discard_received() noexcept {
  std::array<rte_mbuf*, 32> frames{};
  constexpr unsigned rounds = 1024;  // a device that never runs dry must not hold us
  for (std::uint16_t queue = 0; queue < rx_queues_; ++queue) {
    for (unsigned i = 0; i < rounds; ++i) {
      const auto count = rte_eth_rx_burst(ethdev_, queue, frames.data(), frames.size());
      if (count == 0) {
        break;
      }
      rte_pktmbuf_free_bulk(frames.data(), count);
    }
  }
}

void Port::set_mac(const MacAddress& mac) {
  if (mac.is_group() || mac == MacAddress{}) {
    throw std::system_error(EADDRNOTAVAIL, std::generic_category(), device_);
  }
  auto address = std::bit_cast<rte_ether_addr>(mac);
  if (rte_eth_dev_default_mac_addr_set(ethdev_, &address) != 0) {
    check(rte_eth_promiscuous_enable(ethdev_), device_);
  }
  mac_.store(MacWord{mac, 0}.word(), std::memory_order_relaxed);
}

void Port::set_mtu(std::uint32_t mtu) {
  if (mtu < 68 || mtu > UINT16_MAX) {
    throw std::system_error(EINVAL, std::generic_category(), device_);
  }
  const int result = rte_eth_dev_set_mtu(ethdev_, static_cast<std::uint16_t>(mtu));
  // A driver that has no notion of an MTU takes what its buffers hold.
  if (result != 0 && result != -ENOTSUP) {
    throw std::system_error(EINVAL, std::generic_category(), device_);
  }
  mtu_ = static_cast<std::uint16_t>(mtu);
}

bool Port::link_is_up() const noexcept {
  rte_eth_link link{};
  return rte_eth_link_get_nowait(ethdev_, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
}

rte_eth_stats Port::statistics() const noexcept {
  rte_eth_stats statistics{};
  (void)rte_eth_stats_get(ethdev_, &statistics);
  return statistics;
}

}  // namespace culvert
