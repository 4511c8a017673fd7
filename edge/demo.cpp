#include "edge/demo.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "bench/storm/storm.hpp"
#include "edge/control_client.hpp"
#include "edge/demo_daemon.hpp"
#include "edge/demo_hotdesk.hpp"

namespace stormdoor::edge {
namespace {

// The phones arrive over this time: long enough to be watched.
constexpr milliseconds kArrival{3000};
constexpr milliseconds kRefresh{100};
constexpr size_t kWidth = 100;
constexpr size_t kBlockedColumn = 17;

Result<void> import_office(const DemoOffice& office, const SampleOffice& sample) {
  const std::pair<const char*, const std::string*> files[] = {
      {"location", &sample.locations}, {"user", &sample.users}, {"phone", &sample.phones}};
  for (const auto& [subject, csv] : files) {
    ControlRequest request;
    request.command = fmt::format("{}.import", subject);
    request.arguments = {{"csv", *csv}, {"file", fmt::format("{}s.csv", subject)}};
    TRY_WHILE("import the sample office", office.call(request));
  }
  return {};
}

// One line that is written over and over; nothing where nobody watches.
class Progress {
 public:
  void show(const storm::StormReport& report) {
    if (!watched_) return;
    std::cerr << "\r\x1b[K" << storm::progress_line(report, {.colour = false, .width = 79})
              << std::flush;
  }
  ~Progress() {
    if (watched_) std::cerr << "\r\x1b[K" << std::flush;
  }
  Progress() = default;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  bool watched_ = isatty(STDERR_FILENO) == 1;
};

void wait_for_the_end(DemoDaemon& daemon) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&signals, number);
  // SIGCHLD: the daemon has ended by itself.
  do {
    int number = 0;
    sigwait(&signals, &number);
    if (number != SIGCHLD) return;
  } while (daemon.running());
}

// So that an interrupt ends the demo in order: sigwait() takes them, later.
void hold_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::string how_to_talk_to(const DemoDaemon& daemon, const DemoOffice& office) {
  return fmt::format(
      "\nThe office stays open until Ctrl-C:\n"
      "  https://{} in a browser (its certificate is of an authority made just now)\n"
      "    sign in as {}, with the password {}\n"
      "  export STORMDOOR_SOCKET={}\n"
      "  build/bin/stormdoor status\n"
      "  build/bin/stormdoor phone list\n"
      "  build/bin/stormdoor desk list\n"
      "  build/bin/stormdoor why 127.66.0.1\n"
      "  curl --cacert {} https://127.0.0.1:{}/000fd35a0001.cfg\n",
      office.portal.to_string(), office.administrator, office.password, daemon.control_socket(),
      daemon.authority_file(), office.target.https->port);
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    const size_t space = text.rfind(' ', width);
    const size_t cut = space == std::string_view::npos || space == 0 ? width : space;
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(text[cut] == ' ' ? cut + 1 : cut);
  }
  lines.emplace_back(text);
  return lines;
}

bool went_well(const storm::StormReport& report) {
  const storm::ReportRow all = report.total();
  return all.phones != 0 && all.served == all.phones &&
         std::ranges::all_of(report.attacks, [](const storm::ReportAttack& attack) {
           return attack.result.blocked && attack.result.harvested == 0;
         });
}

Result<Booted> boot_office(const DemoOffice& office, const SampleOffice& sample) {
  TRY(import_office(office, sample));
  const auto loop = TRY(loop::EventLoop::create());
  storm::StormLoop shared(*loop);
  storm::StormPlan plan;
  plan.target = office.target;
  plan.phones = TRY(plan_phones(sample));
  plan.attacks = TRY(plan_attacks(sample));
  plan.arrival = kArrival;
  storm::allow_descriptors(4 * plan.phones.size() + 100);
  storm::Storm storm(shared, std::move(plan));
  Progress progress;
  bool done = false;
  storm.begin([&] { done = true; });
  SteadyTime shown{};
  while (!done) {
    loop->run_once(kRefresh);
    if (const SteadyTime now = shared.now().steady; now - shown >= kRefresh) {
      shown = now;
      progress.show(storm.report());
    }
  }
  return Booted{storm.report(), storm.phones_after()};
}

Result<std::string> blocked_text(const DemoOffice& office) {
  ControlRequest request;
  request.command = "blocks.list";
  const ControlResponse answer = TRY(office.call(request));
  if (answer.data.empty()) return "Nobody is blocked.\n";
  std::string text = fmt::format("{:<{}}{}\n", "blocked", kBlockedColumn, "why");
  for (const auto& block : answer.data) {
    std::string left = block.value("source", "");
    for (const std::string& line :
         wrapped(block.value("service", "") + ": " + block.value("reason", ""),
                 kWidth - kBlockedColumn)) {
      text += fmt::format("{:<{}}{}\n", left, kBlockedColumn, line);
      left.clear();
    }
  }
  return text;
}

Result<int> run_demo(const DemoOptions& options) {
  hold_signals();
  const SampleOffice sample = TRY(read_sample(options.sample_folder));
  std::cerr << "Starting stormdoord; its first start makes its keys.\n";
  const auto daemon = TRY(DemoDaemon::start(options));
  const DemoOffice& office = daemon->office();
  const Booted booted = TRY(boot_office(office, sample));
  const storm::StormReport& report = booted.report;
  const bool colour = isatty(STDOUT_FILENO) == 1;
  std::cout << (options.json ? storm::report_json(report) + "\n"
                             : storm::report_text(report, {.colour = colour, .width = kWidth}));
  if (!options.json)
    std::cout << '\n'
              << TRY(blocked_text(office))
              << "What shows over TFTP alone never blocks an address: it only slows TFTP for it.\n";
  std::cout << std::flush;
  const HotDeskStory story = TRY(convert_office(office, sample, booted.phones));
  if (!options.json) std::cout << '\n' << story_text(story);
  if (!options.once) {
    std::cout << how_to_talk_to(*daemon, office) << std::flush;
    wait_for_the_end(*daemon);
  }
  std::cout << std::flush;
  return went_well(report) && story.went_well() ? 0 : 1;
}

}  // namespace stormdoor::edge
