// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: makes traffic, and measures what becomes of it. docs/traffic.md is its manual.
#include <iostream>
#include <system_error>

#include "command_line.hpp"
#include "run.hpp"
#include "write.hpp"

namespace culvert::traffic {
namespace {

void carry_out(const NothingLeft&) {}

void carry_out(const WriteCommand& command) {
  write(command);
}

void carry_out(const RunCommand& command) {
  const Report report = run(command);
  if (command.json) {
    auto json = to_json(report);
    json["traffic"] = command.given;
    std::cout << json.dump(2) << '\n';
  } else {
    std::cout << to_text(report);
  }
}

}  // namespace
}  // namespace culvert::traffic

int main(int argc, char** argv) {
  try {
    std::visit([](const auto& command) { culvert::traffic::carry_out(command); },
               culvert::traffic::parse_command_line(argc, argv));
    return 0;
  } catch (const std::system_error& error) {
    std::cerr << "culvert-traffic: " << error.what() << ".\n";
  } catch (const std::exception& error) {
    std::cerr << "culvert-traffic: " << error.what() << '\n';
  }
  return 1;
}
