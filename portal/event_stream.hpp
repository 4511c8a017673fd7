#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "tftp-http/http_handler.hpp"

namespace stormdoor::portal {

// GET /events/stream: what happens, as server-sent events, to whoever keeps a page open. One
// thread.
//
// Each event's data is its row as JSON; its id holds the number and a word of this process, so that
// a browser that comes back gets what it missed (as far as it is remembered), and one that comes
// back to a daemon that was restarted gets an event `restarted`. Rows are sent together with each
// tick(). Bounds: kMostStreams; when more than kMostRowsWaiting come between two ticks, an event
// `lost` says how many were left out (400 a second are more than anybody reads; a storm has
// thousands); HttpStream says what happens to who reads slowly.
class EventStreams {
 public:
  static constexpr size_t kMostStreams = 64;
  static constexpr size_t kMostRowsWaiting = 100;
  static constexpr milliseconds kPingPeriod{15'000};

  using Rows = std::vector<std::pair<uint64_t, nlohmann::json>>;
  // What is remembered of the events after that number, oldest first.
  using Since = std::function<Rows(uint64_t number)>;
  explicit EventStreams(Since since);

  // Takes the exchange over. `goes_on` says whether its caller may still read; asked now and then.
  void open(http::HttpExchange& exchange, http::HttpResponse head, std::function<bool()> goes_on);
  [[nodiscard]] bool is_full() const { return streams_.size() >= kMostStreams; }

  // Whether an event would be sent; if only for want of room not, it is counted as left out. Ask
  // before making its row: in a storm most are not wanted.
  [[nodiscard]] bool takes_one();
  void publish(uint64_t number, const nlohmann::json& row);
  // Every quarter of a second or so.
  void tick(Now now);

  [[nodiscard]] size_t size() const { return streams_.size(); }

 private:
  struct Stream {
    http::HttpStream to;
    std::function<bool()> goes_on;
  };
  [[nodiscard]] std::string event(uint64_t number, const nlohmann::json& row) const;
  void send(std::string_view text);
  [[nodiscard]] std::string beginning(std::string_view last_id) const;

  Since since_;
  std::string process_;  // told apart from the one before it
  std::vector<Stream> streams_;
  std::string waiting_;
  size_t rows_waiting_ = 0;
  size_t lost_ = 0;
  SteadyTime pinged_;
};

}  // namespace stormdoor::portal
