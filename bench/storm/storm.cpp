#include "bench/storm/storm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <tuple>
#include <utility>

namespace stormdoor::storm {
namespace {

// Phones that begin within one turn of the loop; the answers to the first ones are read before the
// next begin, as a real network would have it.
constexpr size_t kMostPerTurn = 64;

}  // namespace

Storm::Storm(StormLoop& storm, StormPlan plan)
    : storm_(storm),
      plan_(std::move(plan)),
      running_(plan_.phones.size()),
      arrive_(storm, [this] { admit(); }) {
  for (const AttackPlan& attack : plan_.attacks)
    attackers_.push_back(std::make_unique<Attacker>(storm_, plan_.target, attack));
}
Storm::~Storm() = default;

void Storm::plan_arrivals() {
  std::vector<size_t> order(plan_.phones.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // The same order in every run: measurements are compared.
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  for (size_t i = 0; i < order.size(); ++i)
    arrivals_.push_back({order[i], begun_ + plan_.arrival * i / order.size()});
}

void Storm::begin(std::function<void()> on_done) {
  on_done_ = std::move(on_done);
  begun_ = last_ = storm_.now().steady;
  plan_arrivals();
  attackers_left_ = attackers_.size();
  for (const auto& attacker : attackers_)
    attacker->begin([this] {
      --attackers_left_;
      check_end();
    });
  arrive_.set(begun_);
}

void Storm::admit() {
  const SteadyTime now = storm_.now().steady;
  for (size_t started = 0; next_ < arrivals_.size(); ++started) {
    if (plan_.most_at_once != 0 && running_count_ >= plan_.most_at_once) return;  // one will end
    const Arrival& arrival = arrivals_[next_];
    if (arrival.when > now || started == kMostPerTurn)
      return arrive_.set(std::max(arrival.when, now + milliseconds{1}));
    ++next_;
    start(arrival.phone);
  }
  check_end();
}

void Storm::start(size_t index) {
  const PhoneSpec& spec = plan_.phones[index];
  ReportRow& row = row_of(spec);
  ++row.phones;
  const BootScript* script = find_script(plan_.scripts, spec.vendor, spec.model);
  if (script == nullptr || !plan_.target.endpoint(spec.transport)) {
    ++row.failed;
    so_far_.add_reason(script == nullptr
                           ? "no boot script for " + spec.vendor
                           : "not offered: " + std::string(to_string(spec.transport)));
    return;
  }
  ++running_count_;
  running_[index] = std::make_unique<Phone>(storm_, plan_.target, *script, spec);
  running_[index]->boot([this, index](const Phone& phone) { on_phone(index, phone); });
}

void Storm::on_phone(size_t index, const Phone& phone) {
  const BootResult& boot = phone.result();
  row_of(phone.spec()).add(boot, phone.begun(), phone.ended());
  if (!boot.served) so_far_.add_reason(boot.reason);
  plan_.phones[index].stored_url = boot.url;
  last_ = phone.ended();
  --running_count_;
  running_[index].reset();
  if (plan_.most_at_once != 0) arrive_.set(last_);
  check_end();
}

void Storm::check_end() {
  if (ended_ || running_count_ != 0 || attackers_left_ != 0 || next_ < arrivals_.size()) return;
  ended_ = true;
  last_ = storm_.now().steady;
  // Later: whoever called may still be using its phone or attacker.
  storm_.loop().post(std::exchange(on_done_, nullptr));
}

ReportRow& Storm::row_of(const PhoneSpec& spec) {
  const std::string key =
      fmt::format("{}\n{}\n{}", spec.vendor, spec.model, to_string(spec.transport));
  const auto [found, added] = row_index_.try_emplace(key, so_far_.rows.size());
  if (added) {
    ReportRow& row = so_far_.rows.emplace_back();
    row.vendor = spec.vendor;
    row.model = spec.model;
    row.transport = spec.transport;
  }
  return so_far_.rows[found->second];
}

StormReport Storm::report() const {
  StormReport report = so_far_;
  std::ranges::sort(report.rows, {}, [](const ReportRow& row) {
    return std::tie(row.vendor, row.model, row.transport);
  });
  for (const auto& attacker : attackers_)
    report.attacks.push_back({attacker->plan(), attacker->result(), attacker->ended()});
  const SteadyTime until = ended_ ? last_ : storm_.now().steady;
  report.elapsed = std::chrono::floor<milliseconds>(until - begun_);
  report.running = static_cast<uint32_t>(running_count_);
  return report;
}

std::vector<PhoneSpec> Storm::phones_after() const {
  return plan_.phones;
}

}  // namespace stormdoor::storm
