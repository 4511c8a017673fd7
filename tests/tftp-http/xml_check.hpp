#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stormdoor::http {

// What is not well-formed about a small XML document, or "". Checks nesting, quoting, duplicate
// attributes, references, comments and the declaration's place; knows no DTD and no CDATA.
class XmlCheck {
 public:
  explicit XmlCheck(std::string_view text) : text_(text) {}

  std::string run() {
    if (text_.starts_with("<?xml")) at_ = text_.find("?>") + 2;
    while (problem_.empty() && at_ < text_.size()) step();
    if (problem_.empty() && !open_.empty()) problem_ = "unclosed " + open_.back();
    if (problem_.empty() && roots_ != 1) problem_ = "not one root";
    return problem_;
  }

 private:
  void step() {
    if (text_.substr(at_).starts_with("<!--")) return comment();
    if (text_[at_] == '<') return text_.substr(at_).starts_with("</") ? end_tag() : start_tag();
    if (text_[at_] == '&') return reference();
    if (open_.empty() && !is_space(text_[at_])) problem_ = "text outside the root";
    ++at_;
  }
  void comment() {
    const size_t end = text_.find("--", at_ + 4);
    if (end == std::string_view::npos || !text_.substr(end).starts_with("-->"))
      problem_ = "-- in a comment";
    else
      at_ = end + 3;
  }
  void reference() {
    for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"}) {
      if (!text_.substr(at_).starts_with(known)) continue;
      at_ += known.size();
      return;
    }
    problem_ = "a bare &";
  }
  void end_tag() {
    at_ += 2;
    const std::string found = name();
    if (open_.empty() || open_.back() != found)
      problem_ = "</" + found + "> closes nothing";
    else
      open_.pop_back();
    expect('>');
  }
  void start_tag() {
    ++at_;
    const std::string tag = name();
    if (tag.empty()) problem_ = "a bare <";
    if (open_.empty()) ++roots_;
    std::set<std::string> seen;
    while (problem_.empty()) {
      skip_space();
      if (text_.substr(at_).starts_with("/>")) {
        at_ += 2;
        return;
      }
      if (text_.substr(at_).starts_with(">")) {
        ++at_;
        open_.push_back(tag);
        return;
      }
      attribute(seen);
    }
  }
  void attribute(std::set<std::string>& seen) {
    const std::string found = name();
    if (found.empty() || !seen.insert(found).second)
      problem_ = "attribute " + found + " in " + tag();
    expect('=');
    expect('"');
    while (problem_.empty() && at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '<') problem_ = "< in an attribute";
      if (text_[at_] == '&')
        reference();
      else
        ++at_;
    }
    expect('"');
  }
  std::string tag() const { return open_.empty() ? "the root" : open_.back(); }
  std::string name() {
    const size_t start = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) &&
           std::string_view("<>/=\"&'").find(text_[at_]) == std::string_view::npos)
      ++at_;
    return std::string(text_.substr(start, at_ - start));
  }
  void expect(char c) {
    if (at_ < text_.size() && text_[at_] == c)
      ++at_;
    else if (problem_.empty())
      problem_ = std::string("expected ") + c;
  }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

  std::string_view text_;
  size_t at_ = 0;
  int roots_ = 0;
  std::vector<std::string> open_;
  std::string problem_;
};

inline std::string xml_problem(std::string_view text) {
  return XmlCheck(text).run();
}

}  // namespace stormdoor::http
