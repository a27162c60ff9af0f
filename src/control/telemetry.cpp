// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/control/telemetry.hpp"

#include <mutex>

#include <rte_telemetry.h>

#include "culvert/control/gateway.hpp"

namespace culvert {
namespace {

// DPDK's callbacks have no argument of ours, and cannot be unregistered.
struct Sources {
  const Engine* engine = nullptr;
  const Directory* directory = nullptr;
};
Sources sources;
std::mutex sources_mutex;  // between DPDK's thread and the end of a Telemetry, nobody else

using Callback = int (*)(const Sources&, const char* parameters, rte_tel_data* data);

template <Callback callback>
int with_sources(const char*, const char* parameters, rte_tel_data* data) {
  const std::lock_guard lock(sources_mutex);
  return sources.engine == nullptr ? -1 : callback(sources, parameters, data);
}

void add(rte_tel_data* data, const std::string& name, std::uint64_t value) {
  rte_tel_data_add_dict_u64(data, name.c_str(), value);
}

int drops(const Sources& s, const char*, rte_tel_data* data) {
  rte_tel_data_start_dict(data);
  for (std::size_t i = 1; i < drop_count; ++i) {
    add(data, std::string{drop_texts[i].name}, s.engine->drops(static_cast<Drop>(i)));
  }
  return 0;
}

int worker(const Sources& s, const char* parameters, rte_tel_data* data) {
  for (std::uint16_t i = 0; i < s.engine->workers(); ++i) {
    if (parameters == nullptr || std::to_string(i) != parameters) {
      continue;
    }
    const Counters& counters = *s.engine->counters()[i];
    rte_tel_data_start_dict(data);
    add(data, "received", counters.received.get());
    add(data, "sent", counters.sent.get());
    add(data, "handed_over", counters.handed_over.get());
    return 0;
  }
  return -1;
}

int ports(const Sources& s, const char*, rte_tel_data* data) {
  rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
  for (const SharedName& name : s.directory->ports) {
    if (const std::string text = name.get(); !text.empty()) {
      rte_tel_data_add_array_string(data, text.c_str());
    }
  }
  return 0;
}

int port(const Sources& s, const char* parameters, rte_tel_data* data) {
  for (std::size_t i = 0; i < max_ports; ++i) {
    const std::string name = s.directory->ports[i].get();
    if (parameters == nullptr || name.empty() || name != parameters) {
      continue;
    }
    std::uint64_t dropped = 0;
    for (const auto& counters : s.engine->counters()) {
      dropped += counters->tx_dropped[i].get();
    }
    rte_tel_data_start_dict(data);
    add(data, "ethdev", s.directory->ethdevs[i].load(std::memory_order_relaxed));
    add(data, "tx_dropped", dropped);
    return 0;
  }
  return -1;
}

int tunnels(const Sources& s, const char*, rte_tel_data* data) {
  rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
  const auto used = s.directory->tunnels_used.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < used; ++i) {
    const std::string name = s.directory->tunnels[i].get();
    if (!name.empty() && rte_tel_data_add_array_string(data, name.c_str()) != 0) {
      break;  // as many as one reply holds
    }
  }
  return 0;
}

int tunnel(const Sources& s, const char* parameters, rte_tel_data* data) {
  const auto used = s.directory->tunnels_used.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < used; ++i) {
    if (parameters == nullptr || s.directory->tunnels[i].get() != parameters) {
      continue;
    }
    const TunnelTotals totals = tunnel_totals(*s.engine, i);
    rte_tel_data_start_dict(data);
    add(data, "rx_packets", totals.rx_packets);
    add(data, "rx_bytes", totals.rx_bytes);
    add(data, "rx_errors", totals.rx_errors);
    add(data, "rx_csum_errors", totals.rx_csum_errors);
    add(data, "rx_out_of_seq", totals.rx_out_of_seq);
    add(data, "tx_packets", totals.tx_packets);
    add(data, "tx_bytes", totals.tx_bytes);
    add(data, "tx_errors", totals.tx_errors);
    add(data, "tx_dead_loop", totals.tx_dead_loop);
    add(data, "tx_no_route", totals.tx_no_route);
    return 0;
  }
  return -1;
}

}  // namespace

Telemetry::Telemetry(const Engine& engine, const Directory& directory) {
  {
    const std::lock_guard lock(sources_mutex);
    sources = {&engine, &directory};
  }
  rte_telemetry_register_cmd("/culvert/drops", with_sources<drops>, "Drops by reason.");
  rte_telemetry_register_cmd("/culvert/worker", with_sources<worker>,
                             "A worker's counters. Parameter: its number, from 0.");
  rte_telemetry_register_cmd("/culvert/ports", with_sources<ports>, "Names of ports.");
  rte_telemetry_register_cmd("/culvert/port", with_sources<port>,
                             "A port's ethdev id and drops. Parameter: its name.");
  rte_telemetry_register_cmd("/culvert/tunnels", with_sources<tunnels>, "Names of tunnels.");
  rte_telemetry_register_cmd("/culvert/tunnel", with_sources<tunnel>,
                             "A tunnel's counters. Parameter: its name.");
}

Telemetry::~Telemetry() {
  const std::lock_guard lock(sources_mutex);
  sources = {};
}

}  // namespace culvert
