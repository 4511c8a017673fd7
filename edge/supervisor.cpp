#include "edge/supervisor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "edge/child_policy.hpp"
#include "edge/messages.hpp"
#include "edge/privileges.hpp"
#include "edge/service_manager.hpp"
#include "tftp-http/certificate_files.hpp"

namespace stormdoor::edge {
namespace {

constexpr int kChannelDescriptor = 3;
constexpr milliseconds kStopPatience{10'000};
constexpr milliseconds kWatchPeriod{5'000};

// In the forked child: only what is safe there, then exec.
[[noreturn]] void exec_server(const std::vector<std::string>& arguments,
                              const std::optional<Identity>& identity, int program, int channel) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (channel == kChannelDescriptor)
    fcntl(channel, F_SETFD, 0);
  else
    dup2(channel, kChannelDescriptor);
  if (identity) {
    if (const auto became = become(*identity); !became) {
      std::fprintf(stderr, "stormdoord: %s\n", became.error().message().c_str());
      _exit(70);
    }
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // without its parent nobody would restart it or hold its ports
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // By descriptor: the new user may not be allowed on the way to the program's file.
  fexecve(program, argv.data(), environ);
  std::perror("stormdoord: exec");
  _exit(70);
}

class Supervisor {
 public:
  explicit Supervisor(SupervisorPlan plan)
      : plan_(std::move(plan)), material_watch_(plan_.material_files) {}

  int run() {
    if (const auto prepared = prepare(); !prepared) {
      log_error("start-failed", {{"why", prepared.error()}});
      return 1;
    }
    while (!exit_status_) {
      if (!child_ && !stopping_ && read_clocks().steady >= start_at_) start_child();
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
    if (!plan_.run_as.empty() && getuid() == 0) identity_ = TRY(find_account(plan_.run_as));
    sigset_t watched;
    sigemptyset(&watched);
    for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGCHLD}) sigaddset(&watched, signal);
    sigprocmask(SIG_BLOCK, &watched, nullptr);
    signals_.reset(signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_.valid()) return system_error("watch for signals", errno);
    program_.reset(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    if (!program_.valid()) return system_error("open our own program", errno);
    return {};
  }

  void start_child() {
    if (const auto started = fork_child(); !started) {
      log_error("server-start-failed", {{"why", started.error()}});
      start_at_ = read_clocks().steady + policy_.on_ended(read_clocks().steady);
      if (!was_ever_ready_) exit_status_ = 1;
    }
  }

  Result<void> fork_child() {
    auto [near, far] = TRY(MessageChannel::create_pair());
    const pid_t pid = fork();
    if (pid < 0) return system_error("fork the server", errno);
    if (pid == 0) exec_server(plan_.child_arguments, identity_, program_.get(), far.get());
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
        notify_service_manager("READY=1");
        return;
      case MessageType::Alive:
        policy_.on_life(now);
        if (watched_) notify_service_manager("WATCHDOG=1");
        return;
      case MessageType::RequestMaterial:
        send_material();
        return;
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
  }

  void ended(int status) {
    const auto now = read_clocks().steady;
    child_.reset();
    if (stopping_) {
      exit_status_ = stop_status_;
      return;
    }
    const auto delay = policy_.on_ended(now);
    start_at_ = now + delay;
    log_warning("server-ended",
                {{"how", WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                                             : fmt::format("status {}", WEXITSTATUS(status))},
                 {"restart_in", format_duration(delay)}});
    if (!was_ever_ready_) exit_status_ = 1;  // the first start must work: nobody would read the log
  }

  SupervisorPlan plan_;
  http::FileWatch material_watch_;
  std::optional<Identity> identity_;
  bool watched_ = watchdog_period().has_value();
  UniqueFd signals_;
  UniqueFd program_;
  std::optional<Child> child_;
  ChildPolicy policy_;
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
