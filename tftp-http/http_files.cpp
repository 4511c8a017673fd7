#include "tftp-http/http_files.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "tftp-http/firmware_pass.hpp"

namespace stormdoor::http {
namespace {

// A request and its answer, kept until the last byte is written: FileRequest only has views.
struct Delivery {
  std::string path, user_agent, host, authorization, method, target;
  FileRequest request;
  FileAnswer answer;

  Delivery(const FileRequest& original, FileAnswer answer_)
      : path(original.path),
        user_agent(original.user_agent),
        host(original.host),
        authorization(original.authorization),
        method(original.method),
        target(original.target),
        request(original),
        answer(std::move(answer_)) {
    request.path = path;
    request.user_agent = user_agent;
    request.host = host;
    request.authorization = authorization;
    request.method = method;
    request.target = target;
  }
};

FileRequest file_request(const HttpExchange& exchange) {
  const HttpRequest& request = exchange.request();
  FileRequest file;
  file.transport = exchange.peer().tls ? Transport::Https : Transport::Http;
  file.source = exchange.peer().remote.address;
  file.proof = acl::PathProof::Connected;
  file.path = request.path;
  file.user_agent = request.header("user-agent");
  file.host = request.host;
  file.certificate_mac = exchange.peer().certificate_mac;
  file.authorization = request.header("authorization");
  file.method = request.method;
  file.target = request.target;
  return file;
}

std::string_view outcome_word(FileAnswer::Outcome outcome) {
  switch (outcome) {
    case FileAnswer::Outcome::Found:
      return "found";
    case FileAnswer::Outcome::NotFound:
      return "not-found";
    case FileAnswer::Outcome::Unauthorized:
      return "unauthorized";
    case FileAnswer::Outcome::Refused:
      return "refused";
    case FileAnswer::Outcome::Busy:
      return "busy";
  }
  return "unknown";
}

// Folders and query strings may be tokens; the last part of a path is a file's name, if it was
// found or has a dot as tokens have none.
std::string_view loggable_name(const FileRequest& request, const FileAnswer& answer) {
  const std::string_view name = request.path.substr(request.path.rfind('/') + 1);
  const bool a_file =
      answer.outcome == FileAnswer::Outcome::Found || name.find('.') != std::string_view::npos;
  return a_file ? name : "";
}

void log_answer(const FileRequest& request, const FileAnswer& answer) {
  if (!Log::enabled(LogLevel::Debug)) return;
  log_debug("http-request", {{"source", request.source.to_string()},
                             {"file", loggable_name(request, answer)},
                             {"outcome", outcome_word(answer.outcome)},
                             {"phone", answer.phone ? answer.phone->to_string() : ""}});
}

std::string_view sentence_or(const FileAnswer& answer, std::string_view otherwise) {
  return answer.message.empty() ? otherwise : std::string_view(answer.message);
}

HttpResponse found(const FileAnswer& answer) {
  HttpResponse response;
  response.content = answer.content;
  response.content_type = answer.content_type;
  if (answer.link) response.pass = std::make_shared<FirmwarePass>(answer.link, answer.patience);
  return response;
}

HttpResponse unauthorized(const FileAnswer& answer) {
  HttpResponse response = HttpResponse::text(401, sentence_or(answer, "Log in to get this file."));
  for (const std::string& challenge : answer.challenges)
    response.headers.emplace_back("WWW-Authenticate", challenge);
  return response;
}

HttpResponse busy(const FileAnswer& answer, uint32_t retry_after) {
  HttpResponse response =
      HttpResponse::text(503, sentence_or(answer, "Many phones are starting; try again shortly."));
  response.headers.emplace_back("Retry-After", fmt::format("{}", retry_after));
  return response;
}

}  // namespace

HttpFiles::HttpFiles(FileSource& files, loop::EventLoop& loop, const HttpConfig& config)
    : files_(files),
      loop_(loop),
      retry_after_least_(config.retry_after_least),
      retry_after_most_(config.retry_after_most) {}

void HttpFiles::replace_config(const HttpConfig& config) {
  retry_after_least_ = config.retry_after_least;
  retry_after_most_ = config.retry_after_most;
}

void HttpFiles::handle(HttpExchange& exchange) {
  const FileRequest request = file_request(exchange);
  auto delivery = std::make_shared<Delivery>(request, files_.find(request, exchange.now()));
  FileAnswer& answer = delivery->answer;
  // Whoever comes again need not be held.
  if (answer.link && answer.retries_after_503 && answer.link->is_full())
    answer.outcome = FileAnswer::Outcome::Busy;
  log_answer(request, answer);
  HttpResponse response = respond_to(answer);
  // What is secret, or depends on who asks, stays out of caches.
  if (answer.secret || answer.outcome != FileAnswer::Outcome::Found)
    response.headers.emplace_back("Cache-Control", "no-store");
  response.on_done = [this, delivery = std::move(delivery)](bool complete) {
    files_.delivered(delivery->answer, delivery->request, complete, loop_.now());
  };
  exchange.respond(std::move(response));
}

HttpResponse HttpFiles::respond_to(const FileAnswer& answer) {
  switch (answer.outcome) {
    case FileAnswer::Outcome::Found:
      return found(answer);
    case FileAnswer::Outcome::NotFound:
      return HttpResponse::text(404, sentence_or(answer, "There is no such file."));
    case FileAnswer::Outcome::Unauthorized:
      return unauthorized(answer);
    case FileAnswer::Outcome::Refused:
      return HttpResponse::text(403, sentence_or(answer, "This file is not for this phone."));
    case FileAnswer::Outcome::Busy:
      return busy(answer, next_retry_after());
  }
  return HttpResponse::text(500, "No answer was found.");
}

// Evenly spread, so that those who were sent away do not come back together: steps of about the
// golden section never cluster.
uint32_t HttpFiles::next_retry_after() {
  const uint32_t width = retry_after_most_ - retry_after_least_ + 1;
  spread_ += 0x9e3779b9;
  return retry_after_least_ + static_cast<uint32_t>((uint64_t{spread_} * width) >> 32);
}

}  // namespace stormdoor::http
