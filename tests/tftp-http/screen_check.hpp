#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/tftp-http/xml_check.hpp"
#include "tftp-http/desk_screens.hpp"

// What a vendor's browser would not take of a screen, by the rules that the vendors publish or that
// working screens of others keep to (etc/phones/*/profile.toml names them).
namespace stormdoor::http {

struct XmlElement {
  std::string name, text;
  std::map<std::string, std::string> attributes;
  std::vector<XmlElement> children;

  [[nodiscard]] size_t count(std::string_view child) const {
    return size_t(std::ranges::count(children, child, &XmlElement::name));
  }
  [[nodiscard]] std::string text_of(std::string_view child) const {
    for (const auto& one : children)
      if (one.name == child) return one.text;
    return {};
  }
};

// The root of a document that xml_problem() has nothing to say about; references stay as they are.
class XmlTree {
 public:
  static XmlElement of(std::string_view text) {
    XmlTree tree(text);
    if (text.starts_with("<?xml")) tree.at_ = text.find("?>") + 2;
    tree.at_ = text.find('<', tree.at_);
    return tree.element();
  }

 private:
  explicit XmlTree(std::string_view text) : text_(text) {}

  XmlElement element() {
    XmlElement made;
    const size_t end = text_.find_first_of(" \n/>", ++at_);
    made.name = text_.substr(at_, end - at_);
    at_ = end;
    while (text_[at_] != '>' && text_[at_] != '/') attribute(made);
    if (text_[at_] == '/') {
      at_ += 2;
      return made;
    }
    ++at_;
    while (!text_.substr(at_).starts_with("</")) {
      if (text_[at_] == '<')
        made.children.push_back(element());
      else
        made.text += text_[at_++];
    }
    at_ = text_.find('>', at_) + 1;
    return made;
  }
  void attribute(XmlElement& of) {
    at_ = text_.find_first_not_of(" \n", at_);
    if (text_[at_] == '>' || text_[at_] == '/') return;
    const size_t equals = text_.find('=', at_), end = text_.find('"', equals + 2);
    of.attributes[std::string(text_.substr(at_, equals - at_))] =
        text_.substr(equals + 2, end - equals - 2);
    at_ = end + 1;
  }

  std::string_view text_;
  size_t at_ = 0;
};

// A kind of element: the attributes it may have, and its children in their order, how many of each.
struct ElementRule {
  struct Child {
    std::string name;
    size_t least = 1, most = 1;
  };
  std::set<std::string> attributes = {};
  std::vector<Child> children = {};
};
using ElementRules = std::map<std::string, ElementRule>;

inline constexpr size_t kMany = 100;

// Yealink's and Aastra's objects differ by their names, and by what several fields need.
inline ElementRules input_screen_rules(const std::string& maker,
                                       const std::set<std::string>& more) {
  std::set<std::string> input = {"type",          "Beep",         "Timeout",     "LockIn",
                                 "destroyOnExit", "defaultIndex", "cancelAction"};
  input.insert(more.begin(), more.end());
  const std::string object = maker + "IPPhone";
  return {
      {object + "InputScreen",
       {input, {{"Title"}, {"URL"}, {"InputField", 1, kMany}, {"SoftKey", 0, 6}}}},
      {object + "TextScreen",
       {{"Beep", "Timeout", "LockIn", "destroyOnExit", "cancelAction"},
        {{"Title"}, {"Text"}, {"SoftKey", 0, 6}}}},
      {object + "Execute", {{"Beep"}, {{"ExecuteItem", 1, kMany}}}},
      {"InputField",
       {{"type", "password", "editable"}, {{"Prompt"}, {"Parameter"}, {"Default", 0, 1}}}},
      {"ExecuteItem", {{"URI"}, {}}},
      {"SoftKey", {{"index"}, {{"Label"}, {"URI"}}}},
  };
}

inline ElementRules rules_of(ScreenFormat format) {
  switch (format) {
    case ScreenFormat::Yealink:
      return input_screen_rules("Yealink", {});
    case ScreenFormat::Aastra:
      return input_screen_rules("Aastra", {"password", "editable", "displayMode"});
    case ScreenFormat::Cisco:
      return {{"CiscoIPPhoneInput", {{}, {{"Title"}, {"Prompt"}, {"URL"}, {"InputItem", 1, 5}}}},
              {"CiscoIPPhoneText", {{}, {{"Title"}, {"Prompt"}, {"Text"}, {"SoftKeyItem", 0, 8}}}},
              {"InputItem",
               {{}, {{"DisplayName"}, {"QueryStringParam"}, {"DefaultValue"}, {"InputFlags"}}}},
              {"SoftKeyItem", {{}, {{"Name"}, {"URL"}, {"Position"}}}}};
    case ScreenFormat::Snom:
      return {{"SnomIPPhoneInput", {{"track"}, {{"Title"}, {"Prompt"}, {"URL"}, {"InputItem"}}}},
              {"SnomIPPhoneText", {{}, {{"Title"}, {"Text"}}}},
              {"SnomIPPhoneMenu", {{}, {{"Title"}, {"MenuItem", 1, kMany}}}},
              {"InputItem",
               {{}, {{"DisplayName"}, {"QueryStringParam"}, {"DefaultValue"}, {"InputFlags"}}}},
              {"MenuItem", {{}, {{"Name"}, {"URL"}}}}};
    case ScreenFormat::Digium:  // app_problem()
    case ScreenFormat::Html:
      break;
  }
  return {};
}

inline std::string shape_problem(const ElementRules& rules, const XmlElement& element) {
  const auto rule = rules.find(element.name);
  if (rule == rules.end())
    return element.children.empty() && element.attributes.empty() ? ""
                                                                  : "no object " + element.name;
  for (const auto& [name, value] : element.attributes)
    if (!rule->second.attributes.contains(name)) return element.name + " has no attribute " + name;
  size_t at = 0;
  for (const auto& [name, least, most] : rule->second.children) {
    size_t found = 0;
    for (; at < element.children.size() && element.children[at].name == name; ++at, ++found)
      if (auto problem = shape_problem(rules, element.children[at]); !problem.empty())
        return problem;
    if (found < least || found > most) return fmt::format("{} {} in {}", found, name, element.name);
  }
  if (at == element.children.size()) return {};
  return element.children[at].name + " is out of place in " + element.name;
}

// Numbered from 1 on, each number once.
inline std::string numbering_problem(const XmlElement& screen, std::string_view item,
                                     const std::function<std::string(const XmlElement&)>& number) {
  size_t expected = 1;
  for (const auto& child : screen.children)
    if (child.name == item && number(child) != std::to_string(expected++))
      return fmt::format("{} is numbered {}", item, number(child));
  return {};
}

// One thing to type: its name in the query, and whether it is shown as dots.
inline std::string field_problem(const std::string& parameter, bool hidden) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
  if (parameter.empty() || parameter.find_first_not_of(kLetters) != std::string::npos)
    return "a parameter " + parameter;
  return hidden == (parameter == "pin") ? "" : parameter + " is masked wrongly";
}

inline std::string form_problem(ScreenFormat format, const XmlElement& screen) {
  if (screen.text_of("URL").find('?') != std::string::npos)
    return "phones append their query to an address that has one";
  std::set<std::string> parameters;
  for (const auto& child : screen.children) {
    if (child.name != "InputField" && child.name != "InputItem") continue;
    std::string parameter = child.text_of("Parameter");
    bool hidden = child.attributes.contains("password") && child.attributes.at("password") == "yes";
    if (child.name == "InputItem") {
      parameter = child.text_of("QueryStringParam");
      const std::string flags = child.text_of("InputFlags");
      // Cisco: a letter for what is typed, then P. Snom: small letters, p among them.
      const std::string_view kinds = format == ScreenFormat::Cisco ? "ATNEUL" : "atn";
      const char password = format == ScreenFormat::Cisco ? 'P' : 'p';
      hidden = flags.find(password) != std::string::npos;
      if (flags.size() != (hidden ? 2U : 1U) || flags.find_first_of(kinds) == std::string::npos)
        return "flags " + flags;
    } else if (const auto type = child.attributes.find("type");
               type == child.attributes.end() ||
               (type->second != "number" && type->second != "string")) {
      return "a field of no type";
    }
    if (auto problem = field_problem(parameter, hidden); !problem.empty()) return problem;
    if (!parameters.insert(parameter).second) return parameter + " twice";
  }
  if (format == ScreenFormat::Aastra && parameters.size() > 1 &&
      (!screen.attributes.contains("displayMode") ||
       screen.attributes.at("displayMode") != "condensed"))
    return "several fields on a screen that is not condensed";
  return {};
}

// The smallest browsers run no scripts, and a PIN is no part of an address.
inline std::string html_problem(std::string_view page) {
  if (!page.starts_with("<!DOCTYPE html>\n")) return "no document type";
  for (const std::string_view foreign : {"<script", "javascript:", "<iframe", "http-equiv"})
    if (page.find(foreign) != std::string_view::npos) return std::string(foreign) + " in a page";
  const size_t form = page.find("<form ");
  if (form == std::string_view::npos) return {};
  if (!page.substr(form).starts_with("<form method=\"post\" action=\"")) return "a form by GET";
  const size_t pin = page.find("name=\"pin\"");
  if (pin != std::string_view::npos && !page.substr(pin + 10).starts_with(" type=\"password\""))
    return "pin is masked wrongly";
  return {};
}

// What the app of Digium phones (etc/phones/sangoma/app) reads: an object with exactly these, of
// which a form's fields become genericForm's inputs and keys soft keys, four to a row.
inline std::string app_problem(std::string_view document) {
  const auto screen = nlohmann::json::parse(document, nullptr, false);
  if (!screen.is_object()) return "no JSON object";
  for (const char* flag : {"restart", "refused"})
    if (!screen.value(flag, nlohmann::json()).is_boolean()) return std::string("no ") + flag;
  if (!screen.value("title", nlohmann::json()).is_string()) return "no title";
  if (!screen.value("lines", nlohmann::json()).is_array()) return "no lines";
  const auto keys = screen.value("keys", nlohmann::json());
  if (!keys.is_array() || keys.size() > 4) return "no keys, or more than a row of them";
  for (const auto& key : keys)
    if (key.value("label", "").empty() || key.value("url", "").empty()) return "a key without end";
  if (!screen.contains("form")) return "";
  const auto& form = screen["form"];
  if (form.is_null()) return "";
  if (form.value("url", "").empty() || form.value("cancel", "").empty())
    return "a form without end";
  const auto fields = form.value("fields", nlohmann::json());
  if (!fields.is_array() || fields.empty()) return "a form without fields";
  for (const auto& field : fields)
    if (field.value("prompt", "").empty() || field.value("parameter", "").empty())
      return "a field without a name";
  return "";
}

// "" where the phone would show it.
inline std::string screen_problem(ScreenFormat format, std::string_view document) {
  if (format == ScreenFormat::Html) return html_problem(document);
  if (document.size() > 10'000) return "more than 10,000 bytes";
  if (format == ScreenFormat::Digium) return app_problem(document);
  if (auto problem = xml_problem(document); !problem.empty()) return problem;
  const XmlElement screen = XmlTree::of(document);
  const ElementRules rules = rules_of(format);
  if (!rules.contains(screen.name) || screen.name.find("IPPhone") == std::string::npos)
    return "no object " + screen.name;
  if (auto problem = shape_problem(rules, screen); !problem.empty()) return problem;
  if (auto problem = numbering_problem(screen, "SoftKey",
                                       [](const auto& key) { return key.attributes.at("index"); });
      !problem.empty())
    return problem;
  if (auto problem = numbering_problem(screen, "SoftKeyItem",
                                       [](const auto& key) { return key.text_of("Position"); });
      !problem.empty())
    return problem;
  return form_problem(format, screen);
}

}  // namespace stormdoor::http
