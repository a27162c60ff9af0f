// SPDX-License-Identifier: BSD-3-Clause
#include "support/daemon.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace culvert::test {
namespace {

constexpr std::chrono::seconds patience{60};  // a sanitizer on a busy machine is slow to start

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string culvertd_path;

TemporaryDirectory::TemporaryDirectory() {
  std::array<char, 32> name{"/tmp/culvert-test-XXXXXX"};
  if (mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("mkdtemp");
  }
  path_ = name.data();
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Daemon::Daemon(const std::string& directory, const std::string& configuration,
               std::vector<std::string> options)
    : socket_(directory + "/culvert-" + std::to_string(getpid()) + ".sock") {
  const std::string config = directory + "/gateway.conf";
  const std::string log = directory + "/culvertd.log";
  std::ofstream(config) << configuration;
  std::vector<std::string> words{culvertd_path, "--config", config, "--socket", socket_};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const int error =
      posix_spawn(&pid_, culvertd_path.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw std::runtime_error("cannot start \"" + culvertd_path + "\"");
  }
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (read_file(log).find("culvertd: ready") == std::string::npos) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_ || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("culvertd is not ready: " + read_file(log));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

Daemon::~Daemon() {
  if (pid_ > 0) {
    (void)stop();
  }
}

int Daemon::stop() {
  kill(pid_, SIGTERM);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

ControlClient::ControlClient(const std::string& socket)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to " + socket);
  }
}

ControlClient::~ControlClient() {
  close(fd_);
}

void ControlClient::send(const std::string& line) {
  const std::string request = line + "\n";
  if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    throw std::runtime_error("send");
  }
}

nlohmann::json ControlClient::receive() {
  std::size_t end = 0;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    std::array<char, 65536> chunk;
    const ssize_t got = recv(fd_, chunk.data(), chunk.size(), 0);
    if (got <= 0) {
      throw std::runtime_error("the connection was closed");
    }
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  }
  auto reply = nlohmann::json::parse(buffer_.substr(0, end));
  buffer_.erase(0, end + 1);
  return reply;
}

nlohmann::json ControlClient::request(const std::string& line) {
  send(line);
  return receive();
}

}  // namespace culvert::test
