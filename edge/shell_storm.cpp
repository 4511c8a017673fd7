// The shell's command that lets a simulated office boot from any server.

#include "edge/shell_storm.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/text.hpp"
#include "bench/storm/process_cpu.hpp"
#include "bench/storm/slow_link.hpp"
#include "edge/demo.hpp"

namespace stormdoor::edge {
namespace {

using storm::StormReport;

constexpr milliseconds kRefresh{100};
constexpr size_t kWidth = 100;
constexpr size_t kOtherDescriptors = 100;  // beside the phones' own

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void on_interrupt(int) noexcept {
  interrupted = true;
}

void end_at_interrupt() {
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second one ends the program
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

// A few lines that are written over and over; nothing where nobody watches.
class LiveDisplay {
 public:
  LiveDisplay() = default;
  LiveDisplay(const LiveDisplay&) = delete;
  LiveDisplay& operator=(const LiveDisplay&) = delete;
  ~LiveDisplay() { erase(); }

  void show(const StormReport& report) {
    if (!watched_) return;
    erase();
    const std::string text = live_text(report, {.colour = true, .width = 99});
    lines_ = std::ranges::count(text, '\n');
    std::cerr << text << std::flush;
  }

 private:
  void erase() {
    if (lines_ != 0) std::cerr << fmt::format("\x1b[{}A\x1b[J", lines_) << std::flush;
    lines_ = 0;
  }
  bool watched_ = isatty(STDERR_FILENO) == 1;
  std::ptrdiff_t lines_ = 0;
};

Result<std::optional<IpPrefix>> parse_prefix(const std::string& text, const char* option) {
  if (text.empty()) return std::optional<IpPrefix>();
  return std::optional(TRY_WHILE(std::string("read ") + option, IpPrefix::parse(text)));
}

// Addresses that this machine has anyway: each phone gets one of its own.
bool on_loopback(const storm::Target& target) {
  return std::ranges::all_of(
      std::initializer_list{target.tftp, target.http, target.https}, [](const auto& server) {
        return !server || (server->address.is_v4() && server->address.is_loopback());
      });
}

Result<storm::ExpectedFile> firmware_of(const StormOptions& options) {
  storm::ExpectedFile file;
  file.path = options.firmware;
  if (options.firmware_copy.empty()) return file;
  std::ifstream in(options.firmware_copy, std::ios::binary);
  if (!in) return Error(ErrorCode::NotFound, "cannot read " + options.firmware_copy);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.empty())
    return Error(ErrorCode::InvalidArgument, options.firmware_copy + " is empty, no firmware");
  storm::Body body(true);
  body.add(std::as_bytes(std::span(text)));
  file.bytes = body.bytes();
  file.sha256 = body.sha256();
  return file;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (!out) return Error(ErrorCode::Unavailable, "cannot write " + path);
  return {};
}

// Before the storm: it would be a pity afterwards.
Result<void> check_writable(const std::string& path) {
  if (path.empty()) return {};
  std::error_code ignored;
  const bool was_there = std::filesystem::exists(path, ignored);
  if (!std::ofstream(path, std::ios::binary | std::ios::app))
    return Error(ErrorCode::Unavailable, "cannot write " + path);
  if (!was_there) std::filesystem::remove(path, ignored);
  return {};
}

// Addresses that are for measuring networks (RFC 2544, RFC 6815), unless others were asked for.
Result<std::unique_ptr<storm::SlowLink>> open_link(storm::StormOrder& order,
                                                   const storm::Target& target,
                                                   const storm::LinkQuality& quality) {
  for (const auto& server : {target.tftp, target.http, target.https})
    if (server && server->address.is_loopback())
      return Error(
          ErrorCode::InvalidArgument,
          fmt::format("a line with a delay or loss does not lead to loopback; name another "
                      "address of the target than {}",
                      server->address.to_string()));
  if (!order.sources) order.sources = *IpPrefix::parse("198.18.0.0/16");
  if (!order.attackers_from) order.attackers_from = *IpPrefix::parse("198.19.0.0/16");
  std::vector<IpPrefix> prefixes = {*order.sources};
  if (order.attackers > 0) prefixes.push_back(*order.attackers_from);
  return TRY_WHILE("lay the line", storm::SlowLink::open(prefixes, quality, order.seed));
}

StormReport run_plan(storm::StormLoop& shared, storm::StormPlan plan) {
  storm::Storm storm(shared, std::move(plan));
  LiveDisplay display;
  bool done = false;
  storm.begin([&] { done = true; });
  SteadyTime shown{};
  while (!done && !interrupted) {
    shared.loop().run_once(kRefresh);
    if (const SteadyTime now = shared.now().steady; now - shown >= kRefresh) {
      shown = now;
      display.show(storm.report());
    }
  }
  return storm.report();
}

Result<void> give_report(const StormReport& report, const StormOptions& options) {
  const bool colour = isatty(STDOUT_FILENO) == 1;
  std::cout << (options.json ? storm::report_json(report) + "\n"
                             : storm::report_text(report, {.colour = colour, .width = kWidth}))
            << std::flush;
  if (!options.json_file.empty())
    TRY(write_file(options.json_file, storm::report_json(report) + "\n"));
  if (options.html_file.empty()) return {};
  return write_file(options.html_file,
                    storm::report_html(report, {.title = options.title,
                                                .target = joined(options.targets),
                                                .when = format_time(read_clocks().wall),
                                                .command = options.command,
                                                .program = "stormdoor " STORMDOOR_VERSION}));
}

}  // namespace

CLI::App* add_storm_command(CLI::App& app, StormOptions& options) {
  CLI::App* storm = app.add_subcommand(
      "storm", "Lets simulated phones boot from any server, and reports who was served");
  storm
      ->add_option("target", options.targets,
                   "tftp://HOST, http://HOST/ and https://HOST/, one of each at most")
      ->required();
  storm
      ->add_option("--phones", options.phones,
                   "VENDOR:MODEL=NUMBER, several times for several models; as cisco:7945=50, or "
                   "yealink:T46@tftp=500 for one that can do more than TFTP")
      ->type_name("PHONES")
      ->allow_extra_args(false)
      ->capture_default_str();
  storm
      ->add_option("--arrival", options.arrival,
                   "at-once, evenly:30s, power-cut:30s (each model takes its own time to start) or "
                   "rolling:5m (one model after another)")
      ->type_name("CURVE")
      ->capture_default_str();
  storm
      ->add_option("--sources", options.sources,
                   "The phones' addresses, which this machine must have; default: for a target on "
                   "loopback 127.77.0.0/16, else this machine's own for all")
      ->type_name("PREFIX");
  storm
      ->add_option("--first-mac", options.first_mac,
                   "The phones' MACs in a row from here; default: in each vendor's own range")
      ->type_name("MAC");
  storm
      ->add_option(
          "--ask", options.ask,
          "Ask for this file instead of what the model asks for, several times for several; "
          "{mac}, {MAC}, {model} and {MODEL} are filled in")
      ->type_name("FILE")
      ->allow_extra_args(false);
  storm
      ->add_option("--firmware", options.firmware,
                   "A file that some phones fetch after their configuration")
      ->type_name("FILE");
  storm
      ->add_option("--firmware-percent", options.firmware_percent, "So many of a hundred phones do")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  storm
      ->add_option("--firmware-copy", options.firmware_copy,
                   "The same file here, to compare with every byte that arrives")
      ->type_name("FILE");
  storm
      ->add_option("--attackers", options.attackers,
                   "How many sweep MACs and guess passwords and tokens meanwhile")
      ->capture_default_str();
  storm
      ->add_option("--attackers-from", options.attackers_from,
                   "Their addresses; default as for the phones, 127.66.0.0/16")
      ->type_name("PREFIX");
  storm
      ->add_option("--delay", options.delay,
                   "The phones are behind a line that takes so long each way (root; in a network "
                   "namespace of their own, so the target may not be on loopback): 30ms")
      ->type_name("TIME");
  storm->add_option("--jitter", options.jitter, "... so much more or less: 5ms")->type_name("TIME");
  storm
      ->add_option("--loss", options.loss_percent,
                   "... and that loses so many of a hundred packets each way: 0.5")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0));
  storm
      ->add_option("--authority", options.authority,
                   "Who signs the target's certificate (PEM); default: any is believed")
      ->type_name("FILE");
  storm
      ->add_option("--server-process", options.server_process,
                   "The server's process, if it runs here: what it and those below it cost is told")
      ->type_name("PID")
      ->check(CLI::PositiveNumber);
  storm->add_option("--seed", options.seed, "The same number, the same storm")
      ->capture_default_str();
  storm->add_option("--html", options.html_file, "Write the report as a page with charts")
      ->type_name("FILE");
  storm->add_option("--json-file", options.json_file, "Write it as JSON (--json prints it)")
      ->type_name("FILE");
  storm->add_option("--title", options.title, "The page's title")->capture_default_str();
  storm->footer(
      "Example:\n  stormdoor storm tftp://127.0.0.1:6969 https://127.0.0.1:8443/ \\\n"
      "    --phones sangoma:D65=400 --phones cisco:7945=100 --html storm.html");
  return storm;
}

Result<storm::StormOrder> storm_order(const StormOptions& options) {
  storm::StormOrder order;
  for (const std::string& text : options.phones)
    order.phones.push_back(TRY(storm::parse_phone_order(text)));
  order.arrival = TRY(storm::parse_arrival_order(options.arrival));
  order.sources = TRY(parse_prefix(options.sources, "--sources"));
  order.attackers_from = TRY(parse_prefix(options.attackers_from, "--attackers-from"));
  if (!options.first_mac.empty())
    order.first_mac = TRY_WHILE("read --first-mac", MacAddress::parse_unicast(options.first_mac));
  order.ask = options.ask;
  if (options.firmware.empty() && !options.firmware_copy.empty())
    return Error(ErrorCode::InvalidArgument, "--firmware-copy needs --firmware, its name there");
  if (!options.firmware.empty()) order.firmware = TRY(firmware_of(options));
  order.firmware_percent = options.firmware_percent;
  order.attackers = options.attackers;
  order.seed = options.seed;
  return order;
}

Result<storm::LinkQuality> link_order(const StormOptions& options) {
  constexpr milliseconds kMost{60'000};
  storm::LinkQuality link;
  if (!options.delay.empty()) link.delay = TRY_WHILE("read --delay", parse_duration(options.delay));
  if (!options.jitter.empty())
    link.jitter = TRY_WHILE("read --jitter", parse_duration(options.jitter));
  if (link.delay > kMost || link.jitter > link.delay)
    return Error(ErrorCode::InvalidArgument,
                 "--delay is at most a minute, and --jitter at most --delay");
  link.loss = options.loss_percent / 100;
  return link;
}

std::string quoted_command(int count, const char* const* words) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+%";
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::string word = words[i];
    if (i != 0) text += ' ';
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      text += word;
      continue;
    }
    text += '\'';
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

Result<int> run_storm(const StormOptions& options) {
  storm::StormOrder order = TRY(storm_order(options));
  TRY(check_writable(options.json_file));
  TRY(check_writable(options.html_file));
  storm::Target target;
  for (const std::string& url : options.targets) TRY(storm::add_target(target, url));
  const auto tls = TRY(storm::TlsClient::create({.ca_file = options.authority}));
  target.tls = tls.get();
  const storm::LinkQuality quality = TRY(link_order(options));
  std::unique_ptr<storm::SlowLink> link;
  if (quality.any()) {
    link = TRY(open_link(order, target, quality));
  } else if (on_loopback(target)) {
    if (!order.sources) order.sources = *IpPrefix::parse("127.77.0.0/16");
    if (!order.attackers_from) order.attackers_from = *IpPrefix::parse("127.66.0.0/16");
  }
  storm::StormPlan plan = TRY(storm::make_plan(order, target));
  const size_t wanted = plan.phones.size() + plan.attacks.size() + kOtherDescriptors;
  if (const size_t allowed = storm::allow_descriptors(wanted); allowed < wanted) {
    plan.most_at_once = allowed > 2 * kOtherDescriptors ? allowed - kOtherDescriptors : allowed / 2;
    std::cerr << fmt::format(
        "stormdoor: only {} descriptors are allowed, so at most {} phones boot at once\n", allowed,
        plan.most_at_once);
  }
  end_at_interrupt();
  const auto loop = TRY(loop::EventLoop::create());
  storm::StormLoop shared(*loop);
  const bool measures = options.server_process != 0;
  std::chrono::microseconds before{0};
  if (measures) before = TRY(storm::cpu_time_below(options.server_process));
  StormReport report = run_plan(shared, std::move(plan));
  if (measures) {
    const auto after = storm::cpu_time_below(options.server_process);
    if (after) report.server_cpu = *after - before;
  }
  TRY(give_report(report, options));
  if (interrupted) std::cerr << "stormdoor: interrupted; phones that still booted are not in it\n";
  return went_well(report) && !interrupted ? 0 : 1;
}

}  // namespace stormdoor::edge
