#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "edge/control_protocol.hpp"

namespace stormdoor::edge {

// Turns an answer's data into what people read. Gets data that is not null.
using Renderer = std::function<std::string(const nlohmann::json& data)>;

// One subcommand while the command line is read: its options fill the request.
struct ShellCommand {
  ControlRequest request;
  Renderer render;
  bool follow = false;      // many answers
  std::string backup_file;  // where an attached descriptor's content goes
  // Answers from `request.arguments` without asking the daemon, which may not even run.
  std::function<Result<ControlResponse>(const nlohmann::json& arguments)> local;
};

// The command line of `stormdoor`: which subcommands exist, what they ask the daemon and how the
// answer is shown. Filled by add_*_commands, one per subject.
class Shell {
 public:
  explicit Shell(CLI::App& app) : app_(app) {}

  // A subcommand that asks the daemon for `command`. `example` is shown by --help.
  struct Added {
    CLI::App& app;
    std::shared_ptr<ShellCommand> command;

    // --name VALUE -> arguments[key], text as given.
    Added& text(const std::string& flags, const std::string& key, const std::string& help,
                bool required = false);
    Added& texts(const std::string& flags, const std::string& key, const std::string& help,
                 bool required = false);
    Added& number(const std::string& flags, const std::string& key, const std::string& help);
    Added& flag(const std::string& flags, const std::string& key, const std::string& help);
    // --var name=value (repeatable) -> arguments[key][name]; "name=" removes it.
    Added& pairs(const std::string& flags, const std::string& key, const std::string& help);
    // Asks on the terminal without echo, or reads one line of standard input. Never an argument:
    // other users of the machine can read those.
    Added& hidden(const std::string& flag, const std::string& key, const std::string& prompt,
                  const std::string& help);
    // A file whose content is sent: arguments[key], and its name in arguments["file"].
    Added& file(const std::string& name, const std::string& key, const std::string& help,
                bool required = true);
    // Another such file, whose name is not sent.
    Added& further_file(const std::string& flag, const std::string& key, const std::string& help);
  };
  Added add(CLI::App& parent, const std::string& name, const std::string& command,
            const std::string& help, const std::string& example, Renderer render = {});

  void choose(std::shared_ptr<ShellCommand> command) { chosen_ = std::move(command); }
  // The subcommand that the command line named.
  [[nodiscard]] const std::shared_ptr<ShellCommand>& chosen() const { return chosen_; }
  [[nodiscard]] CLI::App& app() { return app_; }

 private:
  CLI::App& app_;
  std::shared_ptr<ShellCommand> chosen_;
};

void add_location_commands(Shell& shell);
void add_user_commands(Shell& shell);
void add_phone_commands(Shell& shell);
void add_guard_commands(Shell& shell);
void add_acl_commands(Shell& shell);
void add_hotdesk_commands(Shell& shell);
void add_desk_commands(Shell& shell);
void add_lease_commands(Shell& shell);
void add_daemon_commands(Shell& shell);
void add_admin_commands(Shell& shell);

// A file's content, "-": standard input. Throws what CLI11 makes a usage error of.
std::string read_file(const std::string& path);
// A line from the terminal without echo (asked twice, must agree), or from standard input.
Result<std::string> read_hidden(const std::string& prompt);

}  // namespace stormdoor::edge
