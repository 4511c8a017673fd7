// Every order of the guide's six steps from desk phone to hot desk, with whatever the phone and an
// attacker may do between them, against the real Guard (promises 1 and 2).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "acl/guard.hpp"

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;

const Now kStart{SteadyTime(1000h), WallTime(400'000h)};
const MacAddress kPhone({0x00, 0x0f, 0xd3, 0x05, 0x48, 0x48});
const IpAddress kDesk = *IpAddress::parse("203.0.113.9");
const IpAddress kNewDesk = *IpAddress::parse("198.51.100.4");
const IpAddress kAttacker = *IpAddress::parse("192.0.2.66");
constexpr uint32_t kBudget = 40;
constexpr uint32_t kLimit = 4;

// What the guide tells the administrator to do.
enum class Step : uint8_t {
  EnableExtension,   // for hot desking: nothing that the phone knows changes
  CopyMac,           // nothing at all
  RemoveAssignment,  // the red X: the PBX no longer takes the old password
  AddHotDeskPhone,   // the MAC as a hot-desk phone: it has a new account
  ChooseLocation,    // of that phone
  ChooseModel,       // "Sangoma Hot Desking" for the user
};
constexpr std::array kSteps = {Step::EnableExtension, Step::CopyMac,        Step::RemoveAssignment,
                               Step::AddHotDeskPhone, Step::ChooseLocation, Step::ChooseModel};
using Order = std::array<Step, kSteps.size()>;
constexpr size_t kGaps = kSteps.size() + 1;
constexpr size_t kNever = kGaps;

// Before which step (kGaps - 1: after the last) each of these happens.
struct Moments {
  size_t fetches = kNever;   // reboots and gets its configuration
  size_t moves = kNever;     // has another address from then on
  size_t restarts = kNever;  // stormdoor does
};

enum class Attack : uint8_t {
  None,
  ClaimsTheMac,      // from an address of his own
  BehindTheSameNat,  // as the phone, wherever it is
  TakesTheOldAddress,
};

AclRules rules() {
  AclRules rules;
  Network everywhere;
  everywhere.name = "everywhere";
  everywhere.prefixes = {*IpPrefix::parse("0.0.0.0/0")};
  everywhere.services = ServiceSet::all();
  rules.networks = {everywhere};
  for (Limit& limit : rules.limits) limit.failures = kLimit;
  rules.limits[size_t(Service::DeskLogin)].failures = Limit::kMostFailures;
  return rules;
}

// One conversion, from the first step to a while after the last.
class Conversion {
 public:
  Conversion(const Order& order, const Moments& moments, Attack attack, bool digests_are_known)
      : order_(order), moments_(moments), attack_(attack), known_(digests_are_known) {
    restart();
    registers("301", false);
  }

  void run() {
    for (size_t gap = 0; gap < kGaps; ++gap) {
      between(gap);
      if (gap < order_.size()) step(order_[gap]);
    }
    between(kNever);
  }

  uint32_t blocks = 0;            // of anybody
  uint32_t blocks_of_attack = 0;  // that the attacker's failures led to
  uint32_t forgiven = 0;
  uint32_t forgiven_to_attacker = 0;
  uint32_t forgiven_pins = 0;
  uint32_t attacks_that_counted = 0;
  bool at_limit_without_block = false;
  bool phone_is_refused = false;

 private:
  void restart() {
    const auto blocks_now = guard_ ? guard_->blocks(now_) : std::vector<store::BlockRecord>{};
    const auto leases = guard_ ? guard_->leases() : std::vector<store::LeaseRecord>{};
    const auto registrations = guard_ ? guard_->registrations(now_) : std::vector<Registration>{};
    guard_ = std::make_unique<Guard>(kRules, kSizes);
    guard_->restore(blocks_now, leases, registrations, now_);
  }

  void between(size_t gap) {
    now_ = now_ + 20s;
    guard_->tick(now_);
    if (gap == moments_.restarts) restart();
    if (gap == moments_.moves) {
      address_ = kNewDesk;
      guard_->phone_seen(kPhone, address_, now_);
    }
    tries();
    attacks();
    if (gap == moments_.fetches) fetches();
    tries();
    guess_a_pin();
    phone_is_refused = phone_is_refused || !guard_->admit(address_, Service::Sip, now_).admitted();
  }

  void step(Step step) {
    if (step != Step::RemoveAssignment && step != Step::AddHotDeskPhone) return;
    if (step == Step::RemoveAssignment) removed_ = true;
    if (step == Step::AddHotDeskPhone) added_ = true;
    const store::LeaseRecord lease{.mac = kPhone,
                                   .accounts = {"301"},
                                   .opened = now_.wall,
                                   .deadline = now_.wall + 15min,
                                   .budget = kBudget,
                                   .spent = 0,
                                   .reason = "conversion",
                                   .addresses = {}};
    ASSERT_TRUE(guard_->open_lease(lease, now_));
  }

  // The phone reboots: what it gets is what it uses from then on.
  void fetches() {
    guard_->report_success(address_, Service::Provisioning, kPhone, now_, DeviceProof::Token);
    if (removed_ || added_) has_old_account_ = false;
    has_new_account_ = added_;
  }

  void tries() {
    if (has_new_account_) registers("hotdesk-48", true);
    if (!has_old_account_) return;
    if (!removed_) {
      registers("301", false);
      return;
    }
    for (int i = 0; i < 2; ++i)
      fails("301", address_, known_ ? Standing::Stale : Standing::Unknown);
  }

  void registers(std::string_view account, bool fresh) {
    guard_->report_registered({.flow = {address_, 5060, false},
                               .account = std::string(account),
                               .device = kPhone,
                               .expires = now_.wall + 1h},
                              fresh, now_);
  }

  Verdict fails(std::string_view account, const IpAddress& from, Standing standing) {
    Failure failure{.service = Service::Sip,
                    .kind = FailureKind::SipRefused,
                    .source = from,
                    .proof = PathProof::Acknowledged,
                    .device = {},
                    .account = std::string(account)};
    if (standing == Standing::Stale) {
      failure.device = kPhone;
      failure.device_proof = DeviceProof::Digest;
      failure.standing = standing;
    }
    return note(guard_->report_failure(failure, now_));
  }

  Verdict note(const Verdict& verdict) {
    if (verdict.block) ++blocks;
    if (verdict.excuse == Excuse::Forgiven) ++forgiven;
    return verdict;
  }

  void guess_a_pin() {
    Failure failure{.service = Service::DeskLogin,
                    .kind = FailureKind::WrongPin,
                    .source = address_,
                    .proof = PathProof::Connected,
                    .device = kPhone,
                    .device_proof = DeviceProof::Token,
                    .account = "301"};
    if (note(guard_->report_failure(failure, now_)).excuse != Excuse::None) ++forgiven_pins;
  }

  void attacks() {
    if (attack_ == Attack::None) return;
    const IpAddress from = attack_ == Attack::ClaimsTheMac       ? kAttacker
                           : attack_ == Attack::BehindTheSameNat ? address_
                                                                 : kDesk;
    if (attack_ == Attack::TakesTheOldAddress && address_ == kDesk) return;
    // The phone's old account, another's, and the file of another phone.
    for (const char* account : {"301", "302"}) {
      Failure failure{.service = Service::Sip,
                      .kind = FailureKind::SipRefused,
                      .source = from,
                      .proof = PathProof::Acknowledged,
                      .device = kPhone,
                      .account = account};
      const Verdict verdict = note(guard_->report_failure(failure, now_));
      if (verdict.block) ++blocks_of_attack;
      if (verdict.counted) ++attacks_that_counted;
      at_limit_without_block = at_limit_without_block ||
                               (verdict.counted && verdict.failures >= kLimit && !verdict.block);
      if (verdict.excuse != Excuse::Forgiven) continue;
      ++forgiven_to_attacker;
      EXPECT_STREQ(account, "301");
    }
  }

  static inline const std::shared_ptr<const RuleSet> kRules = RuleSet::from(rules());
  static inline const GuardSizes kSizes{
      .tracked_sources = 64, .blocks = 64, .evidence_per_source = 16};

  Order order_;
  Moments moments_;
  Attack attack_;
  bool known_;
  Now now_ = kStart;
  std::unique_ptr<Guard> guard_;
  IpAddress address_ = kDesk;
  bool removed_ = false;
  bool added_ = false;
  bool has_old_account_ = true;
  bool has_new_account_ = false;
};

// All orders; of those that differ only in steps which nobody but the administrator notices, one.
std::vector<Order> all_orders() {
  std::vector<Order> orders;
  std::set<std::string> seen;
  Order order = kSteps;
  size_t count = 0;
  do {
    ++count;
    std::string effects;
    for (const Step step : order)
      effects += step == Step::RemoveAssignment ? 'r' : step == Step::AddHotDeskPhone ? 'a' : '-';
    if (seen.insert(effects).second) orders.push_back(order);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(count, 720U);
  EXPECT_EQ(orders.size(), 30U);
  return orders;
}

// All three at every point, or (fewer runs) any two of them.
enum class Depth : uint8_t { Three, Two };
template <typename Visit>
void for_each_moment(Depth depth, Visit&& visit) {
  for (size_t fetches = 0; fetches <= kNever; ++fetches)
    for (size_t moves = 0; moves <= kNever; ++moves)
      for (size_t restarts = 0; restarts <= kNever; ++restarts)
        if (depth == Depth::Three || fetches == kNever || moves == kNever || restarts == kNever)
          visit(Moments{fetches, moves, restarts});
}

std::string told(const Order& order, const Moments& moments, bool known) {
  std::string text = "steps";
  for (const Step step : order) text += ' ' + std::to_string(int(step));
  return text + ", fetches " + std::to_string(moments.fetches) + ", moves " +
         std::to_string(moments.moves) + ", restarts " + std::to_string(moments.restarts) +
         (known ? ", digests known" : "");
}

size_t convert_in_every_order(Depth depth, bool known) {
  size_t runs = 0;
  for (const Order& order : all_orders())
    for_each_moment(depth, [&](const Moments& moments) {
      Conversion conversion(order, moments, Attack::None, known);
      conversion.run();
      ++runs;
      EXPECT_EQ(conversion.blocks, 0U) << told(order, moments, known);
      EXPECT_FALSE(conversion.phone_is_refused) << told(order, moments, known);
      EXPECT_EQ(conversion.forgiven_pins, 0U) << told(order, moments, known);
      EXPECT_LE(conversion.forgiven, kBudget) << told(order, moments, known);
    });
  return runs;
}

TEST(Promise1, NoOrderOfTheGuidesStepsEverLeadsToABlock) {
  EXPECT_EQ(convert_in_every_order(Depth::Three, false), 30U * 512U);
}
TEST(Promise1, NorDoesAnyWhereOldPasswordsAreRecognised) {
  EXPECT_EQ(convert_in_every_order(Depth::Two, true), 30U * 169U);
}

// A restart forgets what was counted and not yet blocked, and another address is another count:
// only without either is the limit sure to be reached here.
void attack_in_every_order(Attack attack) {
  for (const Order& order : all_orders())
    for_each_moment(Depth::Two, [&](const Moments& moments) {
      Conversion conversion(order, moments, attack, false);
      conversion.run();
      const bool undisturbed = moments.restarts == kNever &&
                               (attack == Attack::ClaimsTheMac ||
                                (attack == Attack::BehindTheSameNat && moments.moves == kNever) ||
                                (attack == Attack::TakesTheOldAddress && moments.moves <= 2));
      EXPECT_LE(conversion.forgiven, kBudget) << told(order, moments, false);
      EXPECT_EQ(conversion.forgiven_pins, 0U) << told(order, moments, false);
      EXPECT_FALSE(conversion.at_limit_without_block) << told(order, moments, false);
      if (attack == Attack::ClaimsTheMac) {
        EXPECT_EQ(conversion.forgiven_to_attacker, 0U) << told(order, moments, false);
        EXPECT_LT(conversion.attacks_that_counted, 2 * kLimit) << told(order, moments, false);
      }
      if (!undisturbed) return;
      EXPECT_GE(conversion.blocks_of_attack, 1U) << told(order, moments, false);
      if (attack == Attack::ClaimsTheMac) {
        EXPECT_EQ(conversion.attacks_that_counted, kLimit) << told(order, moments, false);
      }
    });
}

TEST(Promise2, WhoClaimsThePhonesMacIsForgivenNothing) {
  attack_in_every_order(Attack::ClaimsTheMac);
}
TEST(Promise2, WhoSitsBehindTheSameNatIsForgivenNoMoreThanTheBudget) {
  attack_in_every_order(Attack::BehindTheSameNat);
}
TEST(Promise2, WhoTakesOverTheOldAddressIsForgivenNoMoreThanTheBudget) {
  attack_in_every_order(Attack::TakesTheOldAddress);
}

}  // namespace
}  // namespace stormdoor::acl
