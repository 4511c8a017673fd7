#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/error.hpp"
#include "bench/storm/link_queue.hpp"
#include "bench/storm/storm_order.hpp"

namespace stormdoor::edge {

// `stormdoor storm`, as it was typed.
struct StormOptions {
  std::vector<std::string> targets;
  std::vector<std::string> phones = {"yealink:T46S=100"};
  std::string arrival = "power-cut";
  std::string sources;
  std::string first_mac;
  std::vector<std::string> ask;
  std::string firmware;
  std::string firmware_copy;
  uint32_t firmware_percent = 20;
  uint32_t attackers = 0;
  std::string attackers_from;
  std::string delay;
  std::string jitter;
  double loss_percent = 0;
  int server_process = 0;  // 0: nobody's
  std::string authority;
  uint32_t seed = 1;
  bool json = false;
  std::string json_file;
  std::string html_file;
  std::string title = "Boot storm";
  std::string command;  // how to repeat it, for the report
};

// The subcommand; what is typed goes into `options`, which outlives the parsing.
CLI::App* add_storm_command(CLI::App& app, StormOptions& options);

// Runs the storm, showing it on stderr where that is a terminal, prints the report and writes the
// files that were asked for. Ctrl-C ends it early, with the report so far. Returns the exit status:
// 0 if every phone was served, every attacker stopped and nothing harvested, else 1.
Result<int> run_storm(const StormOptions& options);

// ---- Parts, for tests ----

// What was typed, as far as that needs no target: every mistake is told in words.
[[nodiscard]] Result<storm::StormOrder> storm_order(const StormOptions& options);
// The line between phones and target; any() is false for none.
[[nodiscard]] Result<storm::LinkQuality> link_order(const StormOptions& options);
// The command line in words that a shell takes apart as they were.
[[nodiscard]] std::string quoted_command(int count, const char* const* words);

}  // namespace stormdoor::edge
