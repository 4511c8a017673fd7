#include "bench/storm/storm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace stormdoor::storm {
namespace {

// Phones that begin within one turn of the loop; the answers to the first ones are read before the
// next begin, as a real network would have it.
constexpr size_t kMostPerTurn = 64;

// After a power cut, as parts of the time that it all takes: when the quickest and the slowest
// models start, and how their phones scatter around that (a standard deviation).
constexpr double kEarliestModel = 0.25;
constexpr double kLatestModel = 0.65;
constexpr double kScatter = 0.12;

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
  std::mt19937 random(plan_.seed);
  if (plan_.curve == ArrivalCurve::PowerCut) return scatter_arrivals(random);
  std::vector<size_t> order(plan_.phones.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (plan_.curve == ArrivalCurve::Evenly) std::shuffle(order.begin(), order.end(), random);
  for (size_t i = 0; i < order.size(); ++i)
    arrivals_.push_back({order[i], begun_ + plan_.arrival * i / order.size()});
}

void Storm::scatter_arrivals(std::mt19937& random) {
  std::map<std::string, double> starts;  // of each model, as a part of the whole time
  std::uniform_real_distribution<> model_start(kEarliestModel, kLatestModel);
  std::normal_distribution<> scatter(0, kScatter);
  const auto whole = static_cast<double>(plan_.arrival.count());
  for (size_t i = 0; i < plan_.phones.size(); ++i) {
    const PhoneSpec& spec = plan_.phones[i];
    const auto [start, added] = starts.try_emplace(spec.vendor + " " + spec.model, 0.0);
    if (added) start->second = model_start(random);
    const double part = std::clamp(start->second + scatter(random), 0.0, 1.0);
    arrivals_.push_back({i, begun_ + milliseconds(static_cast<int64_t>(part * whole))});
  }
  std::ranges::stable_sort(arrivals_, {}, &Arrival::when);
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
  so_far_.arrived_ms.push_back(milliseconds_since_begin());
  const BootScript* script = find_script(plan_.scripts, spec.vendor, spec.model);
  if (script == nullptr || !plan_.target.endpoint(spec.transport)) {
    ++row.failed;
    so_far_.failed_ms.push_back(milliseconds_since_begin());
    so_far_.add_reason(script == nullptr
                           ? "no boot script for " + spec.vendor
                           : "not offered: " + std::string(to_string(spec.transport)));
    return;
  }
  row.patience =
      static_cast<uint32_t>(spec.transport == Transport::Tftp ? script->tftp_patience.tries
                                                              : script->http_patience.tries);
  ++running_count_;
  running_[index] = std::make_unique<Phone>(storm_, plan_.target, *script, spec);
  running_[index]->boot([this, index](const Phone& phone) { on_phone(index, phone); });
}

void Storm::on_phone(size_t index, const Phone& phone) {
  const BootResult& boot = phone.result();
  row_of(phone.spec()).add(boot, phone.begun(), phone.configured());
  if (!boot.served) so_far_.add_reason(boot.reason);
  (boot.served ? so_far_.served_ms : so_far_.failed_ms).push_back(milliseconds_since_begin());
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

uint32_t Storm::milliseconds_since_begin() const {
  const auto since = storm_.now().steady - begun_;
  return static_cast<uint32_t>(std::chrono::duration_cast<milliseconds>(since).count());
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
