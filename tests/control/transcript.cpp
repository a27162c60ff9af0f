// SPDX-License-Identifier: BSD-3-Clause
#include "transcript.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace culvert {
namespace {

// "> TEXT|": the bar shows where blanks end.
std::string framed(const std::string& line) {
  if (!line.ends_with('|')) {
    throw std::runtime_error("not closed: " + line);
  }
  return line.substr(2, line.size() - 3) + '\n';
}

void read_directive(Transcript& transcript, const std::string& text) {
  std::istringstream words(text);
  std::string word;
  std::string name;
  std::string mac;
  words >> word >> name >> mac;
  if (word == "port") {
    transcript.ports.emplace_back(name, mac);
  } else if (word == "linux-only") {
    transcript.linux_only = true;
  }
}

Transcript read_transcript(const std::filesystem::path& path) {
  Transcript transcript;
  transcript.name = path.stem();
  std::ifstream file(path);
  std::size_t number = 0;
  auto& exchanges = transcript.exchanges;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const std::string rest = line.size() > 2 ? line.substr(2) : "";
    switch (line.empty() ? '#' : line.front()) {
      case '%':
        read_directive(transcript, rest);
        break;
      case '$':
        exchanges.push_back({rest, {}, {}, 0, number});
        break;
      case '>':
        exchanges.back().output += framed(line);
        break;
      case '!':
        exchanges.back().error_output += framed(line);
        break;
      case '=':
        exchanges.back().status = std::stoi(rest);
        break;
      default:
        break;
    }
  }
  return transcript;
}

}  // namespace

std::vector<Transcript> read_transcripts() {
  const char* const folder = std::getenv("CULVERT_TRANSCRIPTS");
  if (folder == nullptr) {
    throw std::runtime_error("CULVERT_TRANSCRIPTS does not name the folder of the transcripts");
  }
  std::vector<Transcript> result;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") {
      result.push_back(read_transcript(entry.path()));
    }
  }
  std::ranges::sort(result, {}, &Transcript::name);
  return result;
}

}  // namespace culvert
