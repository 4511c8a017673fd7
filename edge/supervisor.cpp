#include "edge/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "edge/child_policy.hpp"
#include "edge/helper_group.hpp"
#include "edge/messages.hpp"
#include "edge/service_manager.hpp"
#include "tftp-http/certificate_files.hpp"

namespace stormdoor::edge {
namespace {

constexpr milliseconds kStopPatience{10'000};
constexpr milliseconds kWatchPeriod{5'000};

class Supervisor {
 public:
  explicit Supervisor(SupervisorPlan plan)
      : plan_(std::move(plan)),
        material_watch_(plan_.material_files),
        helpers_(std::move(plan_.helpers)) {}

  int run() {
    if (const auto prepared = prepare(); !prepared) {
      log_error("start-failed", {{"why", prepared.error()}});
      return 1;
    }
    while (!exit_status_) {
      if (!child_ && !stopping_ && read_clocks().steady >= start_at_) start_child();
      if (served() && !stopping_)
        helpers_.start_if_due(read_clocks().steady, [this](const Message& m) { send(m); });
      wait_for_something();
      if (child_ && !stopping_ && material_watch_.changed()) send_material();
      if (child_ && read_clocks().steady >= child_deadline()) kill_child();
    }
    return *exit_status_;
  }

 private:
  struct Child {
    pid_t pid;
    MessageChannel channel;
  };

  Result<void> prepare() {
    server_.name = "server";
    server_.arguments = plan_.child_arguments;
    server_.file = TRY(open_own_program());
    if (!plan_.run_as.empty() && getuid() == 0) server_.identity = TRY(find_account(plan_.run_as));
    sigset_t watched;
    sigemptyset(&watched);
    for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGCHLD}) sigaddset(&watched, signal);
    sigprocmask(SIG_BLOCK, &watched, nullptr);
    signals_.reset(signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_.valid()) return system_error("watch for signals", errno);
    return {};
  }

  void start_child() {
    if (const auto started = start_server(); !started) {
      log_error("server-start-failed", {{"why", started.error()}});
      start_at_ = read_clocks().steady + policy_.on_ended(read_clocks().steady);
      if (!was_ever_ready_) exit_status_ = 1;
    }
  }

  Result<void> start_server() {
    auto [near, far] = TRY(MessageChannel::create_pair());
    const pid_t pid = TRY(start(server_, {far.get()}));
    far.reset();
    fcntl(near.descriptor(), F_SETFL, O_NONBLOCK);
    child_.emplace(Child{pid, std::move(near)});
    policy_.on_started(read_clocks().steady);
    log_info("server-started", {{"pid", int64_t{pid}}});
    for (const auto& socket : plan_.sockets) send_copy(socket);
    send_material();
    return {};
  }

  void send_copy(const NamedDescriptor& named) {
    UniqueFd copy(fcntl(named.descriptor.get(), F_DUPFD_CLOEXEC, 0));
    send(Message{MessageType::Descriptor, named.name, std::move(copy)});
  }

  void send_material() {
    auto material = plan_.open_material();
    if (!material) {
      log_error("keys-unreadable", {{"why", material.error()}});
      send(Message{
          MessageType::Refused, material.error().message().substr(0, kMostMessageText), {}});
      return;
    }
    for (auto& named : *material)
      send(Message{MessageType::Descriptor, named.name, std::move(named.descriptor)});
    send(Message{MessageType::Start, "", {}});
  }

  // A child that does not take its messages is hung, and its deadline ends it.
  void send(const Message& message) {
    if (!child_) return;
    pollfd writable{child_->channel.descriptor(), POLLOUT, 0};
    poll(&writable, 1, 5000);
    if (const auto sent = child_->channel.send(message); !sent)
      log_warning("server-unreachable", {{"why", sent.error()}});
  }

  void wait_for_something() {
    const auto now = read_clocks().steady;
    auto until = now + kWatchPeriod;
    if (child_)
      until = std::min(until, child_deadline());
    else if (!stopping_)
      until = std::min(until, start_at_);
    if (const auto due = helpers_.due(); due && served()) until = std::min(until, *due);
    const auto wait =
        std::chrono::ceil<milliseconds>(std::max(until - now, SteadyTime::duration::zero()));
    pollfd watched[2] = {{signals_.get(), POLLIN, 0},
                         {child_ ? child_->channel.descriptor() : -1, POLLIN, 0}};
    if (poll(watched, 2, int(wait.count())) < 0) return;
    if ((watched[1].revents & (POLLIN | POLLHUP)) != 0) read_child();
    if ((watched[0].revents & POLLIN) != 0) read_signals();
  }

  [[nodiscard]] SteadyTime child_deadline() const {
    return stopping_ ? stop_by_ : policy_.deadline();
  }

  void read_signals() {
    signalfd_siginfo info;
    while (::read(signals_.get(), &info, sizeof info) == ssize_t{sizeof info}) {
      switch (info.ssi_signo) {
        case SIGHUP:
          send(Message{MessageType::Reload, "", {}});
          break;
        case SIGCHLD:
          reap();
          break;
        default:
          stop();
          break;
      }
    }
  }

  void read_child() {
    while (child_) {
      bool would_block = false;
      auto message = child_->channel.receive(&would_block);
      if (would_block) return;
      if (!message) {
        log_error("server-misbehaved", {{"why", message.error()}});
        return kill_child();
      }
      if (!*message) {  // closed: it has ended or is about to, and SIGCHLD tells the rest
        UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
        child_->channel = MessageChannel(std::move(null));
        waitpid_blocking();
        return;
      }
      handle(**message);
    }
  }

  void handle(const Message& message) {
    const auto now = read_clocks().steady;
    switch (message.type) {
      case MessageType::Ready:
        policy_.on_ready(now);
        was_ever_ready_ = true;
        serves_ = true;
        notify_service_manager("READY=1");
        return;
      case MessageType::Alive:
        policy_.on_life(now);
        if (watched_) notify_service_manager("WATCHDOG=1");
        return;
      case MessageType::RequestMaterial:
        send_material();
        return;
      case MessageType::HelperReady:
        return helpers_.on_ready(message.text, now);
      case MessageType::HelperSilent:
        return helpers_.on_silent(message.text, now);
      case MessageType::Status:
        notify_service_manager("STATUS=" + message.text);
        return;
      case MessageType::Failed:
        // It has said on stderr what is wrong. Once it has run, the cause may pass: try again.
        if (!was_ever_ready_) stop_status_ = 1;
        if (!was_ever_ready_) stop();
        return;
      default:
        log_error("server-misbehaved", {{"why", "it sent a message that only we send"}});
        kill_child();
    }
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    stop_by_ = read_clocks().steady + kStopPatience;
    notify_service_manager("STOPPING=1");
    if (child_)
      send(Message{MessageType::Stop, "", {}});
    else
      exit_status_ = stop_status_;
  }

  void kill_child() {
    if (!child_) return;
    log_error("server-killed",
              {{"pid", int64_t{child_->pid}}, {"why", "it did not answer in time"}});
    kill(child_->pid, SIGKILL);
    waitpid_blocking();
  }

  void waitpid_blocking() {
    int status = 0;
    // Its end of the channel is gone or it was killed: it ends at once, or is ended.
    if (waitpid(child_->pid, &status, WNOHANG) == 0) {
      kill(child_->pid, SIGKILL);
      waitpid(child_->pid, &status, 0);
    }
    ended(status);
  }

  void reap() {
    int status = 0;
    if (child_ && waitpid(child_->pid, &status, WNOHANG) == child_->pid) ended(status);
    helpers_.reap(read_clocks().steady);
  }

  // Helpers speak to a server that has taken its start.
  [[nodiscard]] bool served() const { return child_.has_value() && serves_; }

  void ended(int status) {
    const auto now = read_clocks().steady;
    child_.reset();
    serves_ = false;
    helpers_.end_all(now);  // their channels led to it
    if (stopping_) {
      exit_status_ = stop_status_;
      return;
    }
    const auto delay = policy_.on_ended(now);
    start_at_ = now + delay;
    log_warning("server-ended",
                {{"how", how_it_ended(status)}, {"restart_in", format_duration(delay)}});
    if (!was_ever_ready_) exit_status_ = 1;  // the first start must work: nobody would read the log
  }

  SupervisorPlan plan_;
  http::FileWatch material_watch_;
  ChildProgram server_;
  bool watched_ = watchdog_period().has_value();
  UniqueFd signals_;
  std::optional<Child> child_;
  ChildPolicy policy_;
  HelperGroup helpers_;
  bool serves_ = false;  // the server has said that it is ready
  SteadyTime start_at_{};
  SteadyTime stop_by_{};
  bool stopping_ = false;
  bool was_ever_ready_ = false;
  int stop_status_ = 0;
  std::optional<int> exit_status_;
};

}  // namespace

int supervise(SupervisorPlan plan) {
  return Supervisor(std::move(plan)).run();
}

}  // namespace stormdoor::edge
