#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

#include "acl/binding_table.hpp"
#include "acl/guard.hpp"
#include "base/loop/event_loop.hpp"
#include "base/metrics.hpp"
#include "edge/config.hpp"
#include "edge/mailbox.hpp"
#include "edge/material.hpp"
#include "edge/phone_activity.hpp"
#include "hotdesk/registry.hpp"
#include "tftp-http/desk_pages.hpp"
#include "tftp-http/http_source_counts.hpp"
#include "tftp-http/provisioning.hpp"

namespace stormdoor::edge {

// What workers tell the main thread.
struct Served {
  MacAddress phone;
  PhoneSighting sighting;
  http::Transport transport = http::Transport::Tftp;
  bool own = false;  // the phone's own configuration, with its secrets
};
struct Failed {
  acl::Failure failure;
  acl::Verdict verdict;
  WallTime time;
};
struct TokenDelivered {
  MacAddress phone;
};
struct Problem {  // of ours, not the phone's
  MacAddress phone;
  Error error;
};
using News = std::variant<Served, Failed, TokenDelivered, Problem>;

// What all workers share. Everything outlives them.
struct WorkerParts {
  acl::Guard& guard;
  acl::BindingTable& bindings;
  http::HttpSourceCounts& sources;
  http::Credentials& credentials;
  Metrics& metrics;
  Mailbox<News>& news;
  http::DeskForms& desk_forms;
  // Any thread; answers on the main thread.
  std::function<void(http::DeskAsk, std::function<void(const http::DeskAnswer&)>)> decide_desk;
};

// What a worker serves from; replaced whole when something changes.
struct WorkerView {
  std::shared_ptr<const hotdesk::Registry> registry;
  std::shared_ptr<const http::ProfileSet> profiles;
  std::shared_ptr<const http::FirmwareLinks> links = nullptr;  // null: firmware is not paced
};

// One thread with its event loop, its sockets, its TFTP and HTTP servers and its provisioning.
// Constructed, commanded and destroyed on the main thread; everything inside lives on its own.
class Worker {
 public:
  struct Sockets {
    std::vector<UniqueFd> tftp, http, https, legacy_https;
  };

  Worker(size_t index, const WorkerParts& parts);
  ~Worker();  // stops, if it runs
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Starts serving; waits until it does or cannot.
  Result<void> start(Sockets sockets, const Config& config, const TlsContexts& tls,
                     const WorkerView& view);
  void stop();

  // From now on it serves from this. Everything that is posted afterwards comes after it.
  void publish(const WorkerView& view);
  void apply(const RuntimeConfig& config, const TlsContexts& tls);
  // Runs on the worker's thread: a sign of life, and a barrier behind what was published.
  void ping(std::function<void()> alive);

 private:
  struct Inside;
  size_t index_;
  WorkerParts parts_;
  std::unique_ptr<loop::EventLoop> loop_;
  std::unique_ptr<Inside> inside_;
  std::jthread thread_;
};

}  // namespace stormdoor::edge
