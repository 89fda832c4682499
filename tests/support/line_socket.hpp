// SPDX-License-Identifier: Apache-2.0
// Lines of text between programs of this machine, by plain sockets: for examples of services.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace weft::test {

/// A file descriptor, and what the system says of calls with it.
class descriptor {
 public:
  explicit descriptor(int number) : number_(checked(number)) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  static int checked(int answer) {
    return answer >= 0 ? answer : throw std::system_error(errno, std::generic_category(), "a system call has failed");
  }

 private:
  int number_;
};

/// A connection: its calls block.
class connection : public descriptor {
 public:
  using descriptor::descriptor;
  [[nodiscard]] std::string read_line() const {
    std::string line;
    for (char c = 0; ::recv(number(), &c, 1, 0) == 1 && c != '\n';) line += c;
    return line;
  }
  void write_line(const std::string& text) const { ::send(number(), (text + '\n').c_str(), text.size() + 1, MSG_NOSIGNAL); }
};

/// Where clients come in, on a port that the system has chosen, until SIGTERM comes. All threads have to block that.
class entrance {
 public:
  entrance() : listens_(::socket(AF_INET, SOCK_STREAM, 0)), signals_(::signalfd(-1, &sigterm(), 0)) {
    descriptor::checked(::bind(listens_.number(), reinterpret_cast<sockaddr*>(&address_), sizeof(address_)));
    descriptor::checked(::listen(listens_.number(), 100));
    socklen_t size = sizeof(address_);
    descriptor::checked(::getsockname(listens_.number(), reinterpret_cast<sockaddr*>(&address_), &size));
  }
  /// The next client; nothing once it is to stop.
  [[nodiscard]] std::optional<connection> next() const {
    std::array<pollfd, 2> both{{{listens_.number(), POLLIN, 0}, {signals_.number(), POLLIN, 0}}};
    descriptor::checked(::poll(both.data(), both.size(), -1));
    if (both[1].revents == 0) return connection(::accept(listens_.number(), nullptr, nullptr));
    signalfd_siginfo taken{};
    descriptor::checked(static_cast<int>(::read(signals_.number(), &taken, sizeof(taken))));
    return std::nullopt;
  }
  /// A client's side of it.
  [[nodiscard]] connection connect() const {
    connection made(::socket(AF_INET, SOCK_STREAM, 0));
    descriptor::checked(::connect(made.number(), reinterpret_cast<const sockaddr*>(&address_), sizeof(address_)));
    return made;
  }
  static const sigset_t& sigterm() {
    static const sigset_t set = [] {
      sigset_t made;
      sigemptyset(&made);
      sigaddset(&made, SIGTERM);
      return made;
    }();
    return set;
  }

 private:
  sockaddr_in address_{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
  descriptor listens_, signals_;
};

}  // namespace weft::test
