#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "bench/storm/storm_report.hpp"
#include "edge/control_protocol.hpp"
#include "edge/demo_plan.hpp"

namespace stormdoor::edge {

// A running office to demonstrate on.
struct DemoOffice {
  storm::Target target;
  // One command as the shell would send it; an error if it is refused.
  std::function<Result<ControlResponse>(const ControlRequest&)> call;
};

struct DemoOptions {
  bool once = false;            // stop at the end instead of leaving the daemon running
  bool json = false;            // the report as JSON instead of the table
  std::string program;          // stormdoord
  std::string sample_folder;    // etc/sample
  std::string profiles_folder;  // etc/phones
};

// Options for the programs and files beside this executable: build/bin/stormdoord and the source
// tree's etc, else an installation's.
[[nodiscard]] DemoOptions default_demo_options();

// `stormdoor demo`: starts the daemon with the sample office on loopback, lets every phone boot
// while attackers try, and prints what happened. Returns the exit status: 0 if every phone was
// served, every attacker stopped and nothing harvested. Runs until the end of the demo; without
// `once` then until SIGINT or SIGTERM.
Result<int> run_demo(const DemoOptions& options);

// ---- Parts, for tests ----

// Imports the office, runs the storm, showing progress on stderr when that is a terminal.
Result<storm::StormReport> boot_office(const DemoOffice& office, const SampleOffice& sample);
// Who is blocked and why, as the daemon tells it.
Result<std::string> blocked_text(const DemoOffice& office);
// Whether the demo shows what it is to show.
[[nodiscard]] bool went_well(const storm::StormReport& report);

}  // namespace stormdoor::edge
