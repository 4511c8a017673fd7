// Runs every tests/stories/*.story against the real Guard on a clock of its own. README.md beside
// this file says how a story is written.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "acl/guard.hpp"
#include "base/text.hpp"

namespace stormdoor::acl {
namespace {

const Now kStart{SteadyTime(std::chrono::hours(1000)),
                 WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1))};

// The words of one line, taken from the left. What does not fit throws; the runner says where.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(trim(text)) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::string_view word() {
    if (rest_.empty()) throw std::runtime_error("the line ends too early");
    const auto end = std::min(rest_.find_first_of(" \t"), rest_.size());
    const std::string_view taken = rest_.substr(0, end);
    rest_ = trim(rest_.substr(end));
    return taken;
  }
  bool skip(std::string_view phrase) {
    if (!rest_.starts_with(phrase)) return false;
    if (rest_.size() > phrase.size() && rest_[phrase.size()] != ' ') return false;
    rest_ = trim(rest_.substr(phrase.size()));
    return true;
  }
  std::string_view quoted() {
    const auto end = rest_.find('"', 1);
    if (!rest_.starts_with('"') || end == std::string_view::npos)
      throw std::runtime_error("expected \"something\" at: " + std::string(rest_));
    const std::string_view taken = rest_.substr(1, end - 1);
    rest_ = trim(rest_.substr(end + 1));
    return taken;
  }
  template <typename T, typename Parse>
  T parsed(Parse&& parse) {
    const std::string_view text = word();
    auto value = parse(text);
    if (!value) throw std::runtime_error("cannot read \"" + std::string(text) + "\"");
    return *value;
  }
  IpAddress address() { return parsed<IpAddress>(IpAddress::parse); }
  IpPrefix prefix() { return parsed<IpPrefix>(IpPrefix::parse); }
  MacAddress mac() { return parsed<MacAddress>(MacAddress::parse); }
  Service service() { return parsed<Service>(parse_service); }
  // What comes up to the next blank, or nothing when the line is over.
  [[nodiscard]] bool next_is(char c) const { return rest_.starts_with(c); }
  [[nodiscard]] bool next_is_number() const {
    return !rest_.empty() && std::isdigit(rest_.front()) != 0;
  }
  int number() { return std::stoi(std::string(word())); }
  // "90s", "1h30m".
  milliseconds duration() {
    std::string spaced;
    const std::string_view text = word();
    for (size_t i = 0; i < text.size(); ++i) {
      const bool unit_ends = i > 0 && std::isdigit(text[i]) && !std::isdigit(text[i - 1]);
      spaced += (unit_ends ? " " : "") + std::string(1, text[i]);
    }
    if (spaced == "0s") return milliseconds{0};
    const auto value = parse_duration(spaced);
    if (!value) throw std::runtime_error(value.error().message());
    return *value;
  }
  void end() const {
    if (!rest_.empty()) throw std::runtime_error("do not understand: " + std::string(rest_));
  }

 private:
  std::string_view rest_;
};

class Story {
 public:
  void set_rules(const std::string& toml) {
    ConfigReader reader = ConfigReader::parse(toml, "rules");
    std::vector<std::string> warnings;
    const AclConfig config = read_acl_config(reader.root(), warnings);
    if (const auto finished = reader.finish(); !finished)
      throw std::runtime_error(finished.error().message());
    sizes_ = config.sizes;
    rules_ = RuleSet::from(config.rules);
    if (guard_)
      guard_->replace_rules(rules_);
    else
      guard_ = std::make_unique<Guard>(rules_, sizes_);
  }

  // Does what the line says and tells what came of it.
  std::string play(std::string_view line) {
    if (!guard_) set_rules("");
    Words words(line);
    const milliseconds time = words.duration();
    if (time < time_) throw std::runtime_error("time runs backwards");
    time_ = time;
    std::string outcome = words.skip("stormdoor restarts") ? restart()
                          : words.skip("stormdoor ticks")  ? tick()
                          : words.skip("administrator")    ? administrator(words)
                          : words.skip("phone")            ? phone(words)
                                                           : source(words);
    words.end();
    remember_blocks();
    return outcome;
  }

 private:
  // The steady clock begins anew with a restart.
  [[nodiscard]] Now now() const {
    return {kStart.steady + (time_ - started_), kStart.wall + time_};
  }

  std::string restart() {
    const auto leases = guard_->leases();
    const auto registrations = guard_->registrations(now());
    started_ = time_;
    guard_ = std::make_unique<Guard>(rules_, sizes_);
    guard_->restore(stored_, leases, registrations, now());
    return "";
  }

  // What a second of quiet brings: leases that are over.
  std::string tick() {
    guard_->tick(now());
    std::string outcome;
    for (const auto& lease : guard_->take_closed_leases(now()))
      outcome += (outcome.empty() ? "" : ", ") + lease.mac.to_string() + " is back";
    for (const auto& lease : guard_->take_expired_leases(now()))
      outcome += (outcome.empty() ? "" : ", ") + lease.mac.to_string() + " did not come back";
    return outcome.empty() ? "nothing" : outcome;
  }

  std::string phone(Words& words) {
    const MacAddress mac = words.mac();
    if (!words.skip("is seen at")) throw std::runtime_error("what does the phone do?");
    return lifted(guard_->phone_seen(mac, words.address(), now()));
  }

  static std::string lifted(const std::vector<store::BlockRecord>& blocks) {
    std::string outcome;
    for (const auto& block : blocks)
      outcome += (outcome.empty() ? "" : ", ") + block.source.to_string() +
                 (block.account.empty() ? "" : " " + block.account) + " is let in again";
    return outcome.empty() ? "done" : outcome;
  }

  // "00:0F:D3:00:00:01 with 2041,2042 budget 3 for 15m".
  std::string lease(Words& words) {
    store::LeaseRecord lease{.mac = words.mac(),
                             .accounts = {},
                             .opened = now().wall,
                             .deadline = now().wall + std::chrono::minutes(15),
                             .budget = 64,
                             .spent = 0,
                             .reason = "the assignment was removed",
                             .addresses = {}};
    if (words.skip("with")) {
      std::istringstream accounts{std::string(words.word())};
      for (std::string account; std::getline(accounts, account, ',');)
        lease.accounts.push_back(account);
    }
    if (words.skip("budget")) lease.budget = uint32_t(words.number());
    if (words.skip("for")) lease.deadline = now().wall + words.duration();
    const auto opened = guard_->open_lease(lease, now());
    return opened ? lifted(*opened) : opened.error().message();
  }

  std::string administrator(Words& words) {
    if (words.skip("opens lease for")) return lease(words);
    if (words.skip("closes lease of"))
      return guard_->close_lease(words.mac()) ? "done" : "no lease";
    const bool blocks = words.skip("blocks");
    if (!blocks && !words.skip("unblocks")) throw std::runtime_error("blocks or unblocks?");
    const IpPrefix prefix = words.prefix();
    const Service service = words.service();
    if (!blocks) return guard_->remove_block(prefix, service, now()) ? "done" : "was not blocked";
    const store::BlockRecord block{.source = prefix,
                                   .service = uint8_t(service),
                                   .since = now().wall,
                                   .until = WallTime::max(),
                                   .repeats = 0,
                                   .reason = "by hand",
                                   .by_administrator = true};
    const auto added = guard_->add_block(block, now());
    if (!added) return added.error().message();
    stored_.push_back(block);
    return "done";
  }

  std::string source(Words& words) {
    const IpAddress address = words.address();
    if (words.skip("asks for")) return ask(address, words);
    if (words.skip("succeeds with")) {
      guard_->report_success(address, words.service(), {}, now());
      return "";
    }
    if (words.skip("fetches as")) {
      guard_->report_success(address, Service::Provisioning, words.mac(), now(),
                             DeviceProof::Token);
      return "";
    }
    if (words.skip("registers")) return registers(address, words);
    if (words.skip("unregisters")) {
      guard_->report_unregistered(flow(address, words), now());
      return "";
    }
    if (words.skip("passes")) {
      const auto flows = guard_->enforcement(now()).healthy;
      const Flow wanted = flow(address, words);
      return std::any_of(flows.begin(), flows.end(),
                         [&](const Registration& one) { return one.flow == wanted; })
                 ? "yes"
                 : "no";
    }
    if (words.skip("excused")) return guard_->excused(address, now()) ? "yes" : "no";
    if (words.skip("probes")) return probe(address, words);
    if (words.skip("why")) return explain(address, words);
    if (words.skip("floods")) return flood(address, words);
    return fail(address, words);
  }

  static Flow flow(const IpAddress& address, Words& words) {
    Flow flow{.address = address, .port = 5060, .tcp = false};
    if (words.skip("port")) flow.port = uint16_t(words.number());
    flow.tcp = words.skip("tcp");
    return flow;
  }

  // "301 as 00:0F:D3:00:00:01 port 5061, fresh".
  std::string registers(const IpAddress& address, Words& words) {
    Registration registration;
    registration.account = words.word();
    if (words.skip("as")) registration.device = words.mac();
    const bool fresh = words.skip("fresh");
    registration.flow = flow(address, words);
    registration.expires = now().wall + std::chrono::hours(1);
    guard_->report_registered(registration, fresh, now());
    return "";
  }

  std::string probe(const IpAddress& address, Words& words) {
    const int count = words.number();
    if (!words.skip("times")) throw std::runtime_error("probes how often?");
    std::string outcome = "not metered";
    for (int i = 0; i < count; ++i)
      if (const auto meter = guard_->report_probe(address, now()).meter)
        outcome = "metered for " + format_duration(meter->until - now().wall);
    return outcome;
  }

  std::string ask(const IpAddress& address, Words& words) {
    const bool tftp = words.skip("tftp");
    const Service service = tftp ? Service::Provisioning : words.service();
    const std::string account(words.skip("as") ? words.word() : std::string_view());
    const Admission admission = guard_->admit(
        address, service, now(), tftp ? PathProof::None : PathProof::Connected, account);
    switch (admission.decision) {
      case Decision::Admit:
        return "admitted";
      case Decision::OnlyProven:
        return "only with proof" + duration(admission.retry_after);
      case Decision::NotAllowed:
        return "not allowed";
      case Decision::Blocked:
        return "blocked" + duration(admission.retry_after);
      case Decision::Throttled:
        return "throttled" + duration(admission.retry_after);
    }
    return "";
  }

  static std::string duration(milliseconds time) {
    return time == milliseconds::max() ? " until removed" : " for " + format_duration(time);
  }

  std::string explain(const IpAddress& address, Words& words) {
    const std::string_view wanted = words.quoted();
    std::string all;
    for (const std::string& line : guard_->why(address, now())) all += line + "\n";
    return all.find(wanted) == std::string::npos ? "says only:\n" + all : "is said";
  }

  std::string fail(const IpAddress& address, Words& words) {
    Failure failure;
    failure.source = address;
    failure.proof = PathProof::Connected;
    int phones = 1;
    if (words.skip("wrong password for")) {
      failure.service = words.service();
    } else if (words.skip("wrong token")) {
      failure.kind = FailureKind::WrongToken;
    } else if (words.skip("wrong pin")) {
      failure.service = Service::DeskLogin;
      failure.kind = FailureKind::WrongPin;
      if (words.skip("for")) failure.account = words.word();
    } else if (words.skip("refused registration")) {
      failure.service = Service::Sip;
      failure.kind = FailureKind::SipRefused;
      failure.proof = PathProof::Acknowledged;
      registration(failure, words);
    } else if (words.skip("file of unknown phone")) {
      failure.kind = FailureKind::UnknownMac;
      failure.device = words.mac();
    } else if (words.skip("file of foreign phone")) {
      failure.kind = FailureKind::ForeignFile;
      failure.device = words.mac();
    } else if (words.skip("file on the wire of another, of")) {
      failure.kind = FailureKind::WireMismatch;
      failure.device = words.mac();
    } else if (words.skip("files of")) {
      phones = words.number();
      failure.kind = FailureKind::UnknownMac;
      if (!words.skip("unknown phones")) throw std::runtime_error("of which phones?");
    } else {
      throw std::runtime_error("unknown event");
    }
    if (words.next_is('"')) failure.fingerprint = fingerprint_of(std::string(words.quoted()));
    if (words.skip("over tftp") || words.skip("over udp, unproven"))
      failure.proof = PathProof::None;

    int times = phones;
    if (words.next_is_number()) {
      times = words.number();
      if (!words.skip("times")) throw std::runtime_error("a number of what?");
    }
    std::string outcome;
    for (int i = 0; i < times; ++i) {
      if (phones > 1) {
        const int number = swept_++;
        failure.device = MacAddress(
            {0, 0x0f, 0xd3, uint8_t(number >> 16), uint8_t(number >> 8), uint8_t(number)});
      }
      outcome = outcome_of(guard_->report_failure(failure, now()));
    }
    return outcome;
  }

  // "of 2041 at port 5062, stale of 00:0F:D3:00:00:01"; a digest compares with nothing, so that
  // nothing in quotes needs to follow.
  static void registration(Failure& failure, Words& words) {
    if (words.skip("of")) failure.account = words.word();
    if (words.skip("at port")) failure.port = uint16_t(words.number());
    if (words.skip("by")) failure.device = words.mac();
    if (words.skip("on the wire")) failure.device_proof = DeviceProof::Wire;
    if (words.skip("with its right password")) failure.standing = Standing::Current;
    if (words.skip("with another's old password")) failure.standing = Standing::StaleElsewhere;
    if (words.skip("with its old password")) {
      failure.standing = Standing::Stale;
      failure.device_proof = DeviceProof::Digest;
    }
  }

  // `count` sources from here on, one mistake each.
  std::string flood(const IpAddress& first, Words& words) {
    if (!words.skip("from")) throw std::runtime_error("floods from how many sources?");
    const int count = words.number();
    if (!words.skip("sources with")) throw std::runtime_error("floods with which service?");
    const Service service = words.service();
    auto bytes = first.bytes();
    for (int i = 0; i < count; ++i) {
      // IPv4: the address is counted on; IPv6: its /64.
      const size_t last = first.is_v4() ? 15 : 7;
      bytes[last] = uint8_t(first.bytes()[last] + i);
      bytes[last - 1] = uint8_t(first.bytes()[last - 1] + (i >> 8));
      guard_->report_failure({.service = service,
                              .kind = FailureKind::WrongPassword,
                              .source = IpAddress::v6(bytes),
                              .proof = PathProof::Connected,
                              .device = {},
                              .account = "",
                              .fingerprint = uint64_t(i) + 1},
                             now());
    }
    return "";
  }

  std::string outcome_of(const Verdict& verdict) {
    if (verdict.block) {
      stored_.push_back(*verdict.block);
      return (verdict.block->account.empty() ? "" : verdict.block->account + " ") +
             std::string("blocked for ") +
             format_duration(verdict.block->until - verdict.block->since) +
             (verdict.sweep ? " as a sweep" : "");
    }
    switch (verdict.excuse) {
      case Excuse::None:
        break;
      case Excuse::RefusedOtherwise:
        return "no failure";
      case Excuse::Stale:
        return "stale";
      case Excuse::Forgiven:
        return "forgiven";
      case Excuse::Exhausted:
        return "not forgiven";
    }
    if (verdict.repeated) return "same mistake";
    if (!verdict.counted) return "not counted";
    return "counts " + std::to_string(verdict.failures) + " of " + std::to_string(verdict.limit);
  }

  // As the store would: what is in force, and what ended but is not forgotten.
  void remember_blocks() {
    const auto forgotten = guard_->take_expired(now());
    std::erase_if(stored_, [&](const auto& block) {
      return std::any_of(forgotten.begin(), forgotten.end(), [&](const auto& gone) {
        return gone.source == block.source && gone.service == block.service &&
               gone.account == block.account;
      });
    });
  }

  GuardSizes sizes_;
  // Numbers instead of keyed hashes: of those, two in a few thousand stories would be taken for
  // one.
  uint64_t fingerprint_of(const std::string& text) {
    return fingerprints_.emplace(text, fingerprints_.size() + 1).first->second;
  }

  std::map<std::string, uint64_t> fingerprints_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Guard> guard_;
  std::vector<store::BlockRecord> stored_;
  milliseconds time_{0};
  milliseconds started_{0};
  int swept_ = 0;
};

class Stories : public testing::TestWithParam<std::filesystem::path> {};

bool is_event(std::string_view line) {
  return !line.empty() && std::isdigit(line.front()) != 0;
}
bool is_indented(std::string_view line) {
  return line.starts_with(' ') || trim(line).empty();
}

TEST_P(Stories, ComesTrue) {
  std::ifstream file(GetParam());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  ASSERT_FALSE(lines.empty());
  SCOPED_TRACE(lines[0]);
  Story story;
  int expectations = 0;
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::string where = GetParam().filename().string() + ":" + std::to_string(i + 1) + ": ";
    const std::string line = lines[i].substr(0, lines[i].find('#'));
    try {
      if (trim(line) == "rules:") {
        std::string toml;
        while (i + 1 < lines.size() && is_indented(lines[i + 1])) toml += lines[++i] + "\n";
        story.set_rules(toml);
      } else if (is_event(line)) {
        const auto arrow = line.find("->");
        const std::string outcome = story.play(line.substr(0, arrow));
        const auto expected = arrow == std::string::npos ? "" : trim(line).substr(arrow + 2);
        EXPECT_EQ(outcome, trim(expected)) << where << line;
        if (arrow != std::string::npos) ++expectations;
      } else {
        ASSERT_TRUE(trim(line).empty()) << where << "neither an event nor rules: " << line;
      }
    } catch (const std::exception& problem) {
      FAIL() << where << problem.what() << "\n" << line;
    }
  }
  EXPECT_GT(expectations, 0) << "a story that expects nothing proves nothing";
}

std::vector<std::filesystem::path> all_stories() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry :
       std::filesystem::directory_iterator(STORMDOOR_SOURCE_DIR "/tests/stories"))
    if (entry.path().extension() == ".story") all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, Stories, testing::ValuesIn(all_stories()),
                         [](const auto& story) { return story.param.stem().string(); });

TEST(StoryFormat, ALineThatIsNotUnderstoodIsAnError) {
  Story story;
  for (const char* line :
       {"0s 10.0.0.1 dances", "0s 10.0.0.300 asks for sip", "soon 10.0.0.1",
        "0s 10.0.0.1 asks for telnet", "0s 10.0.0.1 asks for sip twice", "0s administrator sleeps"})
    EXPECT_THROW(story.play(line), std::runtime_error) << line;
  EXPECT_THROW(story.set_rules("[[limit]]\nservice = \"telnet\"\n"), std::runtime_error);
}

}  // namespace
}  // namespace stormdoor::acl
