// SPDX-License-Identifier: BSD-3-Clause
// tests/support: culvertd as a child process, and its control socket.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include <nlohmann/json.hpp>

namespace culvert::test {

/// A directory of its own under /tmp, gone at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

class Daemon {
 public:
  /// The program that `--culvertd=PATH` on the test's command line names. Waits until it is ready;
  /// throws std::runtime_error if it does not become so.
  Daemon(const std::string& directory, const std::string& configuration,
         std::vector<std::string> options = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  [[nodiscard]] const std::string& socket() const noexcept { return socket_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Asks it to end. Returns its exit status, or minus the signal that ended it.
  int stop();

 private:
  std::string socket_;
  pid_t pid_ = -1;
};

/// One connection to the control socket.
class ControlClient {
 public:
  explicit ControlClient(const std::string& socket);
  ~ControlClient();
  ControlClient(const ControlClient&) = delete;
  ControlClient& operator=(const ControlClient&) = delete;

  /// The whole reply to one line. Throws std::runtime_error when there is none.
  nlohmann::json request(const std::string& line);
  /// Without waiting for the reply; receive() gets it, in order.
  void send(const std::string& line);
  nlohmann::json receive();

 private:
  int fd_;
  std::string buffer_;
};

/// Set from the command line by the test's main().
extern std::string culvertd_path;

}  // namespace culvert::test
