#include "tftp-http/http_handler.hpp"

#include <utility>

#include "tftp-http/http_connection.hpp"

namespace stormdoor::http {

HttpReply::~HttpReply() {
  if (connection_.expired()) return;
  send(HttpResponse::text(500, "No answer was found."));
}

void HttpReply::send(HttpResponse response) {
  const auto connection = std::exchange(connection_, {}).lock();
  if (connection)
    connection->respond_later(request_number_, std::move(response));
  else if (response.on_done)
    response.on_done(false);
}

HttpStream& HttpStream::operator=(HttpStream&& other) noexcept {
  if (this == &other) return *this;
  end();
  connection_ = std::exchange(other.connection_, {});
  request_number_ = other.request_number_;
  return *this;
}

HttpStream::~HttpStream() {
  end();
}

void HttpStream::end() {
  if (const auto connection = std::exchange(connection_, {}).lock())
    connection->end_stream(request_number_);
}

bool HttpStream::write(std::string_view bytes) {
  const auto connection = connection_.lock();
  return connection && connection->write_stream(request_number_, bytes);
}

void HttpExchange::respond(HttpResponse response) {
  STORMDOOR_CHECK(!taken_, "the answer was promised for later");
  connection_.respond(std::move(response));
}

HttpStream HttpExchange::stream(HttpResponse response) {
  STORMDOOR_CHECK(!taken_, "the answer was promised for later");
  taken_ = true;
  connection_.respond_endlessly(std::move(response));
  return HttpStream(connection_.weak_from_this(), connection_.request_number());
}

HttpReply HttpExchange::later() {
  STORMDOOR_CHECK(!taken_, "an answer is promised once");
  taken_ = true;
  return HttpReply(connection_.weak_from_this(), connection_.request_number());
}

}  // namespace stormdoor::http
