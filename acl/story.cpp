#include "acl/story.hpp"

#include <algorithm>
#include <charconv>

#include "acl/wording.hpp"
#include "base/text.hpp"

namespace stormdoor::acl {
namespace {

constexpr milliseconds kLongest = std::chrono::days(365);

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The words of one line, taken from the left. After the first that does not fit nothing does, and
// the error says which it was.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(trim(text)) {}

  [[nodiscard]] bool good() const { return error_.empty(); }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  void fail(std::string sentence) {
    if (error_.empty()) error_ = std::move(sentence);
  }
  std::string_view word() {
    const auto end = std::min(rest_.find_first_of(" \t,"), rest_.size());
    const std::string_view taken = rest_.substr(0, end);
    rest_ = trim(rest_.substr(end));
    return taken;
  }
  // A whole phrase, if it stands here.
  bool skip(std::string_view phrase) {
    if (!rest_.starts_with(phrase)) return false;
    const std::string_view after = rest_.substr(phrase.size());
    if (!after.empty() && std::string_view(" \t,").find(after.front()) == std::string_view::npos)
      return false;
    rest_ = trim(after);
    return true;
  }
  void skip_commas() {
    while (rest_.starts_with(',')) rest_ = trim(rest_.substr(1));
  }
  std::optional<std::string_view> quoted() {
    if (!rest_.starts_with('"') && !rest_.starts_with('\'')) return {};
    const auto end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) {
      fail(say("a quote is not closed: ", printable(rest_, 40)));
      return {};
    }
    const std::string_view taken = rest_.substr(1, end - 1);
    rest_ = trim(rest_.substr(end + 1));
    return taken;
  }
  template <typename T, typename Parse>
  T parsed(std::string_view what, Parse&& parse) {
    const std::string_view text = word();
    if (const auto value = parse(text)) return *value;
    fail(say("expected ", what, ", found \"", printable(text, 40), "\""));
    return T{};
  }
  IpAddress address() { return parsed<IpAddress>("an address", IpAddress::parse); }
  IpPrefix prefix() { return parsed<IpPrefix>("a prefix", IpPrefix::parse); }
  MacAddress mac() { return parsed<MacAddress>("a MAC address", MacAddress::parse); }
  Service service() {
    return parsed<Service>("provisioning, desk-login, sip, portal or api", parse_service);
  }
  milliseconds duration() { return parsed<milliseconds>("a duration such as 90s", duration_of); }
  uint32_t times() {
    return parsed<uint32_t>(say("a number up to ", StoryEvent::kMostTimes), number_of);
  }
  // A time at the beginning of a line; an address is none.
  std::optional<milliseconds> maybe_time() {
    const auto end = std::min(rest_.find_first_of(" \t"), rest_.size());
    if (rest_.empty() || !is_digit(rest_.front())) return {};
    const auto time = duration_of(rest_.substr(0, end));
    if (time) rest_ = trim(rest_.substr(end));
    return time;
  }
  // "3 times", if it stands here.
  std::optional<uint32_t> maybe_times() {
    if (rest_.empty() || !is_digit(rest_.front())) return {};
    const uint32_t count = times();
    if (!skip("times") && !skip("time")) fail(say("expected \"", count, " times\""));
    return count;
  }

 private:
  // "90s", "1h30m".
  static std::optional<milliseconds> duration_of(std::string_view text) {
    std::string spaced;
    for (size_t i = 0; i < text.size(); ++i) {
      if (i > 0 && is_digit(text[i]) && !is_digit(text[i - 1])) spaced += ' ';
      spaced += text[i];
    }
    if (spaced == "0s") return milliseconds{0};
    const auto value = parse_duration(spaced);
    if (!value || *value > kLongest) return {};
    return *value;
  }
  static std::optional<uint32_t> number_of(std::string_view text) {
    uint32_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) return {};
    if (value < 1 || value > StoryEvent::kMostTimes) return {};
    return value;
  }

  std::string_view rest_;
  std::string error_;
};

void read_administrator(Words& words, StoryEvent& event) {
  if (words.skip("blocks"))
    event.kind = StoryEvent::Kind::Block;
  else if (words.skip("unblocks"))
    event.kind = StoryEvent::Kind::Unblock;
  else
    words.fail("an administrator blocks or unblocks");
  event.prefix = words.prefix();
  event.failure.service = words.service();
}

void read_mistake(Words& words, StoryEvent& event) {
  event.kind = StoryEvent::Kind::Fail;
  Failure& failure = event.failure;
  if (words.skip("wrong password for")) {
    failure.service = words.service();
  } else if (words.skip("wrong token")) {
    failure.kind = FailureKind::WrongToken;
  } else if (words.skip("wrong pin")) {
    failure.service = Service::DeskLogin;
    failure.kind = FailureKind::WrongPin;
  } else if (words.skip("refused registration")) {
    failure.service = Service::Sip;
    failure.kind = FailureKind::SipRefused;
    failure.proof = PathProof::Acknowledged;
  } else if (words.skip("file of unknown phone")) {
    failure.kind = FailureKind::UnknownMac;
    failure.device = words.mac();
  } else if (words.skip("file of foreign phone")) {
    failure.kind = FailureKind::ForeignFile;
    failure.device = words.mac();
  } else if (words.skip("files of")) {
    failure.kind = FailureKind::UnknownMac;
    event.many_phones = true;
    event.times = words.times();
    if (!words.skip("unknown phones")) words.fail("files of how many unknown phones?");
  } else {
    words.fail(say("do not understand \"", printable(words.rest(), 60),
                   "\"; an address asks for, succeeds with, wrong password for, wrong token, "
                   "wrong pin, refused registration, file of unknown phone, file of foreign "
                   "phone, files of"));
  }
}

void read_source(Words& words, StoryEvent& event) {
  Failure& failure = event.failure;
  failure.source = words.address();
  if (!words.good()) return;
  failure.proof = PathProof::Connected;
  if (words.skip("asks for tftp")) {
    failure.proof = PathProof::None;
  } else if (words.skip("asks for")) {
    failure.service = words.service();
  } else if (words.skip("succeeds with")) {
    event.kind = StoryEvent::Kind::Succeed;
    failure.service = words.service();
  } else {
    read_mistake(words, event);
  }
}

void read_detail(Words& words, StoryEvent& event) {
  if (const auto tried = words.quoted()) {
    event.same_mistake = true;
    event.tried = *tried;
  } else if (words.skip("as")) {
    event.failure.account = words.word();
  } else if (words.skip("by")) {
    event.failure.device = words.mac();
  } else if (words.skip("over tftp") || words.skip("over udp unproven")) {
    event.failure.proof = PathProof::None;
  } else if (words.skip("within")) {
    event.within = words.duration();
  } else if (const auto times = words.maybe_times()) {
    event.times = *times;
  } else {
    words.fail(say("do not understand \"", printable(words.rest(), 60), "\""));
  }
}

}  // namespace

bool StoryEvent::operator==(const StoryEvent& other) const {
  const auto facts = [](const StoryEvent& e) {
    const Failure& f = e.failure;
    return std::tie(e.kind, e.at, e.same_mistake, e.tried, e.many_phones, e.times, e.within,
                    e.prefix, f.service, f.kind, f.source, f.proof, f.device, f.account);
  };
  return facts(*this) == facts(other);
}

Result<StoryEvent> parse_story_event(std::string_view line) {
  if (line.size() > StoryEvent::kMostLineBytes)
    return Error(ErrorCode::InvalidArgument,
                 say("is longer than ", StoryEvent::kMostLineBytes, " bytes"));
  Words words(line);
  StoryEvent event;
  event.at = words.maybe_time();
  if (words.skip("stormdoor restarts")) {
    event.kind = StoryEvent::Kind::Restart;
  } else if (words.skip("administrator")) {
    read_administrator(words, event);
  } else {
    read_source(words, event);
    for (words.skip_commas(); words.good() && !words.empty(); words.skip_commas())
      read_detail(words, event);
  }
  if (words.good() && !words.empty())
    words.fail(say("do not understand \"", printable(words.rest(), 60), "\""));
  if (!words.good()) return Error(ErrorCode::InvalidArgument, words.error());
  return event;
}

}  // namespace stormdoor::acl
