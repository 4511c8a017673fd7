#include "portal/api_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.hpp"

namespace stormdoor::portal {
namespace {

using nlohmann::json;

constexpr int kMostDepth = 16;
constexpr size_t kMostQueryParts = 32;

std::string_view argument_of(const Parameter& parameter) {
  return parameter.argument.empty() ? parameter.name : parameter.argument;
}

std::optional<int> hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return {};
}

// application/x-www-form-urlencoded, as browsers write queries.
std::optional<std::string> decode(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      plain += ' ';
    } else if (text[i] != '%') {
      plain += text[i];
    } else {
      if (i + 2 >= text.size()) return {};
      const auto high = hex_value(text[i + 1]);
      const auto low = hex_value(text[i + 2]);
      if (!high || !low) return {};
      plain += char(*high * 16 + *low);
      i += 2;
    }
  }
  if (!is_valid_utf8(plain) || plain.find('\0') != std::string::npos) return {};
  return plain;
}

std::optional<int64_t> number_in(std::string_view text) {
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

class Reader {
 public:
  Reader(const Route& route, ApiCall& call) : route_(route), call_(call) {}

  void read_path(const PathValues& values) {
    if (picks_a_row()) return;
    for (const auto& [name, value] : values) take_text(*find(name, In::Path), value);
  }

  void read_query_text(std::string_view text) {
    const auto parts = read_query(text);
    if (!parts) return wrong("", "the query cannot be read: an escape in it is broken");
    std::set<std::string> seen;
    for (const auto& [name, value] : *parts) {
      if (!seen.insert(name).second) {
        wrong(name, "is given more than once");
      } else if (!take_of_list(name, value)) {
        const Parameter* known = find(name, In::Query);
        if (known != nullptr)
          take_text(*known, value);
        else
          wrong(printable(name, 40), "this operation has no such parameter");
      }
    }
  }

  void read_body(std::string_view content_type, std::string_view body) {
    const auto csv = std::ranges::find(route_.parameters, Type::Csv, &Parameter::type);
    if (csv != route_.parameters.end()) return take_csv(*csv, content_type, body);
    const bool wants_any = std::ranges::any_of(
        route_.parameters, [](const Parameter& one) { return one.in == In::Body; });
    if (!wants_any) {
      if (!trim(body).empty() && trim(body) != "{}") wrong("", "this operation takes no body");
      return;
    }
    const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
    if (!body.empty() && !equals_ignoring_case(type, "application/json"))
      return wrong("", "the body must be of Content-Type application/json");
    const json object = parse(body);
    if (!object.is_object()) return wrong("", "the body is not a JSON object");
    for (const auto& [name, value] : object.items()) {
      const Parameter* known = find(name, In::Body);
      if (known == nullptr)
        wrong(printable(name, 40), "this operation has no such field");
      else
        take_json(*known, value);
    }
  }

  void finish() {
    for (const Parameter& parameter : route_.parameters)
      if (parameter.required && !(picks_a_row() && parameter.in == In::Path) &&
          !call_.arguments.contains(argument_of(parameter)) && !is_wrong(parameter.name))
        wrong(std::string(parameter.name), "is missing");
    for (const auto flag : route_.flags) call_.arguments[std::string(flag)] = true;
  }

 private:
  // The path says which of the command's rows it is: nothing for the command.
  [[nodiscard]] bool picks_a_row() const { return route_.kind == Kind::Picked; }
  [[nodiscard]] const Parameter* find(std::string_view name, In in) const {
    const auto found = std::ranges::find_if(
        route_.parameters, [&](const Parameter& one) { return one.name == name && one.in == in; });
    return found == route_.parameters.end() ? nullptr : &*found;
  }
  void wrong(std::string field, std::string what) {
    call_.problems.push_back({std::move(field), 0, std::move(what)});
  }
  [[nodiscard]] bool is_wrong(std::string_view field) const {
    return std::ranges::any_of(call_.problems,
                               [&](const ErrorDetail& one) { return one.field == field; });
  }
  void set(const Parameter& parameter, json value) {
    call_.arguments[std::string(argument_of(parameter))] = std::move(value);
  }

  // `search`, `limit` and `after` where we cut the list ourselves.
  bool take_of_list(const std::string& name, const std::string& value) {
    if (route_.kind != Kind::List) return false;
    if (name == "limit") {
      const auto number = number_in(value);
      if (!number || *number < 1 || *number > int64_t(kMostListed))
        wrong(name, fmt::format("must be a number from 1 to {}", kMostListed));
      else
        call_.wish.limit = size_t(*number);
      return true;
    }
    if (name == "after") {
      call_.wish.after = value;
      return true;
    }
    const Parameter* search = find("search", In::Query);
    if (name != "search" || search == nullptr || !search->argument.empty()) return false;
    call_.wish.search = value;
    return true;
  }

  void take_text(const Parameter& parameter, const std::string& text) {
    const std::string field(parameter.name);
    switch (parameter.type) {
      case Type::Texts:
        return set(parameter, json::array({text}));
      case Type::Number:
        if (const auto number = number_in(text)) return set(parameter, *number);
        return wrong(field, "must be a number");
      case Type::Flag:
        if (text == "true" || text == "false") return set(parameter, text == "true");
        return wrong(field, "must be true or false");
      default:
        return set(parameter, text);
    }
  }

  void take_json(const Parameter& parameter, const json& value) {
    const std::string field(parameter.name);
    const auto is_text = [](const json& one) { return one.is_string(); };
    switch (parameter.type) {
      case Type::Text:
        if (!value.is_string()) return wrong(field, "must be a text");
        break;
      case Type::Number:
        if (!value.is_number_integer()) return wrong(field, "must be a whole number");
        break;
      case Type::Flag:
        if (!value.is_boolean()) return wrong(field, "must be true or false");
        break;
      case Type::Texts:
        if (!value.is_array() || !std::ranges::all_of(value, is_text))
          return wrong(field, "must be a list of texts");
        break;
      case Type::Pairs:
        if (!value.is_object() || !std::ranges::all_of(value, is_text))
          return wrong(field, "must be names with texts");
        break;
      case Type::Objects:
        if (!value.is_array() ||
            !std::ranges::all_of(value, [](const json& one) { return one.is_object(); }))
          return wrong(field, "must be a list of objects");
        break;
      case Type::Csv:
      case Type::Any:
        break;
    }
    set(parameter, value);
  }

  void take_csv(const Parameter& parameter, std::string_view content_type, std::string_view body) {
    const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
    if (!equals_ignoring_case(type, "text/csv"))
      return wrong("", "the body must be of Content-Type text/csv");
    set(parameter, std::string(body));
    call_.arguments["file"] = "the file";
  }

  // Nesting is bounded because the destructor recurses.
  static json parse(std::string_view text) {
    bool too_deep = false;
    const auto watch_depth = [&](int depth, json::parse_event_t, json&) {
      too_deep = too_deep || depth > kMostDepth;
      return !too_deep;
    };
    json parsed = json::parse(text, watch_depth, false);
    return too_deep ? json() : parsed;
  }

  const Route& route_;
  ApiCall& call_;
};

}  // namespace

ApiCall read_call(const Route& route, const ApiInput& input) {
  ApiCall call;
  Reader reader(route, call);
  reader.read_path(input.path);
  reader.read_query_text(input.query);
  if (route.method != "GET") reader.read_body(input.content_type, input.body);
  reader.finish();
  return call;
}

std::string field_of(const Route& route, std::string_view argument) {
  for (const Parameter& parameter : route.parameters)
    if (argument_of(parameter) == argument) return std::string(parameter.name);
  return std::string(argument);
}

std::optional<std::vector<std::pair<std::string, std::string>>> read_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parts;
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    if (parts.size() == kMostQueryParts) return {};
    const auto equals = part.find('=');
    auto name = decode(part.substr(0, equals));
    auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                  : decode(part.substr(equals + 1));
    if (!name || !value) return {};
    parts.emplace_back(*std::move(name), *std::move(value));
  }
  return parts;
}

}  // namespace stormdoor::portal
