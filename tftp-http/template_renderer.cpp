#include "tftp-http/template_renderer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <unordered_map>
#include <utility>

#include <kainjow/mustache.hpp>

#include "base/text.hpp"
#include "tftp-http/template_syntax.hpp"

namespace stormdoor::http {
namespace {

namespace km = kainjow::mustache;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string escape_xml(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        out += is_control(c) ? ' ' : c;
    }
  }
  return out;
}

std::string escape_lines(std::string_view value) {
  std::string out(value);
  std::ranges::replace_if(out, is_control, ' ');
  return out;
}

// U+FFFE and U+FFFF are not XML characters; bytes that are no UTF-8 would make the whole file
// unreadable. Both become '?'.
std::string as_xml_text(std::string_view value) {
  std::string out(value);
  if (!is_valid_utf8(out))
    std::ranges::replace_if(
        out, [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; }, '?');
  for (const std::string_view forbidden : {"\xef\xbf\xbe", "\xef\xbf\xbf"})
    for (size_t at = out.find(forbidden); at != std::string::npos; at = out.find(forbidden, at))
      out.replace(at, forbidden.size(), "?");
  return out;
}

// Hands the library one value at a time and notes what was used and what was missing.
class Context final : public km::basic_context<std::string> {
 public:
  Context(const TemplateValues& values, std::vector<UsedValue>* used)
      : values_(values), used_(used) {}

  void push(const km::data* item) override { items_.push_back(item); }
  void pop() override { items_.pop_back(); }
  const km::data* get_partial(const std::string& /*name*/) const override { return nullptr; }

  const km::data* get(const std::string& name) const override {
    for (auto item = items_.rbegin(); item != items_.rend(); ++item)
      if (const km::data* found = (*item)->get(name)) return found;
    const auto made = made_.find(name);
    if (made != made_.end()) return &made->second;
    if (const TemplateValue* value = values_.find(name)) {
      if (used_) used_->push_back({name, value->secret ? "(secret)" : value->text, value->layer});
      return &made_.emplace(name, scalar(*value)).first->second;
    }
    if (const auto* list = values_.find_list(name))
      return &made_.emplace(name, list_of(name, *list)).first->second;
    if (missing_.empty()) missing_ = name;
    return nullptr;
  }

  [[nodiscard]] const std::string& missing() const { return missing_; }

 private:
  static km::data scalar(const TemplateValue& value) {
    return value.text.empty() ? km::data(false) : km::data(value.text);
  }
  km::data list_of(const std::string& name, const std::vector<TemplateValues::Item>& items) const {
    km::data list(km::data::type::list);
    for (size_t i = 0; i < items.size(); ++i) {
      km::data object(km::data::type::object);
      for (const auto& [key, value] : items[i]) {
        object.set(key, scalar(value));
        if (used_)
          used_->push_back({fmt::format("{}[{}].{}", name, i + 1, key),
                            value.secret ? "(secret)" : value.text, value.layer});
      }
      list.push_back(object);
    }
    return list;
  }

  const TemplateValues& values_;
  std::vector<UsedValue>* used_;
  std::vector<const km::data*> items_;
  mutable std::unordered_map<std::string, km::data> made_;
  mutable std::string missing_;
};

}  // namespace

std::string escape(std::string_view value, Format format) {
  return format == Format::Xml ? escape_xml(as_xml_text(value)) : escape_lines(value);
}

std::string_view to_string(Layer layer) {
  switch (layer) {
    case Layer::BuiltIn:
      return "built-in";
    case Layer::Site:
      return "site";
    case Layer::Location:
      return "location";
    case Layer::Model:
      return "model";
    case Layer::Phone:
      return "phone";
    case Layer::Record:
      return "record";
  }
  return "built-in";
}

void TemplateValues::set(std::string_view name, std::string_view text, Layer layer, bool secret) {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    values_.emplace(name, TemplateValue{std::string(text), layer, secret});
  } else if (layer >= found->second.layer) {
    // Once secret, always secret: a layer may replace a password, not publish it.
    found->second = {std::string(text), layer, secret || found->second.secret};
  }
}

void TemplateValues::add_list(std::string_view list) {
  if (!lists_.contains(list)) lists_.emplace(list, std::vector<Item>{});
}

void TemplateValues::add_item(std::string_view list, Item item) {
  add_list(list);
  lists_.find(list)->second.push_back(std::move(item));
}

void TemplateValues::mask_secrets() {
  const auto mask = [](TemplateValue& value) {
    if (value.secret && !value.text.empty()) value.text = "(secret)";
  };
  for (auto& [name, value] : values_) mask(value);
  for (auto& [list, items] : lists_)
    for (Item& item : items)
      for (auto& [name, value] : item) mask(value);
}

const TemplateValue* TemplateValues::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

const std::vector<TemplateValues::Item>* TemplateValues::find_list(std::string_view name) const {
  const auto found = lists_.find(name);
  return found == lists_.end() ? nullptr : &found->second;
}

// The library's render() is not const, but changes the object only for partials and lambdas, which
// parse() refuses and values never are: concurrent renderings only read.
struct Template::Parsed {
  explicit Parsed(const std::string& text) : mustache(text) {}
  km::mustache mustache;
};

Template::Template(std::string name, std::vector<Mention> mentions, std::unique_ptr<Parsed> parsed)
    : name_(std::move(name)), mentions_(std::move(mentions)), parsed_(std::move(parsed)) {}
Template::~Template() = default;

Result<std::shared_ptr<const Template>> Template::parse(std::string name, std::string text,
                                                        Format format) {
  if (text.size() > kMostBytes)
    return Error(ErrorCode::ResourceExhausted,
                 fmt::format("{}: longer than {}", name, format_size(kMostBytes)));
  auto mentions = TRY(read_mentions(name, text));
  try {
    auto parsed = std::make_unique<Parsed>(without_tag_lines(text));
    if (!parsed->mustache.is_valid())
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("{}: {}", name, parsed->mustache.error_message()));
    parsed->mustache.set_custom_escape(
        [format](const std::string& value) { return escape(value, format); });
    return std::shared_ptr<const Template>(
        new Template(std::move(name), std::move(mentions), std::move(parsed)));
  } catch (const std::exception& problem) {
    return Error(ErrorCode::InvalidArgument, fmt::format("{}: {}", name, problem.what()));
  }
}

Result<std::string> Template::render(const TemplateValues& values,
                                     std::vector<UsedValue>* used) const {
  try {
    Context context(values, used);
    std::string text = parsed_->mustache.render(context);
    if (!context.missing().empty())
      return Error(ErrorCode::NotFound,
                   fmt::format("{}: no layer sets \"{}\"", name_, context.missing()));
    return text;
  } catch (const std::exception& problem) {
    return Error(ErrorCode::InvalidArgument, fmt::format("{}: {}", name_, problem.what()));
  }
}

}  // namespace stormdoor::http
