#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "bench/storm/storm_report.hpp"
#include "edge/control_protocol.hpp"
#include "edge/demo_plan.hpp"

namespace stormdoor::edge {

// A running office to demonstrate on.
struct DemoOffice {
  storm::Target target;
  Endpoint status;        // its API
  std::string api_token;  // and what opens that
  Endpoint portal;        // and who may sign in there as an administrator
  std::string administrator, password;
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

struct Booted {
  storm::StormReport report;
  std::vector<storm::PhoneSpec> phones;  // with the addresses that they will ask at from now on
};
// Imports the office, runs the storm, showing progress on stderr when that is a terminal.
Result<Booted> boot_office(const DemoOffice& office, const SampleOffice& sample);
// Who is blocked and why, as the daemon tells it.
Result<std::string> blocked_text(const DemoOffice& office);
// Lines of at most `width`, broken at spaces.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, size_t width);
// Whether the demo shows what it is to show.
[[nodiscard]] bool went_well(const storm::StormReport& report);

}  // namespace stormdoor::edge
