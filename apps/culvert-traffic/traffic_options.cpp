// SPDX-License-Identifier: BSD-3-Clause
#include "traffic_options.hpp"

#include <iostream>
#include <stdexcept>

namespace culvert::traffic {
namespace {

namespace po = boost::program_options;

constexpr const char* destinations4 = "198.18.0.0/15,1";
constexpr const char* destinations6 = "2001:db8::/32,1";

void require(bool condition, const std::string& sentence) {
  if (!condition) {
    throw std::runtime_error(sentence);
  }
}

bool is_ipv6(const po::variables_map& values) {
  const auto& inner = values["inner"].as<std::string>();
  require(inner == "ipv4" || inner == "ipv6", "--inner is ipv4 or ipv6, not \"" + inner + "\".");
  const bool sit = values["tunnel"].as<std::string>() == "sit";
  require(!sit || inner == "ipv6" || values["inner"].defaulted(),
          "--tunnel sit carries IPv6, not --inner ipv4.");
  return sit || inner == "ipv6";
}

std::optional<TunnelMode> tunnel_of(const po::variables_map& values, bool ipv6) {
  const auto& name = values["tunnel"].as<std::string>();
  if (name == "none") {
    return std::nullopt;
  }
  if (name == "ipip") {
    require(!ipv6, "--tunnel ipip carries IPv4, not --inner ipv6.");
    return TunnelMode::ipip;
  }
  if (name == "gre") {
    return TunnelMode::gre;
  }
  require(name == "sit", "--tunnel is none, ipip, gre or sit, not \"" + name + "\".");
  return TunnelMode::sit;
}

Ipv4Address address_of(const po::variables_map& values, const char* option) {
  const auto& text = values[option].as<std::string>();
  const auto address = parse_ipv4(text);
  require(address.has_value(),
          std::string{"--"} + option + ": \"" + text + "\" is not an IPv4 address.");
  return *address;
}

MacAddress mac_of(const po::variables_map& values, const char* option) {
  const auto& text = values[option].as<std::string>();
  const auto mac = parse_mac(text);
  require(mac.has_value(), std::string{"--"} + option + ": \"" + text + "\" is not a MAC address.");
  return *mac;
}

/// boost takes "-1" for an unsigned number, so numbers are read as large ones and held against
/// their limits.
template <typename T>
T number_of(const po::variables_map& values, const char* option, std::int64_t least,
            std::int64_t most) {
  const auto value = values[option].as<std::int64_t>();
  require(value >= least && value <= most, std::string{"--"} + option + " is from " +
                                               std::to_string(least) + " to " +
                                               std::to_string(most) + ".");
  return static_cast<T>(value);
}

std::string destinations_text(const po::variables_map& values, bool ipv6) {
  return values.count("destinations") != 0 ? values["destinations"].as<std::string>()
                                           : std::string{ipv6 ? destinations6 : destinations4};
}

AnyDestinations destinations_of(const po::variables_map& values, bool ipv6) {
  const std::string text = destinations_text(values, ipv6);
  auto destinations = parse_destinations(text);
  require(std::holds_alternative<Destinations<Ipv6Address>>(destinations) == ipv6,
          "--destinations " + text + ": inner packets are " + (ipv6 ? "IPv6." : "IPv4."));
  return destinations;
}

std::uint16_t size_of(const po::variables_map& values, bool ipv6, bool imix) {
  const auto size = number_of<std::uint16_t>(values, "size", minimum_size(false), maximum_size);
  const std::uint16_t least = minimum_size(ipv6);
  if (size >= least) {
    return size;
  }
  std::cerr << "culvert-traffic: " << (imix ? "the smallest frames of the mix" : "frames")
            << " are raised from " << size << " to " << least
            << " bytes, which IPv6, UDP and the signature need.\n";
  return least;
}

void check_tunnel(const po::variables_map& values, const Traffic& traffic) {
  const bool gre = traffic.tunnel == TunnelMode::gre;
  require(gre || !traffic.key, "--key is for --tunnel gre.");
  require(gre || !traffic.checksum, "--csum is for --tunnel gre.");
  for (const char* const option : {"tunnels", "outer-local", "outer-remote"}) {
    require(traffic.tunnel || values[option].defaulted(),
            std::string{"--"} + option + " needs a --tunnel.");
  }
  require(std::uint64_t{traffic.outer_remote.host()} + traffic.tunnels <= std::uint64_t{1} << 32U,
          "--outer-remote: there are not that many addresses behind it.");
}

}  // namespace

po::options_description describe_traffic() {
  po::options_description description("Traffic (the same options always give the same frames)", 100,
                                      60);
  const auto text = [](const char* value) {
    return po::value<std::string>()->default_value(value);
  };
  const auto number = [](std::int64_t value) {
    return po::value<std::int64_t>()->default_value(value);
  };
  description.add_options()                                 //
      ("inner", text("ipv4"), "ipv4 or ipv6: UDP packets")  //
      ("tunnel", text("none"),
       "none, ipip, gre or sit (which implies --inner ipv6): frames come encapsulated already")  //
      ("key", po::value<std::int64_t>(), "key of GRE")                                           //
      ("csum", "with the checksum of GRE")                                                       //
      ("size", number(64),
       "of a frame in bytes, with FCS, and without what --tunnel adds; 64 to 9018")         //
      ("imix", "sizes of 64, 576 and 1518 bytes, 7 to 4 to 1, instead")                     //
      ("flows", number(256), "sources (address and port); each packet is of a random one")  //
      ("destinations", po::value<std::string>(),
       "PREFIX,COUNT[,LENGTH]: COUNT prefixes of LENGTH (24; IPv6: 64) one after the other from "
       "PREFIX on; each packet goes to host 1 in a random one (198.18.0.0/15,1; IPv6: "
       "2001:db8::/32,1)")  //
      ("tunnels", number(1),
       "remote endpoints, one after the other from --outer-remote on; each packet is from a random "
       "one")                                                                      //
      ("outer-local", text("10.0.0.1"), "destination of what is encapsulated")     //
      ("outer-remote", text("10.128.0.1"), "its first source")                     //
      ("src-mac", text("02:00:00:00:00:02"), "of frames that are sent")            //
      ("dst-mac", text("02:00:00:00:00:01"), "of the port that they are sent to")  //
      ("ttl", number(64), "of inner and outer headers")                            //
      ("seed", po::value<std::uint64_t>()->default_value(1), "of all that is random");
  return description;
}

Traffic traffic_of(const po::variables_map& values) {
  Traffic traffic;
  traffic.ipv6 = is_ipv6(values);
  traffic.tunnel = tunnel_of(values, traffic.ipv6);
  if (values.count("key") != 0) {
    traffic.key = number_of<std::uint32_t>(values, "key", 0, UINT32_MAX);
  }
  traffic.checksum = values.count("csum") != 0;
  traffic.imix = values.count("imix") != 0;
  require(!traffic.imix || values["size"].defaulted(), "--size and --imix exclude each other.");
  traffic.size = size_of(values, traffic.ipv6, traffic.imix);
  traffic.flows = number_of<std::uint32_t>(values, "flows", 1, Traffic::most_flows);
  traffic.destinations = destinations_of(values, traffic.ipv6);
  traffic.tunnels = number_of<std::uint32_t>(values, "tunnels", 1, Traffic::most_tunnels);
  traffic.outer_local = address_of(values, "outer-local");
  traffic.outer_remote = address_of(values, "outer-remote");
  traffic.source_mac = mac_of(values, "src-mac");
  traffic.destination_mac = mac_of(values, "dst-mac");
  traffic.ttl = number_of<std::uint8_t>(values, "ttl", 1, 255);
  traffic.seed = values["seed"].as<std::uint64_t>();
  check_tunnel(values, traffic);
  return traffic;
}

nlohmann::ordered_json traffic_as_json(const po::variables_map& values) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  const po::options_description description = describe_traffic();
  for (const auto& option : description.options()) {
    const std::string& name = option->long_name();
    const bool is_flag = option->semantic()->max_tokens() == 0;
    if (is_flag) {
      json[name] = values.count(name) != 0;
    } else if (values.count(name) == 0) {
      json[name] = nullptr;
    } else if (const auto& value = values[name].value(); value.type() == typeid(std::int64_t)) {
      json[name] = values[name].as<std::int64_t>();
    } else if (value.type() == typeid(std::uint64_t)) {
      json[name] = values[name].as<std::uint64_t>();
    } else {
      json[name] = values[name].as<std::string>();
    }
  }
  const bool ipv6 = is_ipv6(values);  // these two have defaults that depend on others
  json["inner"] = ipv6 ? "ipv6" : "ipv4";
  json["destinations"] = destinations_text(values, ipv6);
  return json;
}

}  // namespace culvert::traffic
