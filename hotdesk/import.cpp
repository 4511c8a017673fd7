#include "hotdesk/import.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/csv.hpp"
#include "base/text.hpp"
#include "hotdesk/rows.hpp"
#include "hotdesk/rules.hpp"
#include "hotdesk/words.hpp"

namespace stormdoor::hotdesk {
namespace {

using Columns = std::span<const std::string_view>;

constexpr std::array<std::string_view, 1> kLocationKey = {"name"};
constexpr std::array<std::string_view, 12> kLocationColumns = {
    "label",       "emergency_number", "house_number", "street", "city", "state",
    "postal_code", "country",          "building",     "floor",  "room", "networks"};
constexpr std::array<std::string_view, 1> kUserKey = {"extension"};
constexpr std::array<std::string_view, 4> kUserColumns = {"name", "pin", "sip_secret",
                                                          "main_phone"};
constexpr std::array<std::string_view, 1> kPhoneKey = {"mac"};
constexpr std::array<std::string_view, 6> kPhoneColumns = {"vendor",   "model",     "role",
                                                           "location", "extension", "slot"};

constexpr CsvLimits kLimits = {.bytes = size_t{16} << 20,
                               .rows = kMostRows,
                               .columns = 32,
                               .field_bytes = 4096,
                               .problems = kMostRowErrors};

// One row and what is wrong with its fields so far.
class RowReader {
 public:
  RowReader(const CsvTable& table, const CsvRow& row) : table_(table), row_(row) {}

  [[nodiscard]] std::string text(std::string_view column) const {
    return std::string(table_.field(row_, column));
  }
  [[nodiscard]] std::optional<Secret> secret(std::string_view column) const {
    const std::string_view field = table_.field(row_, column);
    if (field.empty()) return {};
    return Secret(std::string(field));
  }
  // What `parse` makes of the field; nothing if it is empty or wrong.
  template <typename Parse>
  auto parsed(std::string_view column, Parse parse)
      -> std::optional<typename decltype(parse(std::string_view()))::value_type> {
    const std::string_view field = table_.field(row_, column);
    if (field.empty()) return {};
    auto value = parse(field);
    if (value) return *std::move(value);
    problems_.add(column, value.error());
    return {};
  }
  [[nodiscard]] Problems take_problems() { return std::exchange(problems_, {}); }

 private:
  const CsvTable& table_;
  const CsvRow& row_;
  Problems problems_;
};

Result<std::vector<IpPrefix>> parse_networks(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced)
    if (c == ';') c = ' ';
  std::vector<IpPrefix> networks;
  for (const std::string_view part : split(spaced, ' ')) {
    if (part.empty()) continue;
    if (networks.size() > kMostNetworks) break;  // add_location() says that it is too many
    networks.push_back(TRY(IpPrefix::parse(part)));
  }
  return networks;
}

Result<uint8_t> parse_slot(std::string_view text) {
  uint8_t slot = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), slot);
  if (failure == std::errc{} && end == text.data() + text.size()) return slot;
  return Error(ErrorCode::InvalidArgument,
               fmt::format("\"{}\" is not a slot; expected 0 for the main phone or 1 to {} for an "
                           "additional one",
                           printable(text, 40), kMostAdditionalPhones));
}

// The reader's complaints, by line.
class FileProblems {
 public:
  explicit FileProblems(const CsvTable& table) {
    for (const CsvProblem& problem : table.problems())
      messages_.emplace(problem.line, problem.message);
  }

  // Rows under a header that is not understood would only repeat the same complaint.
  [[nodiscard]] bool in_header() const { return at(1); }
  [[nodiscard]] bool at(size_t line) const { return messages_.contains(line); }
  // Moves those before `end_line` to `errors`, so that all errors stand in the order of lines.
  void move_to(RowErrors& errors, size_t end_line) {
    while (!messages_.empty() && messages_.begin()->first < end_line) {
      errors.add({0, messages_.begin()->first}, "", std::move(messages_.begin()->second));
      messages_.erase(messages_.begin());
    }
  }

 private:
  std::multimap<size_t, std::string> messages_;
};

// Runs `add(reader, place)` (which returns Problems) for every row that could be read.
template <typename Add>
ImportReport import_rows(Draft& draft, std::string_view csv, Columns required, Columns optional,
                         Add add) {
  CsvTable table = CsvTable::parse(csv, kLimits);
  if (!table.columns().empty()) table.check_columns(required, optional);
  FileProblems unreadable(table);
  RowErrors errors;
  ImportReport report;
  const auto add_all = [&] {
    for (const CsvRow& row : table.rows()) {
      ++report.rows;
      const bool readable = !unreadable.at(row.line);
      unreadable.move_to(errors, row.line + 1);
      if (!readable) continue;
      const RowPlace place{report.rows, row.line};
      RowReader reader(table, row);
      errors.add(place, add(reader, place));
    }
    unreadable.move_to(errors, SIZE_MAX);
  };
  if (unreadable.in_header()) {
    unreadable.move_to(errors, SIZE_MAX);
    return {.errors = errors.take()};
  }
  const Problems refused_rows = draft.attempt([&] {
    add_all();
    Problems problems;
    if (!errors.none()) problems.add("", ErrorCode::InvalidArgument, "the file has errors");
    return problems;
  });
  if (!refused_rows.none()) return {.errors = errors.take()};
  return report;
}

LocationRecord location_from(RowReader& row) {
  LocationRecord location;
  location.name = row.text("name");
  location.label = row.text("label");
  location.emergency_number = row.text("emergency_number");
  location.house_number = row.text("house_number");
  location.street = row.text("street");
  location.city = row.text("city");
  location.state = row.text("state");
  location.postal_code = row.text("postal_code");
  location.country = row.text("country");
  location.building = row.text("building");
  location.floor = row.text("floor");
  location.room = row.text("room");
  location.networks = row.parsed("networks", parse_networks).value_or(std::vector<IpPrefix>());
  return location;
}

UserRequest user_from(RowReader& row) {
  UserRequest request;
  request.extension = row.text("extension");
  request.name = row.text("name");
  request.pin = row.secret("pin");
  request.sip_secret = row.secret("sip_secret");
  request.main_phone_type =
      row.parsed("main_phone", parse_main_phone_type).value_or(store::MainPhoneType::None);
  return request;
}

PhoneRequest phone_from(RowReader& row) {
  PhoneRequest request;
  request.mac = row.text("mac");
  request.vendor = row.text("vendor");
  request.model = row.text("model");
  request.role = row.parsed("role", parse_phone_role);
  request.location = row.text("location");
  request.extension = row.text("extension");
  request.slot = row.parsed("slot", parse_slot).value_or(uint8_t{0});
  return request;
}

}  // namespace

ImportReport import_locations(Draft& draft, std::string_view csv) {
  SeenRows seen;
  return import_rows(
      draft, csv, kLocationKey, kLocationColumns, [&](RowReader& row, RowPlace place) {
        LocationRecord location = location_from(row);
        Problems problems = row.take_problems();
        if (Problems twice = seen.note("name", "location", location.name, place); !twice.none())
          problems.add(std::move(twice));
        else
          problems.add(add_location(draft, std::move(location)));
        return problems;
      });
}

ImportReport import_users(Draft& draft, std::string_view csv, const Tools& tools) {
  SeenRows seen;
  return import_rows(draft, csv, kUserKey, kUserColumns, [&](RowReader& row, RowPlace place) {
    const UserRequest request = user_from(row);
    Problems problems = row.take_problems();
    if (Problems twice = seen.note("extension", "extension", request.extension, place);
        !twice.none())
      problems.add(std::move(twice));
    else
      problems.add(add_user(draft, request, tools));
    return problems;
  });
}

ImportReport import_phones(Draft& draft, std::string_view csv, const Tools& tools) {
  size_t assigned = 0;
  PhoneRows rows(draft, tools);
  ImportReport report =
      import_rows(draft, csv, kPhoneKey, kPhoneColumns, [&](RowReader& row, RowPlace place) {
        const PhoneRequest request = phone_from(row);
        Problems problems = row.take_problems();
        problems.add(rows.add(place, request));
        if (!request.extension.empty()) ++assigned;
        return problems;
      });
  if (report.done()) report.assigned = assigned;
  return report;
}

}  // namespace stormdoor::hotdesk
