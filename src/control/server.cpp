// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/control/server.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "culvert/control/grammar.hpp"

namespace culvert {
namespace {

constexpr std::string_view begin_batch = "-batch";
constexpr std::size_t longest_line = 65536;
constexpr std::size_t output_high_water = 262144;  // no more is produced until it has been read
constexpr std::size_t elements_at_once = 64;
constexpr auto time_slice = std::chrono::microseconds{500};  // for all clients, in one round

int check_errno(int result, const std::string& what) {
  if (result < 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  return result;
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw std::system_error(ENAMETOOLONG, std::generic_category(), path);
  }
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

FileDescriptor listen_on(const std::string& path) {
  const sockaddr_un address = address_of(path);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (const auto directory = std::filesystem::path{path}.parent_path(); !directory.empty()) {
    std::filesystem::create_directories(directory);
  }
  const auto make = [&] {
    return FileDescriptor{
        check_errno(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), path)};
  };
  // A socket file outlives its server; only asking tells whether there is one.
  if (const FileDescriptor probe = make();
      connect(probe.get(), generic, sizeof address) == 0 || errno == EAGAIN) {
    throw std::system_error(EADDRINUSE, std::generic_category(), path);
  }
  if (struct stat status{}; stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
    unlink(path.c_str());
  }
  FileDescriptor listener = make();
  check_errno(bind(listener.get(), generic, sizeof address), path);
  check_errno(chmod(path.c_str(), 0660), path);
  check_errno(listen(listener.get(), 64), path);
  return listener;
}

std::string error_reply(int status, const std::string& message) {
  const nlohmann::ordered_json reply{{"culvert", api_version},
                                     {"error", {{"code", status}, {"message", message}}}};
  return reply.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

Server::Server(Gateway& gateway, const std::string& path)
    : gateway_(gateway),
      path_(path),
      epoll_(check_errno(epoll_create1(EPOLL_CLOEXEC), "epoll")),
      listener_(listen_on(path)) {
  add(listener_.get(), EPOLLIN);
}

Server::~Server() {
  unlink(path_.c_str());
}

void Server::add(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  check_errno(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll");
}

void Server::watch(int fd) {
  add(fd, EPOLLIN);
}

void Server::accept_clients() {
  for (;;) {
    FileDescriptor socket{accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    const int fd = socket.get();
    if (fd < 0) {
      return;
    }
    add(fd, EPOLLIN);
    clients_[fd].socket = std::move(socket);
  }
}

bool Server::serve(int timeout_ms) {
  std::array<epoll_event, 32> events{};
  const int count =
      epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
  for (const epoll_event& event :
       std::span{events}.first(static_cast<std::size_t>(std::max(count, 0)))) {
    if (event.data.fd == listener_.get()) {
      accept_clients();
    } else if (const auto client = clients_.find(event.data.fd); client != clients_.end()) {
      if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        read_from(client->second);
      }
    }
  }
  bool more = false;
  const auto end = Clock::now() + time_slice;
  for (auto client = clients_.begin(); client != clients_.end();) {
    const bool pending = serve_client(client->second, end);
    more = more || pending;
    const Client& c = client->second;
    const bool finished = c.closing && !pending && c.output.empty();
    client = finished ? clients_.erase(client) : std::next(client);
  }
  return more;
}

/// Whether there is more to do for it. Its answers leave together: a system call for each, and a
/// client that wakes up for each, would take longer than most commands.
bool Server::serve_client(Client& client, Clock::time_point end) {
  const auto has_room = [&client] { return client.output.size() < output_high_water; };
  bool pending = true;
  while (pending && has_room()) {
    pending = answer_one(client);
    if (Clock::now() >= end) {
      break;
    }
  }
  write_to(client);
  return pending && has_room();
}

void Server::read_from(Client& client) {
  std::array<char, 65536> buffer;
  // When that leaves the smaller part, so that no byte of a client that sends ahead moves often.
  if (client.taken > client.input.size() / 2) {
    client.input.erase(0, std::exchange(client.taken, 0));
  }
  // Until a line is complete: a client that sends ahead is left to its socket's buffer.
  while (!client.closing && client.input.size() - client.taken < longest_line) {
    const ssize_t got = recv(client.socket.get(), buffer.data(), buffer.size(), 0);
    if (got > 0) {
      client.input.append(buffer.data(), static_cast<std::size_t>(got));
    } else {
      client.closing = client.closing || got == 0 || (errno != EAGAIN && errno != EINTR);
      return;
    }
  }
}

void Server::write_to(Client& client) {
  while (!client.output.empty()) {
    const ssize_t sent =
        send(client.socket.get(), client.output.data(), client.output.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EINTR) {
        client.output.clear();
        client.hang_up();
      }
      break;
    }
    client.output.erase(0, static_cast<std::size_t>(sent));
  }
  if (const bool wait = !client.output.empty(); wait != client.waiting_to_write) {
    client.waiting_to_write = wait;
    epoll_event event{};
    event.events = wait ? EPOLLOUT : EPOLLIN;
    event.data.fd = client.socket.get();
    (void)epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, client.socket.get(), &event);
  }
}

bool Server::answer_one(Client& client) {
  if (client.listing_open) {
    continue_listing(client);
    return true;
  }
  const std::string_view ahead = std::string_view{client.input}.substr(client.taken);
  const auto end = ahead.find('\n');
  if (end == std::string_view::npos) {
    if (ahead.size() >= longest_line) {
      client.output += error_reply(1, "Error: line too long.");
      client.hang_up();
    }
    return false;
  }
  client.taken += end + 1;
  execute(client, ahead.substr(0, end));
  return true;
}

void Server::refuse(Client& client, int status, const std::string& message) {
  client.output += error_reply(status, message);
  if (client.batch) {
    client.hang_up();
  }
}

void Server::execute(Client& client, std::string_view line) {
  try {
    client.batch = client.batch || line == begin_batch;
    const auto command = line == begin_batch ? std::nullopt : parse_line(line);
    client.listing = command ? gateway_.execute(*command) : Listing{};
    client.listing_open = true;
    client.listing_empty = true;
    client.output += R"({"culvert":)";
    client.output += std::to_string(api_version);
    client.output += R"(,"result":[)";
    continue_listing(client);
  } catch (const CommandError& error) {
    refuse(client, error.status(), error.what());
  } catch (const std::system_error& error) {
    refuse(client, 2, "RTNETLINK answers: " + error.code().message());
  }
}

void Server::continue_listing(Client& client) {
  nlohmann::ordered_json element;
  for (std::size_t i = 0; i < elements_at_once; ++i) {
    if (!client.listing.next(element)) {
      client.output += "]}\n";
      client.listing_open = false;
      client.listing = {};
      return;
    }
    if (!client.listing_empty) {
      client.output += ',';
    }
    client.listing_empty = false;
    client.output += element.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

}  // namespace culvert
