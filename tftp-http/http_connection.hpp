#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/loop/io_event.hpp"
#include "base/unique_fd.hpp"
#include "tftp-http/http_connection_table.hpp"
#include "tftp-http/http_handler.hpp"
#include "tftp-http/http_worker.hpp"
#include "tftp-http/tls_session.hpp"

namespace stormdoor::http {

// One client's connection: handshake, then request and answer in turn. It reads only when it has
// nothing to send and nobody to wait for, so what a client can make it hold is one request's head
// and body and one piece of one answer. Owned by its worker's table until it is closed.
class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpWorker& worker, UniqueFd fd, const Endpoint& remote,
                 std::shared_ptr<const TlsContext> tls);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Enters the table and goes as far as it can with what has arrived.
  void start(Now now);
  // Instead of start(): says why not, without having read anything, and closes.
  void start_refused(HttpResponse response, Now now);
  void on_deadline(Now now);
  // Its turn has come at the door.
  void begin_handshake(Now now);
  [[nodiscard]] HandshakeDoor::Entry& door_entry() { return door_entry_; }
  // The time has come that its pass named.
  void on_turn(Now now);
  // Ends it at once, whatever it is doing.
  void close();

  // For HttpExchange, HttpReply and HttpStream.
  void respond(HttpResponse response);
  void respond_endlessly(HttpResponse response);
  bool write_stream(uint64_t request_number, std::string_view bytes);
  void end_stream(uint64_t request_number);
  void respond_later(uint64_t request_number, HttpResponse response);
  [[nodiscard]] uint64_t request_number() const { return requests_; }

 private:
  // An answer on its way out.
  struct Answer {
    std::string head;
    std::string body;
    std::shared_ptr<const Content> content;
    std::shared_ptr<FirmwarePass> pass;
    uint64_t offset = 0;
    uint64_t left = 0;
    bool close = false;
    bool linger = false;
    bool endless = false;  // more of the body may come
    bool gives_all = false;
    std::function<void(bool)> on_done;
  };
  enum class Step : uint8_t { Continue, Wait, Closed };

  void run(Now now);
  Step take_step(Now now);
  Step knock(Now now);
  Step shake_hands(Now now);
  Step next_request(Now now);
  Step read_more(Now now);
  Step handle_request(Now now);
  Step wait_for_body(Now now);
  bool is_refused(const HttpRequest& request, Now now);
  void dispatch(Now now);
  void refuse(int status, std::string_view sentence);

  void prepare(HttpResponse response, bool endless);
  Step send_answer(Now now);
  // How much of the body may leave now.
  [[nodiscard]] uint64_t allowance(Now now);
  void spend(uint64_t bytes);
  Step wait_for_turn(Now now);
  Step send_encrypted(Now now);
  Step send_plain(Now now);
  Step send_both(std::span<const std::byte> piece, Now now);
  Step send_file(uint64_t most, Now now);
  std::optional<std::span<const std::byte>> next_piece(size_t most);
  [[nodiscard]] bool is_last_piece() const;
  Step flush(Now now, int flags = 0);
  Step finish_answer(Now now);
  void parse_again();
  void enter_sending(Now now);
  // Of HttpTimes::request.
  [[nodiscard]] milliseconds time_left(Now now) const;
  Step wait_for_stream(Now now);
  void run_soon();
  Step drain_input();
  void say_goodbye();
  void note_sent(size_t bytes, Now now);

  void enter(HttpPhase phase, milliseconds patience, Now now);
  void wait(loop::Readiness readiness);
  ReadOutcome read_some(std::span<char> into);

  HttpWorker& worker_;
  std::shared_ptr<const HttpConfig> config_;
  UniqueFd fd_;
  HttpPeer peer_;
  std::shared_ptr<const TlsContext> tls_context_;  // until there is a session
  HandshakeDoor::Entry door_entry_;
  std::unique_ptr<TlsSession> tls_;
  std::optional<loop::IoEvent> event_;
  std::optional<HttpConnectionTable::Place> place_;  // empty: not started, or closed
  loop::Readiness waiting_;
  bool handshaking_;
  bool peer_ended_ = false;
  bool answering_ = false;  // a request is with the handler
  uint64_t requests_ = 0;
  SteadyTime request_began_;

  HttpRequestParser parser_;
  std::string in_;
  size_t wanted_ = 0;           // bytes of a request with a body that in_ must hold
  size_t used_ = 0;             // of in_, by the request that is being answered
  bool request_known_ = false;  // worker_.request is what is being answered
  std::unique_ptr<Answer> answer_;
  std::string unsent_;  // what the socket did not take
  size_t unsent_from_ = 0;
  uint64_t sent_ = 0;
  uint64_t sent_in_phase_ = 0;
  uint64_t discarded_ = 0;
};

}  // namespace stormdoor::http
