#include "tests/support/running_daemon.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

namespace stormdoor::test {

RunningDaemon::RunningDaemon(std::string programs, std::string profiles, Options options)
    : programs_(std::move(programs)),
      profiles_(std::move(profiles)),
      options_(std::move(options)) {}

Result<std::unique_ptr<RunningDaemon>> RunningDaemon::start(const std::string& programs,
                                                            const std::string& profiles,
                                                            const Options& options) {
  std::unique_ptr<RunningDaemon> daemon(new RunningDaemon(programs, profiles, options));
  daemon->open_to_the_server();
  daemon->write_config(options.extra_config);
  TRY(daemon->listen_for_notifications());
  TRY(daemon->start_again());
  return daemon;
}

// Under root the server becomes nobody, which must be able to read what a server reads.
void RunningDaemon::open_to_the_server() const {
  namespace fs = std::filesystem;
  fs::permissions(directory_.path(), fs::perms(0755));
  fs::copy(profiles_, directory_.file("profiles"), fs::copy_options::recursive);
}

void RunningDaemon::write_config(const std::string& extra) const {
  directory_.write("stormdoor.toml",
                   fmt::format(R"({5}
[daemon]
state_directory = "{0}/state"
control_socket = "{0}/run/control.sock"
user = "{4}"
workers = 2
[tftp]
listen = ["{1}:{7}"]
[http]
listen = ["{1}:0"]
[https]
listen = ["{1}:{6}"]
[status]
listen = ["{1}:0"]
[provisioning]
profiles = "{2}"
files = "{0}/files"
{3}
)",
                               directory_.path(), options_.address, directory_.file("profiles"),
                               extra, getuid() == 0 ? "nobody" : "", options_.top_config,
                               options_.https_port, options_.tftp_port));
  std::filesystem::create_directories(directory_.file("files"));
}

Result<void> RunningDaemon::listen_for_notifications() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory_.file("notify");
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  notifications_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (bind(notifications_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return system_error("listen for notifications", errno);
  return {};
}

Result<void> RunningDaemon::start_again() {
  char waiting[1024];
  while (recv(notifications_.get(), waiting, sizeof waiting, MSG_DONTWAIT) > 0) continue;
  std::vector<std::string> command = options_.within;
  command.insert(command.end(), {programs_ + "/stormdoord", "--config", config_file()});
  process_ =
      ChildProcess(command, {{"NOTIFY_SOCKET", directory_.file("notify")}}, directory_.file("log"));
  return wait_for_notification("READY=1");
}

Result<void> RunningDaemon::wait_for_notification(const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    pollfd readable{notifications_.get(), POLLIN, 0};
    if (poll(&readable, 1, 200) <= 0) {
      if (process_.has_ended()) break;
      continue;
    }
    char buffer[1024];
    const ssize_t got = recv(notifications_.get(), buffer, sizeof buffer, 0);
    if (got > 0 && std::string_view(buffer, size_t(got)).find(text) != std::string_view::npos)
      return {};
  }
  return Error(ErrorCode::Timeout,
               fmt::format("no notification \"{}\"; the log says:\n{}", text, log()));
}

Finished RunningDaemon::shell(std::vector<std::string> arguments, const std::string& input) const {
  arguments.insert(arguments.begin(), {programs_ + "/stormdoor", "--socket", socket()});
  return run_program(arguments, input);
}

nlohmann::json RunningDaemon::shell_json(std::vector<std::string> arguments,
                                         const std::string& input) const {
  arguments.insert(arguments.begin(), "--json");
  return nlohmann::json::parse(shell(std::move(arguments), input).out, nullptr, false);
}

Endpoint RunningDaemon::listener(const std::string& name) const {
  const auto status = shell_json({"status"});
  for (const auto& listener : status["data"]["listeners"])
    if (listener["service"] == name)
      return *Endpoint::parse(listener["address"].get<std::string>());
  return {};
}

pid_t RunningDaemon::server_pid() const {
  return shell_json({"status"})["data"]["pid"].get<pid_t>();
}

std::string RunningDaemon::log() const {
  std::ifstream in(directory_.file("log"));
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

}  // namespace stormdoor::test
