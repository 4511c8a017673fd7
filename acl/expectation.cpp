#include "acl/expectation.hpp"

#include <algorithm>

#include "acl/acl_config.hpp"
#include "acl/guard.hpp"
#include "acl/wording.hpp"
#include "base/keyed_hash.hpp"
#include "base/text.hpp"

namespace stormdoor::acl {
namespace {

using Then = Expectation::Then;

const Now kStart{SteadyTime(std::chrono::hours(1000)),
                 WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1))};

std::string_view to_string(Then then) {
  switch (then) {
    case Then::Admitted:
      return "admitted";
    case Then::Refused:
      return "refused";
    case Then::Blocked:
      return "blocked";
    case Then::Throttled:
      return "throttled";
  }
  return "?";
}

Then outcome_of(const Admission& admission) {
  if (admission.admitted()) return Then::Admitted;
  if (admission.decision == Decision::NotAllowed) return Then::Refused;
  if (admission.decision == Decision::Throttled) return Then::Throttled;
  return Then::Blocked;
}

bool has_source(const StoryEvent& event) {
  return event.kind == StoryEvent::Kind::Ask || event.kind == StoryEvent::Kind::Succeed ||
         event.kind == StoryEvent::Kind::Fail;
}

// ---- reading ----

void read_events(const ConfigTable& table, Expectation& expectation) {
  uint32_t total = 0;
  milliseconds time{0};
  const auto lines = table.strings("events");
  for (size_t i = 0; i < lines.size() && total <= Expectation::kMostEvents; ++i) {
    auto event = parse_story_event(lines[i]);
    if (!event)
      return table.error_at("events", say("event ", i + 1, ": ", event.error().message()));
    if (event->at && *event->at < time)
      return table.error_at("events", say("event ", i + 1, ": time runs backwards"));
    time = event->at.value_or(time) + event->within;
    total += event->times;
    expectation.events.push_back(std::move(*event));
  }
  if (total > Expectation::kMostEvents)
    table.error_at("events", say("more than ", Expectation::kMostEvents,
                                 " events, repetitions counted; a shorter story says as much"));
  else if (table.has("events") &&
           (expectation.events.empty() || !has_source(expectation.events.back())))
    table.error_at("events",
                   "the last event must be an address's: what it gets then is the question");
}

Expectation read_expectation(const ConfigTable& table) {
  Expectation expectation;
  expectation.path = table.path();
  if (table.require("name", "say what it proves: name = \"A mistyped password blocks nobody\""))
    expectation.name = table.string("name", "");
  if (table.require("events",
                    "tell what happens: events = [\"10.20.0.7 refused registration, 3 times\"]"))
    read_events(table, expectation);
  expectation.where = table.where("then");
  if (table.require("then", "say what the last address gets: then = \"admitted\""))
    expectation.then = table.choice<Then>("then", expectation.then,
                                          {{"admitted", Then::Admitted},
                                           {"refused", Then::Refused},
                                           {"blocked", Then::Blocked},
                                           {"throttled", Then::Throttled}});
  return expectation;
}

// ---- playing ----

class Play {
 public:
  explicit Play(const AclConfig& config)
      : sizes_(small(config.sizes)),
        rules_(RuleSet::from(config.rules)),
        guard_(std::make_unique<Guard>(rules_, sizes_)) {}

  void tell(const StoryEvent& event) {
    if (event.at) now_ = kStart + *event.at;
    const Now first = now_;
    for (uint32_t i = 0; i < event.times; ++i) {
      if (i > 0) now_ = first + event.within * i / (event.times - 1);
      tell_once(event);
    }
  }

  [[nodiscard]] Admission ask(const StoryEvent& event) const {
    return guard_->admit(event.failure.source, event.failure.service, now_, event.failure.proof,
                         event.failure.account);
  }

  // Why it came out like that.
  [[nodiscard]] std::string why(const StoryEvent& last, const Admission& admission) const {
    if (admission.decision == Decision::Blocked)
      for (const auto& block : guard_->blocks(now_))
        if (block.service == uint8_t(last.failure.service) &&
            block.source.contains(last.failure.source))
          return block.reason;
    if (admission.decision == Decision::NotAllowed)
      return say("network \"", printable(rules_->match(last.failure.source).network->name),
                 "\" does not offer ", to_string(last.failure.service));
    if (admission.admitted() && verdict_)
      return say(verdict_->failures, " of ", verdict_->limit, " mistakes",
                 verdict_->repeated  ? ", the last one not new"
                 : verdict_->counted ? ""
                                     : ", the last one not counted");
    return {};
  }

 private:
  static GuardSizes small(GuardSizes sizes) {
    sizes.tracked_sources = 4 * Expectation::kMostEvents;
    sizes.blocks = 4 * Expectation::kMostEvents;
    return sizes;
  }

  void tell_once(const StoryEvent& event) {
    switch (event.kind) {
      case StoryEvent::Kind::Ask:
        return;
      case StoryEvent::Kind::Succeed:
        return guard_->report_success(event.failure.source, event.failure.service,
                                      event.failure.device, now_);
      case StoryEvent::Kind::Fail:
        return fail(event);
      case StoryEvent::Kind::Block:
        (void)guard_->add_block(by_hand(event), now_);  // there is room: see small()
        return;
      case StoryEvent::Kind::Unblock:
        (void)guard_->remove_block(event.prefix, event.failure.service, now_);
        return;
      case StoryEvent::Kind::Restart:
        return restart();
    }
  }

  void fail(const StoryEvent& event) {
    Failure failure = event.failure;
    ++mistakes_;
    failure.fingerprint = event.same_mistake ? keyed_hash(HashKey::of_this_process(), event.tried)
                                             : uint64_t{mistakes_} << 32U | mistakes_;
    if (event.many_phones)
      failure.device = MacAddress({0x02, 0, 0, 0, uint8_t(mistakes_ >> 8U), uint8_t(mistakes_)});
    verdict_ = guard_->report_failure(failure, now_);
  }

  [[nodiscard]] store::BlockRecord by_hand(const StoryEvent& event) const {
    return {.source = event.prefix,
            .service = uint8_t(event.failure.service),
            .since = now_.wall,
            .until = WallTime::max(),
            .repeats = 0,
            .reason = "by an administrator",
            .by_administrator = true};
  }

  void restart() {
    const auto blocks = guard_->blocks(now_);
    guard_ = std::make_unique<Guard>(rules_, sizes_);
    guard_->restore(blocks, now_);
  }

  GuardSizes sizes_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Guard> guard_;
  Now now_ = kStart;
  uint32_t mistakes_ = 0;
  std::optional<Verdict> verdict_;
};

}  // namespace

std::vector<Expectation> read_expectations(const ConfigTable& root) {
  std::vector<Expectation> expectations;
  const auto tables = root.tables("expect");
  for (const ConfigTable& table : tables) {
    if (expectations.size() >= Expectation::kMostExpectations) {
      table.error_at("", say("there are more than ", Expectation::kMostExpectations,
                             "; keep those that say most"));
      break;
    }
    expectations.push_back(read_expectation(table));
  }
  return expectations;
}

std::optional<std::string> contradiction(const Expectation& expectation, const AclConfig& config) {
  if (expectation.events.empty()) return {};  // of a configuration that is only surveyed
  Play play(config);
  for (const StoryEvent& event : expectation.events) play.tell(event);
  const StoryEvent& last = expectation.events.back();
  const Admission admission = play.ask(last);
  const Then outcome = outcome_of(admission);
  if (outcome == expectation.then) return {};
  const std::string why = play.why(last, admission);
  return say("\"", printable(expectation.name),
             "\" does not hold: ", last.failure.source.to_string(), " is ", to_string(outcome),
             " for ", to_string(last.failure.service), ", not ", to_string(expectation.then),
             why.empty() ? "" : say(" (", why, ")"));
}

void prove_expectations(const AclConfig& config, ConfigReader& reader) {
  for (const Expectation& expectation : config.expectations)
    if (const auto problem = contradiction(expectation, config))
      reader.error_at(expectation.where, expectation.path + ".then", *problem);
}

}  // namespace stormdoor::acl
