#pragma once

#include <cstdint>

#include "base/loop/event_loop.hpp"
#include "tftp-http/file_source.hpp"
#include "tftp-http/http_config.hpp"
#include "tftp-http/http_handler.hpp"

namespace stormdoor::http {

// Serves a FileSource over HTTP: its outcomes become 200, 404, 401 with challenges, 403 and 503
// with a spread Retry-After, each with the answer's sentence as body (promise 6). What carries
// secrets is never stored by caches. Logs file names and outcomes at debug level, never folders or
// query strings: tokens stand there. One per worker, on its thread.
class HttpFiles final : public HttpHandler {
 public:
  HttpFiles(FileSource& files, loop::EventLoop& loop, const HttpConfig& config);
  void handle(HttpExchange& exchange) override;
  void replace_config(const HttpConfig& config);

 private:
  [[nodiscard]] HttpResponse respond_to(const FileAnswer& answer);
  [[nodiscard]] uint32_t next_retry_after();

  FileSource& files_;
  loop::EventLoop& loop_;
  uint32_t retry_after_least_;
  uint32_t retry_after_most_;
  uint32_t spread_ = 0;
};

}  // namespace stormdoor::http
