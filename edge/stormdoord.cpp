// The daemon's main: reads the configuration, opens what needs privileges, and supervises the
// server, which is this same program started again without them.

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include <CLI/CLI.hpp>

#include "edge/daemon.hpp"
#include "edge/helper_programs.hpp"
#include "edge/material.hpp"
#include "edge/supervisor.hpp"
#include "edge/unix_socket.hpp"

namespace stormdoor::edge {
namespace {

constexpr int kChannelDescriptor = 3;  // where the supervisor puts the server's end

void complain(const std::string& lines) {
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = std::min(lines.find('\n', begin), lines.size());
    std::cerr << "stormdoord: " << lines.substr(begin, end - begin) << '\n';
    begin = end + 1;
  }
}

// A server whose parent was killed needs a moment to notice.
constexpr milliseconds kPatienceWithTheLast{3'000};

int check(const std::string& file) {
  const auto config = load_config(file);
  if (!config) {
    complain(config.error().message());
    return 1;
  }
  for (const auto& warning : config->warnings)
    std::cerr << "stormdoord: warning: " << warning << '\n';
  std::cout << file << " is valid.\n";
  return 0;
}

Result<NamedDescriptor> open_control(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    const std::string folder = path.substr(0, slash);
    if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
      return system_error("make " + folder, errno);
  }
  // Who may give orders: the account that started us, and root.
  UniqueFd listener = TRY(listen_unix(path, 0600, kPatienceWithTheLast));
  return NamedDescriptor{DescriptorName{DescriptorRole::Control, 0}.to_string(),
                         std::move(listener)};
}

Result<SupervisorPlan> make_plan(const std::string& file) {
  const Config config = TRY(load_config(file));
  SupervisorPlan plan;
  plan.child_arguments = {"stormdoord", "--server", "--config", file};
  plan.run_as = config.startup.user;
  plan.helpers = TRY(helper_programs(config));
  // The control socket first: it is how a second daemon finds that it is one.
  plan.sockets.push_back(TRY(open_control(config.startup.control_socket)));
  TRY(prepare_state(config.startup));
  for (auto& listener : TRY(open_listeners(config.startup.listeners, config.startup.worker_count(),
                                           config.startup.tftp.request_queue_bytes)))
    plan.sockets.push_back(std::move(listener));
  plan.open_material = [file]() -> Result<std::vector<NamedDescriptor>> {
    return open_material(TRY(load_config(file)));
  };
  plan.material_files = material_files(config);
  return plan;
}

int run_parent(const std::string& file) {
  auto plan = make_plan(file);
  if (!plan) {
    complain(plan.error().message());
    return 1;
  }
  const std::string socket = load_config(file)->startup.control_socket;
  const int status = supervise(std::move(*plan));
  unlink(socket.c_str());
  return status;
}

}  // namespace
}  // namespace stormdoor::edge

int main(int argc, char** argv) {
  using namespace stormdoor;
  CLI::App app("stormdoord: provisions desk phones and guards their logins");
  std::string file = "/etc/stormdoor/stormdoor.toml";
  bool only_check = false;
  bool server = false;
  app.add_option("--config", file, "The configuration")->capture_default_str();
  app.add_flag("--check", only_check,
               "Reads the configuration, names every mistake, touches nothing else");
  app.add_flag("--server", server)->group("");  // how the parent starts its child
  app.set_version_flag("--version", std::string("stormdoord ") + STORMDOOR_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  if (only_check) return edge::check(file);
  if (!server) return edge::run_parent(file);
  return edge::run_server(file, edge::MessageChannel(UniqueFd(edge::kChannelDescriptor)));
}
