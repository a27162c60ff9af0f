// SPDX-License-Identifier: BSD-3-Clause
// control: results as text, and the text of `drops`. No DPDK.
#include "culvert/control/text.hpp"

#include <algorithm>

#include "text_objects.hpp"

namespace culvert {
namespace text {

std::string plain(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string right(const std::string& value, std::size_t width) {
  return std::string(width > value.size() ? width - value.size() : 0, ' ') + value;
}

std::string left(const std::string& value, std::size_t width) {
  return value + std::string(width > value.size() ? width - value.size() : 0, ' ');
}

namespace {

std::string render_drops(const CommandOptions& options, const Json& drops) {
  const bool all = options.statistics || options.details;
  std::size_t name_width = 0;
  std::size_t count_width = 0;
  const auto is_shown = [&](const Json& drop) { return all || drop.at("packets") != 0; };
  for (const Json& drop : drops) {
    if (is_shown(drop)) {
      name_width = std::max(name_width, plain(drop.at("reason")).size());
      count_width = std::max(count_width, plain(drop.at("packets")).size());
    }
  }
  std::string out;
  for (const Json& drop : drops) {
    if (is_shown(drop)) {
      out += left(plain(drop.at("reason")), name_width) + "  " +
             right(plain(drop.at("packets")), count_width);
      out += options.details ? "  " + plain(drop.at("description")) + '\n' : "\n";
    }
  }
  return out;
}

std::string render_all(const Json& result, void (*append)(std::string&, const Json&)) {
  std::string out;
  for (const Json& element : result) {
    append(out, element);
  }
  return out;
}

template <typename... Shows>
bool holds_one_of(const CommandBody& body) {
  return (std::holds_alternative<Shows>(body) || ...);
}

// One overload for each command that shows something; the others print nothing.
struct Renderer {
  const CommandOptions& options;
  const Json& result;

  std::string operator()(const LinkShow&) const { return render_all(result, append_link); }
  std::string operator()(const AddressShow&) const { return render_all(result, append_link); }
  std::string operator()(const TunnelShow&) const { return render_all(result, append_tunnel); }
  std::string operator()(const RouteShow&) const { return render_all(result, append_route); }
  std::string operator()(const RouteGet&) const { return render_all(result, append_route); }
  std::string operator()(const NeighbourShow&) const {
    return render_all(result, append_neighbour);
  }
  std::string operator()(const DropsShow&) const { return render_drops(options, result); }
  template <typename Other>
  std::string operator()(const Other&) const {
    return {};
  }
};

}  // namespace
}  // namespace text

bool shows_something(const Command& command) {
  return text::holds_one_of<LinkShow, AddressShow, TunnelShow, RouteShow, RouteGet, NeighbourShow,
                            DropsShow>(command.body);
}

std::string render_text(const Command& command, const nlohmann::ordered_json& result) {
  return std::visit(text::Renderer{command.options, result}, command.body);
}

}  // namespace culvert
