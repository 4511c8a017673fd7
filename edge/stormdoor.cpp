// The shell client: reads the command line, asks the daemon, shows the answer.
// Exit status: 0 done, 1 refused, 2 usage.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>

#include "edge/control_client.hpp"
#include "edge/demo.hpp"
#include "edge/shell.hpp"

namespace stormdoor::edge {
namespace {

std::string default_socket() {
  const char* named = std::getenv("STORMDOOR_SOCKET");
  return named != nullptr ? named : "/run/stormdoor/control.sock";
}

// A daemon of another version may answer in another form; the bytes are still worth showing.
std::string rendered(const nlohmann::json& data, const ShellCommand& command) {
  try {
    return command.render(data);
  } catch (const nlohmann::json::exception&) {
    return data.dump(2) + "\n";
  }
}

void show(const ControlResponse& response, const ShellCommand& command, bool json) {
  if (json) {
    nlohmann::json object{{"outcome", response.outcome == Outcome::Done ? "done" : "refused"},
                          {"message", response.message},
                          {"data", response.data}};
    std::cout << object.dump(command.follow ? -1 : 2) << std::endl;
    return;
  }
  if (response.outcome != Outcome::Done) {
    std::cerr << "stormdoor: " << response.message << '\n';
    return;
  }
  if (!response.message.empty()) std::cout << response.message << '\n';
  if (!response.data.is_null() && command.render) std::cout << rendered(response.data, command);
  std::cout << std::flush;
}

// The daemon runs as somebody who may not write where the administrator wants the copy: it hands
// over an open file, and we write the bytes.
Result<void> save(int from, const std::string& path) {
  const std::string partial = path + ".partial";
  const UniqueFd to(open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!to.valid()) return system_error("make " + partial, errno);
  char buffer[65536];
  for (;;) {
    const ssize_t got = read(from, buffer, sizeof buffer);
    if (got < 0) return system_error("read the backup", errno);
    if (got == 0) break;
    for (ssize_t written = 0; written < got;) {
      const ssize_t n = write(to.get(), buffer + written, size_t(got - written));
      if (n < 0) {
        const int failure = errno;
        unlink(partial.c_str());
        return system_error("write " + partial, failure);
      }
      written += n;
    }
  }
  if (fsync(to.get()) != 0) return system_error("sync " + partial, errno);
  // link() and not rename(): it never replaces a file that is there.
  if (link(partial.c_str(), path.c_str()) != 0) {
    const int failure = errno;
    unlink(partial.c_str());
    return system_error("make " + path, failure);
  }
  unlink(partial.c_str());
  return {};
}

Result<int> run(const ShellCommand& command, const std::string& socket, bool json) {
  if (!command.backup_file.empty() && access(command.backup_file.c_str(), F_OK) == 0)
    return Error(ErrorCode::AlreadyExists,
                 command.backup_file + " exists already; a backup replaces nothing");
  if (command.local) {
    const ControlResponse response = TRY(command.local(command.request.arguments));
    show(response, command, json);
    return static_cast<int>(response.outcome);
  }
  ControlClient client = TRY(ControlClient::connect(socket));
  Outcome outcome = Outcome::Done;
  if (command.follow) {
    TRY(client.follow(command.request, [&](const ControlResponse& response) {
      outcome = response.outcome;
      show(response, command, json);
      return true;
    }));
    return static_cast<int>(outcome);
  }
  UniqueFd attached;
  const ControlResponse response = TRY(client.call(command.request, &attached));
  if (response.outcome == Outcome::Done && attached.valid() && !command.backup_file.empty())
    TRY(save(attached.get(), command.backup_file));
  show(response, command, json);
  return static_cast<int>(response.outcome);
}

}  // namespace
}  // namespace stormdoor::edge

int main(int argc, char** argv) {
  using namespace stormdoor::edge;
  CLI::App app(
      "stormdoor: the shell of stormdoord, which provisions desk phones and guards their logins");
  app.require_subcommand(1);
  app.fallthrough();
  std::string socket = default_socket();
  bool json = false;
  app.add_option("--socket", socket, "The daemon's control socket (or STORMDOOR_SOCKET)")
      ->capture_default_str();
  app.add_flag("--json", json, "Answers as JSON");
  app.set_version_flag("--version", std::string("stormdoor ") + STORMDOOR_VERSION);

  Shell shell(app);
  add_daemon_commands(shell);
  add_location_commands(shell);
  add_user_commands(shell);
  add_phone_commands(shell);
  add_guard_commands(shell);
  add_acl_commands(shell);
  add_hotdesk_commands(shell);
  add_desk_commands(shell);
  add_lease_commands(shell);
  add_admin_commands(shell);
  DemoOptions demo = default_demo_options();
  CLI::App* demo_command = app.add_subcommand(
      "demo", "Starts a sample office on loopback and lets its phones boot while attackers try");
  demo_command->add_flag("--once", demo.once,
                         "Stop at the end instead of leaving the daemon running");
  demo_command->footer("Example:\n  stormdoor demo --once");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : static_cast<int>(Outcome::Usage);
  }
  demo.json = json;
  const auto result = demo_command->parsed() ? run_demo(demo) : run(*shell.chosen(), socket, json);
  if (!result) {
    std::cerr << "stormdoor: " << result.error().message() << '\n';
    return static_cast<int>(Outcome::Refused);
  }
  return *result;
}
