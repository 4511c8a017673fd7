#include "bench/storm/boot_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "bench/storm/well_formed.hpp"

namespace stormdoor::storm {
namespace {

// A configuration that names more than this is not one.
constexpr size_t kMostNamed = 32;
constexpr size_t kMostTexts = size_t{2} << 20;

std::string escaped_for_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

bool contains(std::string_view text, std::string_view wanted) {
  return text.find(wanted) != std::string_view::npos ||
         text.find(escaped_for_xml(wanted)) != std::string_view::npos;
}

// What stands in `text` from `at` to a quote, an element or a line's end.
std::string_view value_at(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(at);
  return trim(rest.substr(0, rest.find_first_of("\"<\r\n")));
}

}  // namespace

BootRun::BootRun(const BootScript& script, const PhoneSpec& phone)
    : script_(script), phone_(phone) {
  result_.url = phone.stored_url;
  if (!phone.stored_url.empty()) pass_ = Pass::ThroughUrl;
}

bool BootRun::skipped(size_t step) const {
  const BootStep& candidate = script_.steps[step];
  return (candidate.else_previous && previous_found_) || (candidate.unless_named && has_names_);
}

std::optional<BootRun::Ask> BootRun::next() {
  for (;;) {
    if (pass_ == Pass::Over) return std::nullopt;
    if (pass_ == Pass::Files) {
      if (file_ == phone_.files.size()) {
        result_.served = true;
        pass_ = Pass::Over;
        continue;
      }
      const ExpectedFile& file = phone_.files[file_];
      return Ask{"", fill_in(file.path, phone_), !file.sha256.empty()};
    }
    const std::string url = pass_ == Pass::ThroughUrl ? result_.url : "";
    if (!named_.empty()) {
      asked_name_ = std::move(named_.front());
      named_.pop_front();
      return Ask{url, asked_name_->path};
    }
    if (pass_ == Pass::ThroughUrl && script_.url_is_file) {
      if (texts_.empty()) {
        asked_name_ = Named{result_.url, script_.format};
        return Ask{"", result_.url};
      }
      step_ = script_.steps.size();
    }
    while (step_ < script_.steps.size() && skipped(step_)) ++step_;
    if (step_ < script_.steps.size()) return Ask{url, fill_in(script_.steps[step_].path, phone_)};
    end_pass();
  }
}

void BootRun::on_result(const FetchResult& answer) {
  count(answer);
  if (pass_ == Pass::Files) return on_expected_file(answer);
  const bool found = answer.outcome == FetchResult::Outcome::Found;
  if (asked_name_) {
    const Named name = *std::exchange(asked_name_, std::nullopt);
    if (!found) return fail("named file: " + answer.reason);
    return on_configuration(answer, name.format);
  }
  const BootStep& step = script_.steps[step_++];
  previous_found_ = found;
  if (found) {
    collect_names(answer.body.text(), step.names_after);
    return on_configuration(answer, step.format);
  }
  if (answer.outcome == FetchResult::Outcome::Missing && !step.required) {
    ++result_.missing;
    return;
  }
  fail(answer.outcome == FetchResult::Outcome::Missing ? "configuration missing" : answer.reason);
}

void BootRun::count(const FetchResult& answer) {
  ++result_.asked;
  result_.bytes += answer.body.bytes();
  result_.retries += answer.retries;
  result_.most_retries = std::max(result_.most_retries, answer.retries);
  result_.most_tries = std::max(result_.most_tries, answer.most_tries);
  if (answer.outcome == FetchResult::Outcome::Found) ++result_.found;
}

void BootRun::on_configuration(const FetchResult& answer, TextFormat format) {
  const std::string& text = answer.body.text();
  if (!is_well_formed(text, format)) return fail("configuration not well-formed");
  if (texts_.size() + text.size() <= kMostTexts) texts_ += text;
  if (pass_ == Pass::First) collect_url(text);
}

void BootRun::collect_names(std::string_view text, const std::string& marker) {
  if (marker.empty()) return;
  for (size_t at = text.find(marker); at != std::string_view::npos; at = text.find(marker, at)) {
    at += marker.size();
    for (const std::string_view name : split(value_at(text, at), ',')) {
      if (trim(name).empty() || named_.size() >= kMostNamed) continue;
      std::string path = fill_in(trim(name), phone_);
      const std::string_view macro = "[PHONE_MAC_ADDRESS]";
      if (const size_t found = path.find(macro); found != std::string::npos)
        path.replace(found, macro.size(), phone_.mac.lower_hex());
      named_.push_back({std::move(path), script_.format});
      has_names_ = true;
    }
  }
}

void BootRun::collect_url(std::string_view text) {
  if (phone_.transport == Transport::Tftp) return;
  const auto after = [text](const std::string& marker) {
    const size_t at = marker.empty() ? std::string_view::npos : text.find(marker);
    return at == std::string_view::npos ? std::string()
                                        : std::string(value_at(text, at + marker.size()));
  };
  if (const std::string url = after(script_.url_after); !url.empty()) result_.url = url;
  if (script_.url_parts_after.size() != 3) return;
  const std::string host = after(script_.url_parts_after[0]);
  const std::string port = after(script_.url_parts_after[1]);
  std::string path = after(script_.url_parts_after[2]);
  if (!path.starts_with('/')) path.insert(0, "/");
  if (!host.empty()) result_.url = host + (port.empty() ? "" : ":") + port + path;
}

void BootRun::end_pass() {
  for (const std::string& wanted : phone_.expected)
    if (!contains(texts_, wanted)) return fail("configuration without what is the phone's");
  for (const std::string& foreign : phone_.forbidden)
    if (contains(texts_, foreign)) return fail("configuration with what is another's");
  const bool again = pass_ == Pass::First && !result_.url.empty();
  pass_ = again ? Pass::ThroughUrl : Pass::Files;
  step_ = 0;
  previous_found_ = false;
  has_names_ = false;
  texts_.clear();
}

void BootRun::on_expected_file(const FetchResult& answer) {
  const ExpectedFile& file = phone_.files[file_++];
  if (answer.outcome != FetchResult::Outcome::Found) return fail("file: " + answer.reason);
  if (file.bytes == 0) return;
  if (answer.body.bytes() != file.bytes || answer.body.sha256() != file.sha256)
    fail("file: other bytes than expected");
}

void BootRun::fail(std::string reason) {
  if (reason.empty()) reason = "refused";
  result_.reason = std::move(reason);
  pass_ = Pass::Over;
}

}  // namespace stormdoor::storm
