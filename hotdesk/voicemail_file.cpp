#include "hotdesk/voicemail_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "hotdesk/asterisk_conf.hpp"
#include "hotdesk/rows.hpp"

namespace stormdoor::hotdesk {
namespace {

bool is_context(const AsteriskSection& section) {
  return !section.is_template && !equals_ignoring_case(section.name, "general") &&
         !equals_ignoring_case(section.name, "zonemessages");
}

bool is_mailbox_number(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
}

Mailbox mailbox_from(const AsteriskSection& section, const AsteriskSetting& setting) {
  Mailbox mailbox{
      .line = setting.line, .context = section.name, .number = setting.key, .name = {}, .pin = {}};
  const auto fields = split(setting.value, ',');
  std::string_view pin = fields.empty() ? std::string_view() : trim(fields[0]);
  if (pin.starts_with('-')) pin.remove_prefix(1);
  mailbox.pin = Secret(std::string(pin));
  if (fields.size() > 1) mailbox.name = std::string(trim(fields[1]));
  return mailbox;
}

}  // namespace

const Mailbox* VoicemailFile::find(std::string_view number, std::string_view context) const {
  const auto found = std::ranges::find_if(mailboxes, [&](const Mailbox& mailbox) {
    return mailbox.number == number && mailbox.context == context;
  });
  return found == mailboxes.end() ? nullptr : &*found;
}

VoicemailFile read_voicemail_file(std::string_view text) {
  const AsteriskConf conf = AsteriskConf::parse(text);
  VoicemailFile file;
  file.notes = conf.notes();
  RowErrors problems;
  for (const RowError& problem : conf.problems())
    problems.add({0, problem.line}, "", problem.message);
  SeenRows seen;
  for (const AsteriskSection& section : conf.sections()) {
    if (equals_ignoring_case(section.name, "general") &&
        equals_ignoring_case(section.value("passwordlocation"), "spooldir"))
      file.notes.push_back({0, section.line, "",
                            "passwordlocation is spooldir: PINs that were changed at a phone are "
                            "not in this file"});
    if (!is_context(section)) continue;
    for (const AsteriskSetting& setting : section.settings) {
      if (!is_mailbox_number(setting.key)) continue;  // aliases and options of the context
      if (file.mailboxes.size() >= kMostRows) {
        problems.add({0, setting.line}, "", fmt::format("more than {} mailboxes", kMostRows));
        break;
      }
      const Problems twice =
          seen.note("", "mailbox", setting.key + "@" + section.name, {0, setting.line});
      problems.add({0, setting.line}, twice);
      if (twice.none()) file.mailboxes.push_back(mailbox_from(section, setting));
    }
  }
  file.problems = problems.take();
  return file;
}

}  // namespace stormdoor::hotdesk
