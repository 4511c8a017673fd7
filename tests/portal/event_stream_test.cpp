#include "portal/event_stream.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tftp-http/http_fixture.hpp"

namespace stormdoor::portal {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class EventStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    handler_.on_request = [this](http::HttpExchange& exchange) {
      streams_.open(exchange, {}, [this] { return goes_on_; });
    };
    server_.emplace(handler_);
    address_ = server_->listen();
    server_->run();
  }
  void TearDown() override {
    server_->on_loop([this](http::HttpServer&) { streams_ = EventStreams({}); });
    server_.reset();
  }
  void publish(uint64_t number, bool send = true) {
    server_->on_loop([&](http::HttpServer&) {
      remembered_.emplace_back(number, json{{"number", number}});
      if (streams_.takes_one()) streams_.publish(number, remembered_.back().second);
      if (send) streams_.tick({SteadyTime(milliseconds(1)), {}});
    });
  }
  std::string opened(http::RawClient& client, const std::string& further = "") {
    EXPECT_TRUE(client.send(http::get("/", further)));
    return client.read_until("retry: 2000\n\n");
  }

  bool goes_on_ = true;
  EventStreams::Rows remembered_;
  EventStreams streams_{[this](uint64_t number) {
    EventStreams::Rows rows;
    for (const auto& row : remembered_)
      if (row.first > number) rows.push_back(row);
    return rows;
  }};
  http::FakeHandler handler_;
  std::optional<http::RunningServer> server_;
  Endpoint address_;
};

TEST_F(EventStreamTest, EveryFollowerGetsEachEventOnce) {
  http::RawClient first(address_);
  opened(first);
  publish(1, false);
  http::RawClient second(address_);
  opened(second);  // not what was before it
  publish(2);
  EXPECT_THAT(first.read_until(R"({"number":2})"), HasSubstr(R"({"number":1})"));
  EXPECT_THAT(second.read_until(R"({"number":2})"), Not(HasSubstr(R"({"number":1})")));
}

TEST_F(EventStreamTest, WhoComesBackGetsWhatWasMissed) {
  std::string id;
  {
    http::RawClient client(address_);
    opened(client);
    publish(1);
    const std::string event = client.read_until("\n\n");
    id = event.substr(4, event.find('\n') - 4);
  }
  publish(2);
  publish(3);
  http::RawClient client(address_);
  opened(client, "Last-Event-ID: " + id + "\r\n");
  const std::string missed = client.read_until(R"({"number":3})");
  EXPECT_THAT(missed, HasSubstr(R"({"number":2})"));
  EXPECT_THAT(missed, Not(HasSubstr(R"({"number":1})")));
}

TEST_F(EventStreamTest, WhoComesBackToAnotherProcessIsToldSo) {
  for (const char* id : {"0123456789ab-7", "nonsense", "-", "7"}) {
    http::RawClient client(address_);
    opened(client, fmt::format("Last-Event-ID: {}\r\n", id));
    EXPECT_THAT(client.read_until("data: {}\n\n"), HasSubstr("event: restarted\n")) << id;
  }
}

TEST_F(EventStreamTest, AFloodIsCutShortAndSaid) {
  http::RawClient client(address_);
  opened(client);
  for (uint64_t i = 0; i < EventStreams::kMostRowsWaiting + 3; ++i) publish(i, false);
  publish(1'000);
  const std::string all = client.read_until(R"({"count": 4})");
  EXPECT_THAT(all, HasSubstr("event: lost\n"));
  EXPECT_THAT(all, HasSubstr(R"({"number":99})"));
  EXPECT_THAT(all, Not(HasSubstr(R"({"number":100})")));
}

TEST_F(EventStreamTest, WhoMayNoLongerReadIsCutOffAtTheNextPing) {
  http::RawClient client(address_);
  opened(client);
  goes_on_ = false;
  server_->on_loop([&](http::HttpServer&) {
    streams_.tick({SteadyTime(EventStreams::kPingPeriod + milliseconds(2)), {}});
    EXPECT_EQ(streams_.size(), 0U);
  });
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(client.end_of_reading(), http::RawClient::End::Closed);
}

}  // namespace
}  // namespace stormdoor::portal
