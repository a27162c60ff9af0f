// SPDX-License-Identifier: BSD-3-Clause
#include "golden/script.hpp"

#include <charconv>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace culvert::test {
namespace {

constexpr std::string_view topology_mark = "topology: ";
constexpr std::string_view command_mark = "]# ip ";  // behind "[" and the node
constexpr std::string_view status_mark = "  (exit status ";

bool is_command_of_gateway(std::string_view line) {
  return line.starts_with('[') && line.substr(2).starts_with(command_mark);
}

bool only_prints(std::string_view words) {
  return words.find(" show") != words.npos || words.find(" get ") != words.npos;
}

}  // namespace

Script read_script(const std::string& name) {
  std::ifstream file("golden/captures/" + name + ".txt");
  Script script;
  unsigned number = 0;
  bool output_is_of_last = false;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with(topology_mark)) {
      script.topology = line.substr(topology_mark.size(),
                                    line.find(' ', topology_mark.size()) - topology_mark.size());
    } else if (line.starts_with('[')) {
      output_is_of_last = is_command_of_gateway(line) && !only_prints(line);
      if (output_is_of_last) {
        script.lines.push_back({number, line[1], line.substr(2 + command_mark.size())});
      }
    } else if (output_is_of_last && line.starts_with(status_mark)) {
      std::from_chars(line.data() + status_mark.size(), line.data() + line.size(),
                      script.lines.back().status);
    }
  }
  if (script.topology.empty()) {
    throw std::runtime_error(name + ".txt: no script of a capture");
  }
  return script;
}

}  // namespace culvert::test
