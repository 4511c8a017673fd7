#include "edge/arguments.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace stormdoor::edge {

void Arguments::wrong(const char* key, const std::string& what) {
  if (!error_)
    error_ = Error(ErrorCode::InvalidArgument, fmt::format("{}: {}", key, what))
                 .with_details({{key, 0, what}});
}

const nlohmann::json* Arguments::find(const char* key, bool required) {
  asked_.insert(key);
  const auto found = object_.find(key);
  if (found == object_.end() || found->is_null()) {
    if (required) wrong(key, "missing");
    return nullptr;
  }
  return &*found;
}

std::optional<std::string> Arguments::maybe_text(const char* key) {
  const auto* value = find(key, false);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    wrong(key, "must be a text");
    return {};
  }
  return value->get<std::string>();
}

std::string Arguments::text(const char* key) {
  (void)find(key, true);
  return maybe_text(key).value_or("");
}

std::optional<Secret> Arguments::maybe_secret(const char* key) {
  auto value = maybe_text(key);
  if (!value) return {};
  return Secret(std::move(*value));
}

std::optional<std::vector<std::string>> Arguments::maybe_texts(const char* key) {
  const auto* value = find(key, false);
  if (value == nullptr) return {};
  std::vector<std::string> all;
  if (!value->is_array()) {
    wrong(key, "must be a list of texts");
    return {};
  }
  for (const auto& item : *value) {
    if (item.is_string())
      all.push_back(item.get<std::string>());
    else
      wrong(key, "must be a list of texts");
  }
  return all;
}

std::vector<std::string> Arguments::texts(const char* key) {
  (void)find(key, true);
  return maybe_texts(key).value_or(std::vector<std::string>{});
}

std::optional<int64_t> Arguments::maybe_number(const char* key, int64_t least, int64_t most) {
  const auto* value = find(key, false);
  if (value == nullptr) return {};
  if (!value->is_number_integer() || value->get<int64_t>() < least ||
      value->get<int64_t>() > most) {
    wrong(key, fmt::format("must be a number from {} to {}", least, most));
    return {};
  }
  return value->get<int64_t>();
}

bool Arguments::flag(const char* key) {
  const auto* value = find(key, false);
  if (value == nullptr) return false;
  if (!value->is_boolean()) wrong(key, "must be true or false");
  return *value == true;
}

std::vector<nlohmann::json> Arguments::objects(const char* key) {
  const auto* value = find(key, false);
  if (value == nullptr) return {};
  std::vector<nlohmann::json> all;
  if (!value->is_array()) {
    wrong(key, "must be a list of objects");
    return {};
  }
  for (const auto& item : *value) {
    if (item.is_object())
      all.push_back(item);
    else
      wrong(key, "must be a list of objects");
  }
  return all;
}

std::map<std::string, std::optional<std::string>> Arguments::edits(const char* key) {
  std::map<std::string, std::optional<std::string>> all;
  const auto* value = find(key, false);
  if (value == nullptr) return all;
  if (!value->is_object()) {
    wrong(key, "must be names with values");
    return all;
  }
  for (const auto& [name, text] : value->items()) {
    if (!text.is_string())
      wrong(key, "must be names with values that are texts");
    else if (text.get<std::string>().empty())
      all[name] = std::nullopt;
    else
      all[name] = text.get<std::string>();
  }
  return all;
}

MacAddress Arguments::mac(const char* key) {
  const std::string given = text(key);
  const auto parsed = MacAddress::parse(given);
  if (!parsed) wrong(key, parsed.error().message());
  return parsed ? *parsed : MacAddress();
}

std::optional<std::vector<IpPrefix>> Arguments::maybe_prefixes(const char* key) {
  const auto given = maybe_texts(key);
  if (!given) return {};
  std::vector<IpPrefix> all;
  for (const auto& item : *given) {
    const auto parsed = IpPrefix::parse(item);
    if (parsed)
      all.push_back(*parsed);
    else
      wrong(key, parsed.error().message());
  }
  return all;
}

IpPrefix Arguments::prefix(const char* key) {
  const std::string given = text(key);
  const auto parsed = IpPrefix::parse(given);
  if (!parsed) wrong(key, parsed.error().message());
  return parsed ? *parsed : IpPrefix();
}

Result<void> Arguments::finish() {
  for (const auto& [key, ignored] : object_.items())
    if (!asked_.contains(key))
      wrong(printable(key, 40).c_str(), "this command has no such argument");
  if (error_) return *error_;
  return {};
}

}  // namespace stormdoor::edge
