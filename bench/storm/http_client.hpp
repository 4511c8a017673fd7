#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop/io_event.hpp"
#include "bench/storm/http_login.hpp"
#include "bench/storm/http_response.hpp"
#include "bench/storm/storm_loop.hpp"
#include "bench/storm/stream.hpp"

namespace stormdoor::storm {

struct HttpPatience {
  int tries = 3;                   // attempts per file; after the last the phone gives up
  milliseconds timeout{10'000};    // without a sign of the server
  milliseconds between{2'000};     // from a failed attempt to the next
  bool heeds_retry_after = false;  // whether a 503 is asked again when it says
};

struct HttpRequest {
  Endpoint server;
  const TlsClient* tls = nullptr;  // nullptr: plain HTTP; else borrowed until the answer
  std::string host;                // Host header and SNI; empty: the server's address
  std::string path;                // with its leading slash
  std::string user_agent;
  std::optional<HttpLogin> login;  // answers one 401 per attempt
  HttpPatience patience;
  bool hashed = false;  // whether the result tells the SHA-256 of the file
  bool closes = false;  // whether it asks the server to end the connection with its answer
};

// Fetches files by HTTP or HTTPS from one source address, one after another, on one connection as
// long as the server keeps it. On its loop's thread.
class HttpClient {
 public:
  using OnDone = std::function<void(FetchResult)>;

  HttpClient(StormLoop& storm, const IpAddress& source);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Not while another runs. `on_done` is called once, from the loop, and may destroy this.
  void fetch(HttpRequest request, OnDone on_done);
  // Ends the connection, as switching the phone off would.
  void disconnect();
  // Connections made so far.
  [[nodiscard]] uint32_t connections() const { return connections_; }

 private:
  enum class Phase : uint8_t { Idle, Waiting, Failing, Opening, Writing, Reading };

  void begin_attempt();
  void connect();
  void send_request();
  void on_ready();
  void on_deadline();
  bool write_some();
  bool read_some();
  void wait(Stream::Wants wants);
  void broken(const std::string& reason, bool silent);
  void failed(std::string reason, milliseconds until_next);
  void answered();
  bool login();
  void end(FetchResult result);
  [[nodiscard]] bool same_peer() const;

  StormLoop& storm_;
  IpAddress source_;
  StormLoop::Deadline deadline_;
  HttpRequest request_;
  OnDone on_done_;
  Phase phase_ = Phase::Idle;
  std::optional<Stream> stream_;
  std::optional<loop::IoEvent> io_;
  Endpoint peer_;  // of the connection
  const TlsClient* peer_tls_ = nullptr;
  std::optional<HttpResponse> response_;
  std::string authorization_;  // answers this attempt's challenge; empty: none came yet
  std::string failure_;        // Failing: what connect() said
  std::string out_;            // what is still to be written
  size_t written_ = 0;
  int attempts_ = 0;
  uint32_t retries_ = 0;
  uint32_t connections_ = 0;
  bool reused_ = false;  // this attempt runs on a connection that served before
  bool heard_ = false;   // the server has answered something in this fetch
};

}  // namespace stormdoor::storm
