#include "edge/demo_plan.hpp"

#include <fmt/format.h>

#include <map>

#include "base/csv.hpp"
#include "base/text.hpp"

namespace stormdoor::edge {
namespace {

using Row = std::map<std::string, std::string, std::less<>>;
using storm::AttackKind;
using storm::PhoneSpec;

constexpr uint32_t kHttpsPhones = 0x7f14'0000;  // 127.20.0.0
constexpr uint32_t kTftpPhones = 0x7f1e'0000;   // 127.30.0.0
constexpr uint32_t kOutside = 0x7f42'0000;      // 127.66.0.0

Result<std::vector<Row>> read_rows(std::string_view csv, std::string_view what) {
  const CsvTable table = CsvTable::parse(csv);
  if (!table.problems().empty())
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the sample's {}: {}", what, table.problems().front().to_string()));
  std::vector<Row> rows;
  for (const CsvRow& row : table.rows()) {
    Row fields;
    for (const std::string& column : table.columns()) fields[column] = table.field(row, column);
    rows.push_back(std::move(fields));
  }
  return rows;
}

const Row* find(const std::vector<Row>& rows, std::string_view key, std::string_view value) {
  for (const Row& row : rows)
    if (row.find(key)->second == value) return &row;
  return nullptr;
}

// The file that a vendor's phones keep their secrets in; what attackers ask for.
std::string secret_file(std::string_view vendor) {
  if (vendor == "cisco") return "SEP{MAC}.cnf.xml";
  if (vendor == "polycom") return "{mac}-user.cfg";
  if (vendor == "grandstream") return "cfg{mac}.xml";
  return "{mac}.cfg";
}

}  // namespace

Result<std::vector<PhoneSpec>> plan_phones(const SampleOffice& office) {
  const auto locations = TRY(read_rows(office.locations, "locations"));
  const auto users = TRY(read_rows(office.users, "users"));
  const auto phones = TRY(read_rows(office.phones, "phones"));
  std::vector<PhoneSpec> specs;
  for (const Row& row : phones) {
    PhoneSpec spec;
    spec.vendor = row.at("vendor");
    spec.model = row.at("model");
    spec.mac = TRY(MacAddress::parse_unicast(row.at("mac")));
    const auto* script = find_script(storm::built_in_scripts(), spec.vendor, spec.model);
    if (script == nullptr)
      return Error(ErrorCode::NotFound, "the sample's phones: no boot script for " + spec.vendor);
    spec.transport = script->transports.front();
    const Row* location = find(locations, "name", row.at("location"));
    if (location == nullptr)
      return Error(ErrorCode::NotFound, "the sample's phones: no location " + row.at("location"));
    const auto place = static_cast<uint32_t>(location - locations.data()) + 1;
    const bool tftp = spec.transport == storm::Transport::Tftp;
    spec.source = IpAddress::v4((tftp ? kTftpPhones : kHttpsPhones) + place * 256 +
                                static_cast<uint32_t>(specs.size()) + 1);
    const Row* user = find(users, "extension", row.at("extension"));
    spec.expected = {location->at("emergency_number")};
    spec.expected.push_back(user != nullptr ? user->at("name") : location->at("label"));
    if (user != nullptr) spec.expected.push_back(user->at("extension"));
    for (const Row& other : users)
      if (&other != user) spec.forbidden.push_back(other.at("name"));
    specs.push_back(std::move(spec));
  }
  return specs;
}

Result<std::vector<storm::AttackPlan>> plan_attacks(const SampleOffice& office) {
  const auto users = TRY(read_rows(office.users, "users"));
  const auto phones = TRY(plan_phones(office));
  if (phones.empty()) return Error(ErrorCode::NotFound, "the sample office has no phones");
  std::vector<storm::AttackPlan> attacks;
  const auto add = [&](AttackKind kind, const PhoneSpec& victim, const std::string& path) {
    storm::AttackPlan attack;
    attack.kind = kind;
    attack.source = IpAddress::v4(kOutside + static_cast<uint32_t>(attacks.size()) + 1);
    attack.first = victim.mac;
    attack.path = path;
    attack.most = 200;
    attack.pause = milliseconds{20};
    for (const Row& user : users) attack.trophies.push_back(user.at("name"));
    attacks.push_back(std::move(attack));
  };
  const PhoneSpec& victim = phones.front();
  const std::string file = secret_file(victim.vendor);
  add(AttackKind::SweepHttps, victim, file);
  add(AttackKind::GuessPasswords, victim, file);
  add(AttackKind::GuessTokens, victim, "p/{token}/" + file);
  for (const PhoneSpec& phone : phones) {
    if (phone.transport != storm::Transport::Tftp) continue;
    add(AttackKind::SweepTftp, phone, secret_file(phone.vendor));
    break;
  }
  return attacks;
}

}  // namespace stormdoor::edge
