// SPDX-License-Identifier: BSD-3-Clause
#include "eal.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <stdexcept>

#include <sched.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>

namespace culvert {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t megabyte = std::size_t{1} << 20U;

std::size_t read_number(const fs::path& path) {
  std::ifstream file(path);
  std::size_t number = 0;
  file >> number;
  return number;
}

/// Bytes in free hugepages that can be used: only a mounted hugetlbfs gives access to them.
std::size_t free_hugepages() {
  std::ifstream mounts("/proc/mounts");
  bool mounted = false;
  for (std::string line; std::getline(mounts, line);) {
    mounted = mounted || line.find(" hugetlbfs ") != std::string::npos;
  }
  std::size_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/sys/kernel/mm/hugepages", ignored)) {
    // hugepages-2048kB
    const std::string name = entry.path().filename();
    const std::size_t kilobytes = std::strtoul(name.c_str() + name.find('-') + 1, nullptr, 10);
    bytes += kilobytes * 1024 * read_number(entry.path() / "free_hugepages");
  }
  return mounted ? bytes : 0;
}

bool has_any(const std::vector<std::string>& words,
             std::initializer_list<std::string_view> options) {
  return std::ranges::any_of(words, [&](const std::string& word) {
    return std::ranges::any_of(options, [&](std::string_view option) {
      // "-l 1,2", "-l1,2", "--lcores=…", "--lcores …"
      return word.starts_with(option) &&
             (word.size() == option.size() || option.size() == 2 || word[option.size()] == '=');
    });
  });
}

/// All lcores may run on every CPU that we may use: pinning is asked for with EAL's -l.
std::string floating_lcores(unsigned first, unsigned workers) {
  cpu_set_t set;
  CPU_ZERO(&set);
  (void)sched_getaffinity(0, sizeof set, &set);
  std::string cpus;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) {
      cpus += ",";
      cpus += std::to_string(cpu);
    }
  }
  cpus.erase(0, 1);
  std::string lcores = "--lcores=";
  for (unsigned lcore = first; lcore <= first + workers; ++lcore) {
    lcores += std::to_string(lcore);
    lcores += "@(" + cpus + "),";
  }
  lcores.pop_back();
  return lcores;
}

std::vector<std::string> arguments_of(const EalOptions& options) {
  const auto& own = options.own;
  std::vector<std::string> words{options.program};
  if (!has_any(own, {"--file-prefix"})) {
    words.push_back("--file-prefix=" + options.file_prefix);
  }
  if (!has_any(own, {"-l", "-c", "--lcores"})) {
    // A pool that processes share has one cache for an lcore's number: they must not have it twice.
    words.push_back(floating_lcores(options.secondary ? RTE_MAX_LCORE - 1 - options.workers : 0,
                                    options.workers));
  }
  // Only devices that are named later are taken: an address that no device has allows none.
  if (!has_any(own, {"-a", "-b", "--allow", "--block", "--no-pci"})) {
    words.emplace_back("--allow=0000:00:00.0");
  }
  if (options.secondary) {
    words.emplace_back("--proc-type=secondary");
  } else if (!has_any(own, {"--no-huge", "--huge-dir", "-m", "--socket-mem", "--in-memory"})) {
    if (free_hugepages() < options.megabytes * megabyte) {
      std::cerr << options.program << ": fewer than " << options.megabytes
                << " MB in free hugepages: going on without them (slower; see README)\n";
      words.emplace_back("--no-huge");
      words.emplace_back("--no-shconf");  // nobody can share this memory: no files for it either
      words.emplace_back("--iova-mode=va");
      words.push_back("-m" + std::to_string(options.megabytes));
    }
  }
  words.insert(words.end(), own.begin(), own.end());
  return words;
}

/// What goes to standard output and error while this lives, kept from there: EAL logs, and prints
/// its whole usage, before it can be told where to.
class Capture {
 public:
  Capture() : file_(std::tmpfile()) {
    if (file_ != nullptr) {
      std::fflush(nullptr);
      dup2(fileno(file_), STDOUT_FILENO);
      dup2(fileno(file_), STDERR_FILENO);
    }
  }
  ~Capture() {
    restore();
    close(output_);
    close(error_);
    if (file_ != nullptr) {
      std::fclose(file_);
    }
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// Ends it. The first line that EAL logged.
  [[nodiscard]] std::string first_of_eal() {
    restore();
    if (file_ == nullptr) {
      return {};
    }
    constexpr std::string_view tag = "EAL: ";
    std::rewind(file_);
    for (std::array<char, 512> line; std::fgets(line.data(), line.size(), file_) != nullptr;) {
      if (std::string text = line.data(); text.starts_with(tag)) {
        text.erase(0, tag.size());
        text.erase(text.find_last_not_of(".\n ") + 1);
        return text;
      }
    }
    return rte_strerror(rte_errno);
  }

 private:
  void restore() const {
    std::fflush(nullptr);
    dup2(output_, STDOUT_FILENO);
    dup2(error_, STDERR_FILENO);
  }

  int output_ = dup(STDOUT_FILENO);
  int error_ = dup(STDERR_FILENO);
  std::FILE* file_;
};

int initialise(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  return rte_eal_init(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

Eal::Eal(const EalOptions& options) {
  std::vector<std::string> words = arguments_of(options);
  std::cout.flush();
  if (options.verbose) {
    if (initialise(words) < 0) {
      throw std::runtime_error("DPDK cannot start; what EAL said stands above.");
    }
    return;
  }
  words.insert(words.begin() + 1, "--log-level=*:error");
  Capture capture;
  if (initialise(words) < 0) {
    throw std::runtime_error("DPDK cannot start: " + capture.first_of_eal() +
                             " (--verbose shows all that EAL says).");
  }
  // From now on the program says itself what fails.
  rte_log_set_global_level(RTE_LOG_ALERT);
}

Eal::~Eal() {
  rte_eal_cleanup();
}

unsigned Eal::worker_lcores() {
  return rte_lcore_count() - 1;
}

}  // namespace culvert
