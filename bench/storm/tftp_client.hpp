#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/loop/io_event.hpp"
#include "base/loop/udp_socket.hpp"
#include "bench/storm/storm_loop.hpp"
#include "bench/storm/tftp_fetch.hpp"

namespace stormdoor::storm {

struct TftpRequest {
  Endpoint server;
  std::string path;
  TftpOptions options;
  TftpPatience patience;
  bool hashed = false;  // whether the result tells the SHA-256 of the file
};

// Fetches files by TFTP from one source address, one after another, each from a port of its own as
// phones do. On its loop's thread.
class TftpClient {
 public:
  using OnDone = std::function<void(FetchResult)>;

  // `source` "::" or "0.0.0.0" leaves the choice to the kernel.
  TftpClient(StormLoop& storm, const IpAddress& source);
  ~TftpClient();
  TftpClient(const TftpClient&) = delete;
  TftpClient& operator=(const TftpClient&) = delete;

  // Not while another runs. `on_done` is called once, from the loop, and may destroy this.
  void fetch(const TftpRequest& request, OnDone on_done);

 private:
  void on_readable();
  void on_deadline();
  void send(const TftpFetch::Reply& reply);
  void settle();
  void end(FetchResult result);

  StormLoop& storm_;
  IpAddress source_;
  StormLoop::Deadline deadline_;
  std::optional<loop::UdpSocket> socket_;
  std::optional<loop::IoEvent> readable_;
  std::optional<TftpFetch> running_;
  OnDone on_done_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // for what is posted
};

}  // namespace stormdoor::storm
