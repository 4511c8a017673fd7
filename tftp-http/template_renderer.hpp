#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "tftp-http/template_syntax.hpp"

namespace stormdoor::http {

// The form of what a template makes, which decides how values are escaped. No value, whoever chose
// it, can end the element, attribute or line that it stands in.
enum class Format : uint8_t {
  Xml,    // & < > " ' as references; what XML 1.0 forbids left out; line ends become spaces
  Lines,  // "key = value" lines: control characters, line ends included, become spaces
  Plain,  // as Lines; for text that no program parses
};
[[nodiscard]] std::string escape(std::string_view value, Format format);

// Where a value came from, from the weakest to the strongest. Record is what the registry says of
// this very phone (its account, its location's emergency number): no layer can change it.
enum class Layer : uint8_t { BuiltIn, Site, Location, Model, Phone, Record };
[[nodiscard]] std::string_view to_string(Layer layer);

struct TemplateValue {
  std::string text;  // empty counts as "no" for {{#name}} and {{^name}}
  Layer layer = Layer::BuiltIn;
  bool secret = false;
};

// Every value that one rendering may use: names, and lists whose items have names of their own.
// A plain value of one thread.
class TemplateValues {
 public:
  using Item = std::map<std::string, TemplateValue, std::less<>>;

  // Takes the place of a weaker layer's value, or of an earlier one of the same layer; a stronger
  // layer's value stays.
  void set(std::string_view name, std::string_view text, Layer layer, bool secret = false);
  void add_item(std::string_view list, Item item);
  void add_list(std::string_view list);  // known, though it may stay empty

  // Puts "(secret)" in the place of every secret that is not empty.
  void mask_secrets();

  [[nodiscard]] const TemplateValue* find(std::string_view name) const;
  [[nodiscard]] const std::vector<Item>* find_list(std::string_view name) const;

 private:
  std::map<std::string, TemplateValue, std::less<>> values_;
  std::map<std::string, std::vector<Item>, std::less<>> lists_;
};

// For `stormdoor phone show MAC --rendered`: what was put in, in the order of first use.
struct UsedValue {
  std::string name;
  std::string value;  // "(secret)" for a secret
  Layer layer = Layer::BuiltIn;
};

// One parsed mustache template (kainjow/mustache, which stays inside template_renderer.cpp).
// Immutable and without state of a rendering: any number of threads may render one at a time.
//
// Of mustache's language {{name}}, {{#name}}...{{/name}}, {{^name}}...{{/name}} and {{! comments }}
// are taken. Unescaped values ({{{name}}}, {{&name}}), partials and other delimiters are errors, so
// that nothing gets round the escaping. Names are [a-z0-9_]. Bound: 256 KiB of text; values are not
// templates and are never parsed.
class Template {
 public:
  static constexpr size_t kMostBytes = size_t{256} * 1024;

  // `name` is for error messages, "sangoma/phone.xml:12: ...".
  static Result<std::shared_ptr<const Template>> parse(std::string name, std::string text,
                                                       Format format);
  ~Template();
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;

  using Mention = TemplateMention;
  // Every name that stands in a tag, each once, where it stands first: to be checked against what
  // will be known, before any phone asks.
  [[nodiscard]] const std::vector<Mention>& mentions() const { return mentions_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  // A name that `values` does not know is an error that says it. `used` may be null.
  [[nodiscard]] Result<std::string> render(const TemplateValues& values,
                                           std::vector<UsedValue>* used = nullptr) const;

 private:
  struct Parsed;
  Template(std::string name, std::vector<Mention> mentions, std::unique_ptr<Parsed> parsed);

  std::string name_;
  std::vector<Mention> mentions_;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace stormdoor::http
