#include "portal/event_stream.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/crypto/crypto.hpp"

namespace stormdoor::portal {
namespace {

using nlohmann::json;

constexpr size_t kProcessBytes = 6;

}  // namespace

EventStreams::EventStreams(Since since)
    : since_(std::move(since)), process_(crypto::hex_encode(crypto::random_bytes(kProcessBytes))) {}

void EventStreams::open(http::HttpExchange& exchange, http::HttpResponse head,
                        std::function<bool()> goes_on) {
  head.content_type = "text/event-stream";
  head.headers.emplace_back("Cache-Control", "no-store");
  head.headers.emplace_back("X-Accel-Buffering", "no");
  // What waits is for the others; this one gets it from what is remembered.
  send(std::exchange(waiting_, {}));
  head.body = beginning(exchange.request().header("Last-Event-ID"));
  streams_.push_back({exchange.stream(std::move(head)), std::move(goes_on)});
}

// What a browser missed: it names the last event that it has seen.
std::string EventStreams::beginning(std::string_view last_id) const {
  std::string text = "retry: 2000\n\n";
  if (last_id.empty()) return text;
  const auto dash = last_id.find('-');
  if (last_id.substr(0, dash) != process_) return text + "event: restarted\ndata: {}\n\n";
  uint64_t number = 0;
  const std::string_view digits = dash == std::string_view::npos ? "" : last_id.substr(dash + 1);
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return text;
  for (const auto& [missed, row] : since_(number)) text += event(missed, row);
  return text;
}

std::string EventStreams::event(uint64_t number, const json& row) const {
  return fmt::format("id: {}-{}\ndata: {}\n\n", process_, number,
                     row.dump(-1, ' ', false, json::error_handler_t::replace));
}

bool EventStreams::takes_one() {
  if (streams_.empty()) return false;
  if (rows_waiting_ < kMostRowsWaiting) return true;
  ++lost_;
  return false;
}

void EventStreams::publish(uint64_t number, const json& row) {
  ++rows_waiting_;
  waiting_ += event(number, row);
}

void EventStreams::tick(Now now) {
  if (lost_ > 0) waiting_ += fmt::format("event: lost\ndata: {{\"count\": {}}}\n\n", lost_);
  if (now.steady - pinged_ >= kPingPeriod) {
    pinged_ = now.steady;
    std::erase_if(streams_, [](const Stream& stream) { return !stream.goes_on(); });
    waiting_ += ": \n\n";
  }
  if (!waiting_.empty()) send(waiting_);
  waiting_.clear();
  rows_waiting_ = 0;
  lost_ = 0;
}

void EventStreams::send(std::string_view text) {
  std::erase_if(streams_, [&](Stream& stream) { return !stream.to.write(text); });
}

}  // namespace stormdoor::portal
