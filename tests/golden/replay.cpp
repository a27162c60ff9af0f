// SPDX-License-Identifier: BSD-3-Clause
#include "golden/replay.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "golden/layers.hpp"
#include "golden/script.hpp"
#include "golden/topology.hpp"
#include "support/pcap.hpp"
#include "support/whole_gateway.hpp"

namespace culvert::test {
namespace {

using std::chrono::microseconds;
using std::chrono_literals::operator""s;

constexpr auto aftermath = 5s;  // long enough for a neighbour to be given up

/// The frames of one link; none where nobody listened.
std::vector<CapturedFrame> frames_of(const Scene& scene, Side side) {
  std::string name(scene.capture);
  if (side == Side::inner) {
    name += scene.node == 'a' ? ".left" : ".right";
  } else if (scene.node == 'b' && std::filesystem::exists("golden/captures/" + name + ".b.pcap")) {
    name += ".b";
  }
  return std::filesystem::exists("golden/captures/" + name + ".pcap")
             ? read_capture(name)
             : std::vector<CapturedFrame>{};
}

class Replay {
 public:
  explicit Replay(const Scene& scene)
      : scene_(scene),
        node_(node_named(scene.node)),
        script_(read_script(std::string(scene.capture))) {
    gateway_.add_port(inside_port(scene.node), node_.inside_mac);
    gateway_.add_port(std::string(outside_port), node_.outside_mac);
    for (const std::string& line : setup_of(script_.topology, scene.node)) {
      gateway_.must_run(line);
    }
    if (!scene.first_line.empty()) {
      gateway_.must_run(std::string(scene.first_line));
    }
  }

  Replayed run() {
    plan_frames(Side::inner);
    plan_frames(Side::outer);
    start_ = events_.empty() ? microseconds{} : std::ranges::min(events_, {}, &Event::time).time;
    plan_commands();
    std::ranges::stable_sort(events_, {}, &Event::time);
    for (const Event& event : events_) {
      gateway_.wait_until(event.time - start_);
      event.happen();
    }
    gateway_.wait_until(events_.back().time - start_ + aftermath);
    by_us_ = {gateway_.sent(inside_port(scene_.node)), gateway_.sent(std::string(outside_port))};
    return {scene_, by_linux_, by_us_};
  }

 private:
  struct Event {
    microseconds time;
    std::function<void()> happen;
  };

  void plan_frames(Side side) {
    const std::string port =
        side == Side::inner ? inside_port(scene_.node) : std::string(outside_port);
    const MacAddress own = mac(side == Side::inner ? node_.inside_mac : node_.outside_mac);
    for (const CapturedFrame& frame : frames_of(scene_, side)) {
      if (header_at<EthernetHeader>(frame.bytes.data()).source != own) {
        events_.push_back(
            {frame.time, [this, port, bytes = frame.bytes] { gateway_.receive(port, bytes); }});
        continue;
      }
      by_linux_[static_cast<std::size_t>(side)].push_back(frame.bytes);
      if (const std::size_t inner = inner_of(frame.bytes); asked_by_node(frame.bytes, inner)) {
        events_.push_back(
            {frame.time, [this, packet = from(frame.bytes, inner)] { gateway_.send(packet); }});
      }
    }
  }

  /// A ping that was typed at the node itself.
  [[nodiscard]] bool asked_by_node(const Bytes& frame, std::size_t inner) const {
    const int type = icmp_type_of(frame, inner);
    if (type == icmp::echo_request && is_ipv4(frame, inner)) {
      return addresses().contains(header_at<Ipv4Header>(frame.data() + inner).source);
    }
    return type == icmpv6::echo_request && is_ipv6(frame, inner) &&
           addresses().contains(header_at<Ipv6Header>(frame.data() + inner).source);
  }

  [[nodiscard]] std::set<IpAddress> addresses() const {
    std::set<IpAddress> all{ip4(node_.inside4), ip6(node_.inside6)};
    for (const ScriptLine& line : script_.lines) {
      const std::size_t at = line.words.find("addr add ");
      if (line.node == scene_.node && at != line.words.npos) {
        const std::string rest = line.words.substr(at + std::string_view("addr add ").size());
        const std::string text = rest.substr(0, rest.find('/'));
        if (const auto v4 = parse_ipv4(text)) {
          all.insert(*v4);
        } else {
          all.insert(ip6(text));
        }
      }
    }
    return all;
  }

  /// Before the first frame, or at the moment that the scene says.
  void plan_commands() {
    for (const ScriptLine& line : script_.lines) {
      if (line.node != scene_.node) {
        continue;
      }
      microseconds time = start_;
      for (const Moment& moment : scene_.moments) {
        time = line.number >= moment.line ? start_ + moment.at : time;
      }
      commands_.push_back({time, [this, line] {
                             const Reply reply = gateway_.run(own_words(line.words));
                             EXPECT_EQ(reply.status, line.status)
                                 << title(scene_) << ":" << line.number << " " << line.words << ": "
                                 << reply.error;
                           }});
    }
    events_.insert(events_.begin(), commands_.begin(), commands_.end());
  }

  const Scene& scene_;
  const Node& node_;
  Script script_;
  WholeGateway gateway_;
  std::vector<Event> events_;
  std::vector<Event> commands_;
  microseconds start_{};
  Sent by_linux_;
  Sent by_us_;
};

}  // namespace

Replayed replay(const Scene& scene) {
  return Replay(scene).run();
}

}  // namespace culvert::test
