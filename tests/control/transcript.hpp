// SPDX-License-Identifier: BSD-3-Clause
// tests: reads the transcripts of the real `ip`; transcripts/record says what stands in them.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace culvert {

/// One command, and what `ip` answered.
struct Asked {
  std::string line;          ///< as typed, without "ip"
  std::string output;        ///< standard output, each line with its line break
  std::string error_output;  ///< standard error, likewise
  int status = 0;
  std::size_t number = 0;  ///< of its line in the file
};

struct Transcript {
  std::string name;  ///< of the file, without folder and extension
  bool linux_only = false;
  std::vector<std::pair<std::string, std::string>> ports;  ///< name, MAC address
  std::vector<Asked> exchanges;
};

/// All of them, by name. The folder is what CULVERT_TRANSCRIPTS names; throws if there is none.
[[nodiscard]] std::vector<Transcript> read_transcripts();

}  // namespace culvert
