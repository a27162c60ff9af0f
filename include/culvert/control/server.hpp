// SPDX-License-Identifier: BSD-3-Clause
// control: the control socket: a line in, one JSON document out (docs/api.md). Control thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "culvert/control/gateway.hpp"

namespace culvert {

/// One version for the shape of requests and replies.
inline constexpr int api_version = 1;

/// A file descriptor that is closed with its owner.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

class Server {
 public:
  /// Listens on a Unix socket, making its directory if needed; one that nobody serves any more is
  /// replaced. Throws std::system_error (EADDRINUSE if another gateway serves it).
  Server(Gateway& gateway, const std::string& path);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Waits for the sockets, or for `wake` to be readable, at most so many milliseconds; then does a
  /// bounded amount of what clients ask. True if there is more to do at once.
  bool serve(int timeout_ms);
  /// Have serve() return when this descriptor is readable. It is not read.
  void watch(int fd);

 private:
  struct Client {
    FileDescriptor socket;
    std::string input;
    std::size_t taken = 0;  ///< bytes of `input` whose lines have been looked at
    std::string output;
    Listing listing;
    bool batch = false;  ///< the first command that fails is the last one that is looked at
    bool listing_open = false;
    bool listing_empty = true;
    bool closing = false;  ///< says no more; what is due to it is still written
    bool waiting_to_write = false;

    /// Nothing more of what it says is looked at.
    void hang_up() {
      input.clear();
      taken = 0;
      closing = true;
    }
  };

  void accept_clients();
  [[nodiscard]] bool serve_client(Client& client, Clock::time_point end);
  void read_from(Client& client);
  void write_to(Client& client);
  [[nodiscard]] bool answer_one(Client& client);
  void continue_listing(Client& client);
  void execute(Client& client, std::string_view line);
  void refuse(Client& client, int status, const std::string& message);
  void add(int fd, std::uint32_t events);

  Gateway& gateway_;
  std::string path_;
  FileDescriptor epoll_;
  FileDescriptor listener_;
  std::map<int, Client> clients_;
};

}  // namespace culvert
