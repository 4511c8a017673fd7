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

void HttpExchange::respond(HttpResponse response) {
  STORMDOOR_CHECK(!taken_, "the answer was promised for later");
  connection_.respond(std::move(response));
}

HttpReply HttpExchange::later() {
  STORMDOOR_CHECK(!taken_, "an answer is promised once");
  taken_ = true;
  return HttpReply(connection_.weak_from_this(), connection_.request_number());
}

}  // namespace stormdoor::http
