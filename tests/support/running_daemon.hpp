#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::test {

// The real stormdoord on loopback with ports that the kernel chose, in a directory of its own.
// Ready when it says so to its service manager, which is us.
class RunningDaemon {
 public:
  struct Options {
    std::string extra_config = {};  // TOML appended to the configuration
    std::string top_config = {};    // and what has to stand above all tables
    std::string address = "127.0.0.1";
    uint16_t https_port = 0;               // 0: the kernel chooses, at each start
    uint16_t tftp_port = 0;                // the same
    std::vector<std::string> within = {};  // words before the daemon's command: where it runs
  };
  static Result<std::unique_ptr<RunningDaemon>> start(const std::string& programs,
                                                      const std::string& profiles,
                                                      const Options& options);
  static Result<std::unique_ptr<RunningDaemon>> start(const std::string& programs,
                                                      const std::string& profiles) {
    return start(programs, profiles, Options{});
  }

  // Starts it again on the same directory after it ended; waits until it is ready.
  Result<void> start_again();
  // Waits for a notification that contains `text`, at most half a minute.
  Result<void> wait_for_notification(const std::string& text);

  // `stormdoor ARGUMENTS...` against this daemon.
  Finished shell(std::vector<std::string> arguments, const std::string& input = {}) const;
  // The same with --json; null when it did not answer in JSON.
  nlohmann::json shell_json(std::vector<std::string> arguments,
                            const std::string& input = {}) const;

  // Where it listens: "tftp", "http", "https", "status".
  [[nodiscard]] Endpoint listener(const std::string& name) const;
  // The process that serves (the parent's child).
  [[nodiscard]] pid_t server_pid() const;

  [[nodiscard]] ChildProcess& process() { return process_; }
  [[nodiscard]] const TempDir& directory() const { return directory_; }
  [[nodiscard]] std::string config_file() const { return directory_.file("stormdoor.toml"); }
  [[nodiscard]] std::string socket() const { return directory_.file("run/control.sock"); }
  [[nodiscard]] std::string log() const;
  void write_config(const std::string& extra) const;

 private:
  RunningDaemon(std::string programs, std::string profiles, Options options);
  Result<void> listen_for_notifications();
  void open_to_the_server() const;

  std::string programs_;
  std::string profiles_;
  Options options_;
  TempDir directory_;
  UniqueFd notifications_;
  ChildProcess process_;
};

}  // namespace stormdoor::test
