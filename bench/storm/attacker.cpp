#include "bench/storm/attacker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/crypto/crypto.hpp"
#include "bench/storm/boot_script.hpp"

namespace stormdoor::storm {
namespace {

MacAddress mac_plus(const MacAddress& mac, uint32_t steps) {
  uint64_t value = mac.value() + steps;
  std::array<uint8_t, 6> bytes{};
  for (size_t i = 6; i-- > 0; value >>= 8) bytes[i] = uint8_t(value);
  return MacAddress(bytes);
}

}  // namespace

std::string_view to_string(AttackKind kind) {
  switch (kind) {
    case AttackKind::SweepHttps:
      return "sweeps MACs over HTTPS";
    case AttackKind::SweepTftp:
      return "sweeps MACs over TFTP";
    case AttackKind::GuessPasswords:
      return "guesses passwords";
    case AttackKind::GuessTokens:
      return "guesses tokens";
  }
  return "?";
}

Attacker::Attacker(StormLoop& storm, const Target& target, AttackPlan plan)
    : storm_(storm),
      target_(target),
      plan_(std::move(plan)),
      pause_(storm, [this] { try_next(); }) {}
Attacker::~Attacker() = default;

void Attacker::begin(std::function<void()> on_done) {
  on_done_ = std::move(on_done);
  try_next();
}

std::string Attacker::next_path() const {
  const bool sweeps = plan_.kind == AttackKind::SweepHttps || plan_.kind == AttackKind::SweepTftp;
  PhoneSpec victim;
  victim.mac = sweeps ? mac_plus(plan_.first, result_.asked) : plan_.first;
  std::string path = fill_in(plan_.path, victim);
  if (const size_t at = path.find("{token}"); at != std::string::npos)
    path.replace(at, 7, crypto::random_token());
  return path;
}

void Attacker::try_next() {
  if (result_.asked == plan_.most || turned_away_ >= kSure) return end();
  const std::string path = next_path();
  ++result_.asked;
  if (plan_.kind == AttackKind::SweepTftp) return try_tftp(path);
  try_http(path);
}

void Attacker::try_tftp(const std::string& path) {
  if (!tftp_) tftp_ = std::make_unique<TftpClient>(storm_, plan_.source);
  TftpRequest request{.server = target_.tftp.value_or(Endpoint{}),
                      .path = path,
                      .options = {},
                      .patience = {.tries = 1, .wait = plan_.timeout, .total = plan_.timeout * 4},
                      .hashed = false};
  tftp_->fetch(request, [this](const FetchResult& answer) { on_answer(answer); });
}

void Attacker::try_http(const std::string& path) {
  if (!http_) http_ = std::make_unique<HttpClient>(storm_, plan_.source);
  HttpRequest request{.server = target_.https.value_or(Endpoint{}),
                      .tls = target_.tls,
                      .host = target_.host,
                      .path = target_.folder + path,
                      .user_agent = "curl/7.88.1",
                      .login = std::nullopt,
                      .patience = {.tries = 1, .timeout = plan_.timeout, .between = {}},
                      .hashed = false};
  if (plan_.kind == AttackKind::GuessPasswords)
    request.login = HttpLogin{plan_.first.lower_hex(), fmt::format("password{}", result_.asked),
                              HttpLogin::Scheme::Best};
  http_->fetch(std::move(request), [this](const FetchResult& answer) { on_answer(answer); });
}

bool Attacker::turned_away_by(const FetchResult& answer) {
  if (answer.outcome == FetchResult::Outcome::Failed) return true;
  if (answer.outcome != FetchResult::Outcome::Refused) return false;
  const std::string refusal = answer.reason + "\n" + answer.body.text();
  if (result_.asked == 1) first_refusal_ = refusal;
  // 401 asks for a better password.
  return answer.status != 401 && refusal != first_refusal_;
}

void Attacker::on_answer(const FetchResult& answer) {
  if (answer.hung_up) ++result_.silent;
  if (answer.outcome == FetchResult::Outcome::Missing) ++result_.missing;
  if (answer.outcome == FetchResult::Outcome::Refused) ++result_.refused;
  if (answer.outcome == FetchResult::Outcome::Found) {
    ++result_.found;
    const std::string& text = answer.body.text();
    if (std::ranges::any_of(plan_.trophies, [&](const std::string& trophy) {
          return text.find(trophy) != std::string::npos;
        }))
      ++result_.harvested;
  }
  if (turned_away_by(answer)) {
    if (turned_away_++ == 0) {
      result_.answers_until_blocked = result_.asked - 1;
      result_.how = answer.reason;
    }
  } else {
    turned_away_ = 0;
  }
  // Always by way of the loop: a long row of tries is no recursion.
  pause_.set(storm_.now().steady + plan_.pause);
}

void Attacker::end() {
  result_.blocked = turned_away_ >= kSure;
  ended_ = true;
  tftp_.reset();
  http_.reset();
  const auto on_done = std::exchange(on_done_, nullptr);
  on_done();
}

}  // namespace stormdoor::storm
