#include "edge/acl_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "acl/journal_reader.hpp"
#include "acl/replay.hpp"
#include "acl/shadow_report.hpp"
#include "base/text.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

constexpr const char* kTextName = "rules";

// ---- a journal ----

// Plays a directory's events, and counts what could not be read.
class PlayedJournal {
 public:
  PlayedJournal(std::string directory, WallTime since)
      : directory_(std::move(directory)), since_(since) {}

  // Whether it can be read at all; a player has no way to say so.
  Result<void> look() const {
    const auto found = acl::list_segments(directory_);
    if (!found)
      return Error(found.error().code(),
                   found.error().message() +
                       "; the journal is for root and the daemon's account; --journal names "
                       "another directory");
    return {};
  }
  [[nodiscard]] acl::JournalPlayer player() {
    return [this](const acl::JournalVisitor& visit) {
      auto reader = acl::JournalReader::open(directory_, since_);
      if (!reader) return;
      acl::JournalEvent event;
      while (reader->next(event) && visit(event)) continue;
      damaged_ = std::max(damaged_, reader->damaged());  // a later walk may end earlier
    };
  }
  [[nodiscard]] size_t damaged() const { return damaged_; }

 private:
  std::string directory_;
  WallTime since_;
  size_t damaged_ = 0;
};

// ---- as JSON ----

json row_of(const acl::BlockStory& story) {
  const auto& block = story.block;
  const bool single = block.source.length() == (block.source.is_v4() ? 32 : 128);
  json phones = json::array();
  for (const auto& phone : story.phones) phones.push_back(phone.to_string());
  json accounts = json::array();
  for (const auto& account : story.accounts) accounts.push_back(printable(account, 48));
  return {{"source", single ? block.source.address().to_string() : block.source.to_string()},
          {"service", acl::to_string(acl::Service{block.service})},
          {"account", printable(block.account, 48)},
          {"since", format_time(block.since)},
          {"until", block.until == WallTime::max() ? "removed" : format_time(block.until)},
          {"reason", printable(block.reason, 200)},
          {"phones", std::move(phones)},
          {"accounts", std::move(accounts)},
          {"failures", story.failures},
          {"successes", story.successes}};
}

json rows_of(const std::vector<acl::BlockStory>& stories) {
  json rows = json::array();
  for (const auto& story : stories) rows.push_back(row_of(story));
  return rows;
}

// "rules:3:5: limit[0].failures: ..." as its parts; what has no place is a message alone.
json parts_of(std::string_view line) {
  json parts = {{"line", nullptr}, {"column", nullptr}, {"key", ""}, {"message", line}};
  std::string_view rest = line;
  if (!rest.starts_with(kTextName) ||
      !rest.substr(std::string_view(kTextName).size()).starts_with(':'))
    return parts;
  rest.remove_prefix(std::string_view(kTextName).size() + 1);
  for (const char* name : {"line", "column"}) {
    uint64_t number = 0;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (failure != std::errc{}) return parts;
    parts[name] = number;
    rest.remove_prefix(std::min<size_t>(size_t(end - rest.data()) + 1, rest.size()));
  }
  rest = trim(rest);
  const auto colon = rest.find(": ");
  if (colon != std::string_view::npos &&
      rest.substr(0, colon).find(' ') == std::string_view::npos) {
    parts["key"] = rest.substr(0, colon);
    rest.remove_prefix(colon + 2);
  }
  parts["message"] = rest;
  return parts;
}

}  // namespace

Result<json> replay_rows(const Config& config, const std::string& directory, WallTime since) {
  PlayedJournal journal(directory, since);
  TRY(journal.look());
  const auto report =
      acl::replay(journal.player(), acl::RuleSet::from(config.runtime.rules), config.startup.guard);
  return json{{"from", format_time(report.from)},
              {"until", format_time(report.until)},
              {"events", report.events},
              {"failures", report.failures},
              {"lost", report.lost},
              {"damaged", journal.damaged()},
              {"actual", report.actual},
              {"simulated", report.simulated},
              {"same", report.same},
              {"appeared_count", report.appeared_count},
              {"vanished_count", report.vanished_count},
              {"appeared", rows_of(report.appeared)},
              {"vanished", rows_of(report.vanished)}};
}

Result<json> shadow_rows(const std::string& directory, WallTime since) {
  PlayedJournal journal(directory, since);
  TRY(journal.look());
  const auto report = acl::shadow_report(journal.player());
  json phones = json::array();
  for (const auto& phone : report.phones) phones.push_back(phone.to_string());
  return json{{"from", format_time(report.from)},
              {"until", format_time(report.until)},
              {"events", report.events},
              {"damaged", journal.damaged()},
              {"blocks_count", report.blocks_count},
              {"failures", report.failures},
              {"successes", report.successes},
              {"blocks", rows_of(report.blocks)},
              {"phones", std::move(phones)}};
}

CheckedText check_text(std::string_view toml) {
  CheckedText checked;
  ConfigReader reader = ConfigReader::parse(toml, kTextName);
  auto config = read_config(reader);
  json errors = json::array();
  for (const auto& line : reader.errors()) errors.push_back(parts_of(line));
  if (!config && errors.empty()) errors.push_back(parts_of(config.error().message()));
  if (config) checked.config = *std::move(config);
  checked.report = {{"valid", errors.empty()},
                    {"errors", std::move(errors)},
                    {"warnings", checked.config.warnings},
                    {"expectations", checked.config.expectations}};
  return checked;
}

}  // namespace stormdoor::edge
