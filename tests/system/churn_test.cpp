// SPDX-License-Identifier: BSD-3-Clause
// tests/system: the configuration changes, fast, under traffic, and no packet is lost for it.
//
//   this process                     culvertd
//   net_memif: inner packets ──────► in0            encapsulated by t0 or t1
//   net_memif: outer packets ◄────── out0
//   and the other way round          decapsulated by t0
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include <rte_cycles.h>

#include "culvert/dataplane/engine.hpp"
#include "culvert/net/checksum.hpp"

#include "support/daemon.hpp"

namespace culvert::test {
namespace {

constexpr std::chrono::seconds duration{10};
constexpr unsigned packets_per_second = 50'000;  // each way
constexpr unsigned route_changes_per_second = 1'000;
constexpr unsigned tunnel_changes_per_second = 100;
constexpr std::uint16_t frame_length = 100;

constexpr MacAddress gateway_in{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress gateway_out{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress host_in{{2, 0, 0, 0, 1, 1}};
constexpr MacAddress host_out{{2, 0, 0, 0, 1, 2}};

std::string configuration(const std::string& directory) {
  const auto port = [&](const std::string& name, const std::string& id, const MacAddress& mac) {
    return "link add " + name + " type port device net_memif" + id + ",role=server,id=" + id +
           ",socket-abstract=no,socket=" + directory + "/memif.sock,mac=" + to_string(mac) + "\n" +
           "link set " + name + " up\n";
  };
  return port("in0", "0", gateway_in) + port("out0", "1", gateway_out) +
         "addr add 10.1.0.1/24 dev in0\n"
         "addr add 172.16.0.1/24 dev out0\n"
         "neigh add 10.1.0.2 lladdr " +
         to_string(host_in) + " dev in0\nneigh add 172.16.0.2 lladdr " + to_string(host_out) +
         " dev out0\n"
         "tunnel add t0 mode ipip remote 172.16.0.2 local 172.16.0.1\n"
         "tunnel add t1 mode ipip remote 172.16.0.2\n"
         "link set t0 up\nlink set t1 up\n"
         "route add 10.42.0.0/16 dev t0\n"
         "route add 10.43.0.0/16 via 10.1.0.2 dev in0\n";
}

void write_ipv4(std::byte* at, std::uint8_t protocol, std::uint16_t length, Ipv4Address source,
                Ipv4Address destination) {
  auto& header = header_at<Ipv4Header>(at);
  header = {.version_ihl = 0x45,
            .tos = 0,
            .total_length = be16{length},
            .id{},
            .fragment{},
            .ttl = 64,
            .protocol = protocol,
            .checksum{},
            .source = source,
            .destination = destination};
  header.checksum = ipv4_checksum(at, sizeof(Ipv4Header));
}

/// One direction: what is sent by one port comes out of the other, with its number.
class Flow {
 public:
  Flow(bool inner, std::uint16_t tx, std::uint16_t rx, rte_mempool* pool)
      : inner_(inner), tx_(tx), rx_(rx), pool_(pool) {}

  void send(unsigned count) {
    for (; count != 0; --count) {
      rte_mbuf* m = make();
      if (m == nullptr || rte_eth_tx_burst(tx_, 0, &m, 1) == 0) {
        rte_pktmbuf_free(m);
        ++refused_;
        return;
      }
      ++sent_;
    }
  }

  void receive() {
    std::array<rte_mbuf*, 32> frames{};
    const auto count = rte_eth_rx_burst(rx_, 0, frames.data(), frames.size());
    for (rte_mbuf* m : std::span{frames}.first(count)) {
      take(m);
    }
    rte_pktmbuf_free_bulk(frames.data(), count);
  }

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }
  [[nodiscard]] std::uint64_t disordered() const { return disordered_; }

 private:
  static constexpr std::uint16_t ip = sizeof(EthernetHeader);

  rte_mbuf* make() {
    rte_mbuf* const m = rte_pktmbuf_alloc(pool_);
    if (m == nullptr) {
      return nullptr;
    }
    std::byte* const frame = data_of(m);
    m->data_len = frame_length;
    m->pkt_len = frame_length;
    std::memset(frame, 0, frame_length);
    header_at<EthernetHeader>(frame) = {inner_ ? gateway_in : gateway_out,
                                        inner_ ? host_in : host_out, be16{ether_type::ipv4}};
    std::uint16_t at = ip;
    if (!inner_) {
      write_ipv4(frame + at, ip_protocol::ipip, frame_length - at, {be32{0xac100002U}},
                 {be32{0xac100001U}});
      at += sizeof(Ipv4Header);
    }
    const auto host = static_cast<std::uint32_t>(sent_ & 0xffffU);
    write_ipv4(frame + at, ip_protocol::udp, static_cast<std::uint16_t>(frame_length - at),
               {be32{0x0a010002U}}, {be32{(inner_ ? 0x0a2a0000U : 0x0a2b0000U) | host}});
    at += sizeof(Ipv4Header) + sizeof(UdpHeader);
    const be64 number{sent_};
    std::memcpy(frame + at, &number, sizeof number);
    return m;
  }

  void take(rte_mbuf* m) {
    const std::byte* const frame = data_of(m);
    const auto& header = header_at<Ipv4Header>(frame + ip);
    const std::uint16_t headers = inner_ ? 2 * sizeof(Ipv4Header) : sizeof(Ipv4Header);
    const std::uint16_t expected =
        inner_ ? frame_length + sizeof(Ipv4Header) : frame_length - sizeof(Ipv4Header);
    if (m->pkt_len != expected || !ipv4_checksum_ok(frame + ip, sizeof(Ipv4Header)) ||
        header.protocol != (inner_ ? ip_protocol::ipip : ip_protocol::udp)) {
      ++wrong_;
      return;
    }
    be64 number;
    std::memcpy(&number, frame + ip + headers + sizeof(UdpHeader), sizeof number);
    disordered_ += number.host() < next_ ? 1U : 0U;
    next_ = number.host() + 1;
    ++received_;
  }

  bool inner_;
  std::uint16_t tx_;
  std::uint16_t rx_;
  rte_mempool* pool_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t wrong_ = 0;
  std::uint64_t disordered_ = 0;
  std::uint64_t next_ = 0;
};

/// The routes and tunnels in use are among those that change.
class Churn {
 public:
  explicit Churn(const std::string& socket) : client_(socket) {}

  void run(const std::atomic<bool>& stop) {
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t step = 0; !stop; ++step) {
      const auto due = start + std::chrono::milliseconds{step};
      std::this_thread::sleep_until(due);
      change_route(step);
      if (step % (route_changes_per_second / tunnel_changes_per_second) == 0) {
        change_tunnel(step / (route_changes_per_second / tunnel_changes_per_second));
      }
    }
  }

  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

 private:
  void change(const std::string& line) {
    ++changes_;
    const auto reply = client_.request(line);
    if (reply.contains("error")) {
      ++failures_;
      ADD_FAILURE() << line << ": " << reply;
    }
  }

  void change_route(std::uint64_t step) {
    const std::string other = std::to_string((step / 4) % 200);
    switch (step % 4) {
      case 0:
        change("route add 10.42." + other + ".0/24 dev t1");
        break;
      case 1:
        change("route replace 10.42.0.0/16 dev " + std::string{step % 8 == 1 ? "t1" : "t0"});
        break;
      case 2:
        change("route add 10.42." + other + ".7/32 dev t0");
        break;
      default:
        change("route del 10.42." + other + ".0/24");
        change("route del 10.42." + other + ".7/32");
        break;
    }
  }

  void change_tunnel(std::uint64_t step) {
    switch (step % 3) {
      case 0:
        change("tunnel change t0 ttl " + std::to_string(1 + step % 200));
        break;
      case 1:
        change("tunnel add x mode gre remote 172.16.0.9 local 172.16.0.1");
        break;
      default:
        change("tunnel del x");
        break;
    }
  }

  ControlClient client_;
  std::uint64_t changes_ = 0;
  std::uint64_t failures_ = 0;
};

/// Of one reason, or of all.
std::uint64_t drops_of(ControlClient& client, const std::string& reason = {}) {
  const auto reply = client.request("drops");
  std::uint64_t sum = 0;
  for (const auto& drop : reply.at("result")) {
    if (reason.empty() || drop.at("reason") == reason) {
      sum += drop.at("packets").get<std::uint64_t>();
    }
  }
  return sum;
}

TEST(Churn, LosesNoPacket) {
  const TemporaryDirectory directory;
  Daemon daemon(directory.path(), configuration(directory.path()));
  const PacketPool pool = make_packet_pool("churn", 8192, RTE_MBUF_DEFAULT_BUF_SIZE);
  const auto memif = [&](const std::string& id, std::uint16_t index) {
    const std::string device = "net_memif" + id + ",role=client,id=" + id +
                               ",socket-abstract=no,socket=" + directory.path() + "/memif.sock";
    auto port = std::make_unique<Port>(device, index, Port::Options{1, 1024, pool.get()});
    port->start();
    return port;
  };
  const auto in = memif("0", 0);
  const auto out = memif("1", 1);
  for (unsigned i = 0; i < 500 && !(in->link_is_up() && out->link_is_up()); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  ASSERT_TRUE(in->link_is_up() && out->link_is_up());

  Flow encapsulated(true, in->ethdev(), out->ethdev(), pool.get());
  Flow decapsulated(false, out->ethdev(), in->ethdev(), pool.get());
  Churn churn(daemon.socket());
  std::atomic<bool> stop{false};
  std::thread churning([&] { churn.run(stop); });

  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::steady_clock::now() - start; };
  const auto receive = [&] {
    encapsulated.receive();
    decapsulated.receive();
  };
  while (elapsed() < duration) {
    const auto due = static_cast<std::uint64_t>(std::chrono::duration<double>(elapsed()).count() *
                                                packets_per_second);
    const auto behind = [&](const Flow& flow) {
      return static_cast<unsigned>(std::min<std::uint64_t>(due - std::min(due, flow.sent()), 32));
    };
    encapsulated.send(behind(encapsulated));
    decapsulated.send(behind(decapsulated));
    receive();
    if (behind(encapsulated) == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds{100});
    }
  }
  stop = true;
  churning.join();
  for (unsigned i = 0; i < 200; ++i) {  // what is still on its way
    receive();
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }

  ControlClient client(daemon.socket());
  const std::uint64_t lost =
      encapsulated.sent() - encapsulated.received() + decapsulated.sent() - decapsulated.received();
  const std::uint64_t refused_by_ports = drops_of(client, "tx_full");
  std::cout << "sent " << encapsulated.sent() << " + " << decapsulated.sent() << ", lost " << lost
            << ", of these refused by the gateway's ports " << refused_by_ports
            << "; not accepted from us " << encapsulated.refused() + decapsulated.refused()
            << "; changes " << churn.changes() << '\n';
  EXPECT_EQ(lost, refused_by_ports);
  EXPECT_EQ(drops_of(client), refused_by_ports);
  EXPECT_EQ(encapsulated.wrong() + decapsulated.wrong(), 0U);
  EXPECT_EQ(encapsulated.disordered() + decapsulated.disordered(), 0U);
  EXPECT_EQ(churn.failures(), 0U);
  EXPECT_GT(encapsulated.received(), 0U);
  EXPECT_GT(decapsulated.received(), 0U);
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace culvert::test
