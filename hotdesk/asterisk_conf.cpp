#include "hotdesk/asterisk_conf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.hpp"
#include "hotdesk/directory.hpp"

namespace stormdoor::hotdesk {

std::string_view AsteriskSection::value(std::string_view key) const {
  const auto found = std::find_if(settings.rbegin(), settings.rend(), [&](const auto& setting) {
    return equals_ignoring_case(setting.key, key);
  });
  return found == settings.rend() ? std::string_view() : std::string_view(found->value);
}

class AsteriskConf::Reader {
 public:
  explicit Reader(AsteriskConf& conf) : conf_(conf) {}

  void read(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    line_ = 1;
    if (text.size() > kMostBytes)
      return problem("the file is larger than " + format_size(kMostBytes));
    for (; !text.empty() && !stopped_; ++line_) {
      const size_t end = std::min(text.find('\n'), text.size());
      take_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (depth_ > 0 && !stopped_) {
      line_ = comment_began_;
      problem("the comment that begins with ;-- here never ends; expected --;");
    }
  }

 private:
  void problem(std::string message) {
    if (conf_.problems_.size() < kMostRowErrors)
      conf_.problems_.push_back({0, line_, "", std::move(message)});
    else
      stopped_ = true;
  }
  void stop(std::string message) {
    problem(std::move(message));
    stopped_ = true;
  }

  void take_line(std::string_view line) {
    if (line.size() > kLongestLine)
      return problem(
          fmt::format("the line has {} bytes; at most {} are read", line.size(), kLongestLine));
    if (line.find('\0') != std::string_view::npos || !is_valid_utf8(line))
      return problem("the line is not text (UTF-8)");
    const std::string kept = without_comments(line);
    const std::string_view content = trim(kept);
    if (content.empty()) return;
    if (content.front() == '[') return take_heading(content);
    if (content.front() == '#') return take_directive(content);
    take_setting(content);
  }

  std::string without_comments(std::string_view line) {
    std::string kept;
    for (size_t i = 0; i < line.size(); ++i) {
      const std::string_view rest = line.substr(i);
      const bool opens = rest.starts_with(";--") && !rest.starts_with(";---");
      if (depth_ > 0) {
        if (rest.starts_with("--;"))
          --depth_, i += 2;
        else if (opens)
          ++depth_, i += 2;
      } else if (rest.front() != ';') {
        kept += rest.front();
      } else if (kept.ends_with('\\')) {
        kept.back() = ';';
      } else if (opens) {
        comment_began_ = line_;
        ++depth_, i += 2;
      } else {
        break;
      }
    }
    return kept;
  }

  // [name], [name](!), [name](a,b), [name](!,a), [name](+).
  void take_heading(std::string_view heading) {
    current_.reset();
    const size_t end = heading.find(']');
    if (end == std::string_view::npos) return problem("a section's name without its ]");
    if (conf_.sections_.size() >= kMostSections)
      return stop(fmt::format("more than {} sections", kMostSections));
    AsteriskSection section;
    section.line = line_;
    section.name = std::string(trim(heading.substr(1, end - 1)));
    if (section.name.empty()) return problem("a section without a name");
    std::string_view options = trim(heading.substr(end + 1));
    if (!options.empty()) {
      const size_t close = options.find(')');
      if (options.front() != '(' || close == std::string_view::npos)
        return problem("after a section's name, expected (!), (+) or (the names of templates)");
      options = options.substr(1, close - 1);
    }
    for (std::string_view option : split(options, ',')) {
      option = trim(option);
      if (option.empty()) continue;
      if (option == "!")
        section.is_template = true;
      else if (option == "+")
        return go_on(section.name);
      else if (!inherit(section, option))
        return;
    }
    by_name_.emplace(section.name, conf_.sections_.size());  // the first of a name is the base
    current_ = conf_.sections_.size();
    conf_.sections_.push_back(std::move(section));
  }

  void go_on(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end())
      return problem(fmt::format("[{}](+) goes on with a section that was not there before",
                                 printable(name, 40)));
    current_ = found->second;
  }

  bool inherit(AsteriskSection& section, std::string_view base) {
    const auto found = by_name_.find(base);
    if (found == by_name_.end()) {
      problem(fmt::format("[{}] is based on the template \"{}\", which was not there before",
                          printable(section.name, 40), printable(base, 40)));
      return false;
    }
    const auto& from = conf_.sections_[found->second].settings;
    if (!room_for(section, from.size())) return false;
    section.settings.insert(section.settings.end(), from.begin(), from.end());
    return true;
  }

  bool room_for(const AsteriskSection& section, size_t more) {
    settings_ += more;
    if (settings_ > kMostSettingsInAll)
      stop(
          fmt::format("more than {} settings, counting what sections inherit", kMostSettingsInAll));
    else if (section.settings.size() + more > kMostSettings)
      stop(fmt::format("[{}] has more than {} settings", printable(section.name, 40),
                       kMostSettings));
    return !stopped_;
  }

  void take_directive(std::string_view content) {
    const std::string_view word = content.substr(0, content.find_first_of(" \t"));
    if (word != "#include" && word != "#tryinclude" && word != "#exec")
      return problem(fmt::format("\"{}\" is no directive", printable(word, 40)));
    const std::string_view file = trim(content.substr(word.size()));
    if (conf_.notes_.size() < kMostRowErrors)
      conf_.notes_.push_back({0, line_, "",
                              fmt::format("{} {} is not followed; give the file by itself", word,
                                          printable(file.starts_with('"') && file.size() > 1
                                                        ? file.substr(1, file.size() - 2)
                                                        : file,
                                                    200))});
  }

  void take_setting(std::string_view content) {
    const size_t equals = content.find('=');
    if (equals == std::string_view::npos || trim(content.substr(0, equals)).empty())
      return problem("expected key = value");  // not repeated: it may be a secret
    // After a heading that was refused its settings would only repeat the complaint.
    if (!current_) {
      if (conf_.sections_.empty() && conf_.problems_.empty())
        problem("a setting before the first section");
      return;
    }
    std::string_view value = content.substr(equals + 1);
    if (value.starts_with('>')) value.remove_prefix(1);
    AsteriskSection& section = conf_.sections_[*current_];
    if (!room_for(section, 1)) return;
    section.settings.push_back(
        {line_, std::string(trim(content.substr(0, equals))), std::string(trim(value))});
  }

  AsteriskConf& conf_;
  size_t line_ = 0;
  size_t depth_ = 0;
  size_t comment_began_ = 0;
  size_t settings_ = 0;
  bool stopped_ = false;
  std::optional<size_t> current_;
  std::map<std::string, size_t, std::less<>> by_name_;
};

AsteriskConf AsteriskConf::parse(std::string_view text) {
  AsteriskConf conf;
  Reader(conf).read(text);
  return conf;
}

}  // namespace stormdoor::hotdesk
