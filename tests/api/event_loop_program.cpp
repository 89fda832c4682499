// SPDX-License-Identifier: Apache-2.0
// An event loop as small as asyncio's heart: coroutines yield what they wait for, the loop sends the answer when it is there.
#include <weft/weft.hpp>

#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

/// What a coroutine may wait for: that time passes, or a message on a channel.
struct sleep {
  int ticks;
};
struct receive {
  explicit receive(std::string from) : channel(std::move(from)) {}
  std::string channel;
};
using request = std::variant<sleep, receive>;
using answer = std::string;
template <class R = std::monostate>
using job = weft::coroutine<request, answer, R>;

class event_loop {
 public:
  /// Runs `j` from the next turn of the loop on.
  void start(job<> j) { ready_.emplace_back(std::move(j), answer()); }
  /// Gives `text` to who waits for it.
  void send(const std::string& channel, answer text) {
    if (auto waits = receivers_.extract(channel)) ready_.emplace_back(std::move(waits.mapped()), std::move(text));
  }
  /// Until no job can go on; what still waits for a message is closed.
  void run() {
    while (!ready_.empty() || !sleepers_.empty()) {
      for (auto& [j, what] : std::exchange(ready_, {})) step(std::move(j), std::move(what));
      if (ready_.empty() && !sleepers_.empty()) {
        now_ = sleepers_.begin()->first;
        auto woken = sleepers_.extract(sleepers_.begin());
        ready_.emplace_back(std::move(woken.mapped()), answer());
      }
    }
    for (auto& [channel, j] : receivers_) j.close();
  }
  [[nodiscard]] int now() const { return now_; }

 private:
  void step(job<> j, answer what) {
    auto result = j.state() == weft::coroutine_state::created ? j.send() : j.send(std::move(what));
    if (result.is_returned()) return;
    if (const auto* nap = std::get_if<sleep>(&result.yielded()))
      sleepers_.emplace(now_ + nap->ticks, std::move(j));
    else
      receivers_.emplace(std::get<receive>(result.yielded()).channel, std::move(j));
  }

  int now_ = 0;
  std::vector<std::pair<job<>, answer>> ready_;
  std::multimap<int, job<>> sleepers_;
  std::multimap<std::string, job<>> receivers_;
};

/// Awaited like a function: what it yields goes to the loop all the same.
job<std::string> ask(event_loop& loop, std::string question) {
  loop.send("questions", question);
  co_return co_yield receive("answers to " + question);
}

job<> asks(event_loop& loop, std::vector<std::string>& log) {
  co_yield sleep{5};
  const std::string text = co_await ask(loop, "six times nine");
  log.push_back(std::to_string(loop.now()) + " " + text);
  co_return {};
}

job<> answers(event_loop& loop) {
  const std::string question = co_yield receive("questions");
  co_yield sleep{10};
  loop.send("answers to " + question, question + " is 42");
  co_return {};
}

job<> waits_in_vain(std::vector<std::string>& log) {
  try {
    co_yield receive("nothing");
  } catch (const weft::generator_exit&) {
    log.emplace_back("closed");
    throw;
  }
  co_return {};
}

}  // namespace

int main() {
  event_loop loop;
  std::vector<std::string> log;
  loop.start(waits_in_vain(log));
  loop.start(answers(loop));
  loop.start(asks(loop, log));
  loop.run();
  for (const std::string& line : log) std::printf("%s\n", line.c_str());
  return log == std::vector<std::string>{"15 six times nine is 42", "closed"} ? 0 : 1;
}
