// Users from Asterisk's files; see hotdesk/take_over.hpp.

#include <fmt/format.h>

#include <map>

#include "base/text.hpp"
#include "hotdesk/asterisk_conf.hpp"
#include "hotdesk/rows.hpp"
#include "hotdesk/rules.hpp"
#include "hotdesk/take_over.hpp"
#include "hotdesk/voicemail_file.hpp"

namespace stormdoor::hotdesk {
namespace {

constexpr std::string_view kPjsip = "pjsip";
constexpr std::string_view kVoicemail = "voicemail";

// "Ada King" <2041>, Ada King <2041>, <2041>.
std::string name_in(std::string_view caller_id) {
  std::string_view name = trim(caller_id.substr(0, caller_id.find('<')));
  if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"'))
    name = trim(name.substr(1, name.size() - 2));
  return std::string(name);
}

bool is_extension(std::string_view text) {
  return bool(check_extension(text));
}

class AsteriskUsers {
 public:
  AsteriskUsers(const AsteriskConf& pjsip, const VoicemailFile& voicemail) : pjsip_(pjsip) {
    for (const auto& mailbox : voicemail.mailboxes)
      mailboxes_.emplace(mailbox.number + "@" + mailbox.context, &mailbox);
    for (const auto& section : pjsip.sections())
      if (!section.is_template && equals_ignoring_case(section.value("type"), "auth"))
        auths_.emplace(section.name, &section);
  }

  TakenUsers read() {
    for (const auto& section : pjsip_.sections()) {
      if (section.is_template) continue;
      const std::string_view type = section.value("type");
      if (equals_ignoring_case(type, "endpoint"))
        take_endpoint(section);
      else if (equals_ignoring_case(type, "wizard"))
        take_wizard(section);
    }
    taken_.errors = errors_.take();
    taken_.notes = notes_.take();
    return std::move(taken_);
  }

 private:
  void left_out(const AsteriskSection& section, std::string_view why) {
    notes_.add({0, section.line}, kPjsip,
               fmt::format("[{}] was left out: {}", printable(section.name, 40), why));
  }

  void take_endpoint(const AsteriskSection& endpoint) {
    if (!is_extension(endpoint.name)) return left_out(endpoint, "its name is no extension");
    const std::string_view named = endpoint.value("auth");
    if (named.empty()) return left_out(endpoint, "it names no auth section, so it has no password");
    // Several are tried in turn; phones know one.
    const std::string_view first = trim(split(named, ',')[0]);
    const auto auth = auths_.find(first);
    if (auth == auths_.end())
      return left_out(
          endpoint, fmt::format("its auth section [{}] is not in the file", printable(first, 40)));
    const AsteriskSection& credentials = *auth->second;
    take(endpoint, "", credentials.value("username"), credentials.value("password"),
         credentials.value("auth_type"));
  }

  void take_wizard(const AsteriskSection& wizard) {
    if (!is_extension(wizard.name)) return left_out(wizard, "its name is no extension");
    const std::string_view user = wizard.value("inbound_auth/username");
    if (user.empty())
      return left_out(wizard, "it has no inbound_auth/username, so nobody registers with it");
    take(wizard, "endpoint/", user, wizard.value("inbound_auth/password"),
         wizard.value("inbound_auth/auth_type"));
  }

  void take(const AsteriskSection& section, const std::string& prefix, std::string_view user,
            std::string_view password, std::string_view kind) {
    if (user != section.name)
      return left_out(section,
                      fmt::format("its user name is \"{}\"; a user registers with the extension",
                                  printable(user, 40)));
    if (password.empty())
      return left_out(section, equals_ignoring_case(kind, "md5")
                                   ? "it has a digest, from which no password can be told"
                                   : "it has no password");
    const Problems twice = seen_.note("", "extension", section.name, {0, section.line});
    if (!twice.none()) return errors_.add({0, section.line}, kPjsip, twice.error().message());
    if (taken_.users.size() >= kMostRows) {
      if (taken_.users.size() == kMostRows && !std::exchange(full_, true))
        errors_.add({0, section.line}, kPjsip, fmt::format("more than {} users", kMostRows));
      return;
    }
    TakenUser taken{.line = section.line, .extension = section.name};
    taken.secret = Secret(std::string(password));
    taken.name = name_in(section.value(prefix + "callerid"));
    if (const Mailbox* mailbox = mailbox_of(section, section.value(prefix + "mailboxes"))) {
      if (taken.name.empty()) taken.name = mailbox->name;
      if (!mailbox->pin.empty()) taken.pin = mailbox->pin;
    }
    taken_.users.push_back(std::move(taken));
  }

  [[nodiscard]] const Mailbox* mailbox_of(const AsteriskSection& section,
                                          std::string_view named) const {
    std::string wanted(trim(named.substr(0, named.find(','))));
    if (wanted.empty()) wanted = section.name;
    if (wanted.find('@') == std::string::npos) wanted += "@default";
    const auto found = mailboxes_.find(wanted);
    return found == mailboxes_.end() ? nullptr : found->second;
  }

  const AsteriskConf& pjsip_;
  std::map<std::string, const AsteriskSection*, std::less<>> auths_;
  std::map<std::string, const Mailbox*, std::less<>> mailboxes_;
  SeenRows seen_;
  RowErrors errors_, notes_;
  TakenUsers taken_;
  bool full_ = false;
};

void append(std::vector<RowError>& to, const std::vector<RowError>& from, std::string_view file) {
  for (RowError row : from) {
    row.field = file;
    to.push_back(std::move(row));
  }
}

}  // namespace

TakenUsers read_asterisk_users(std::string_view pjsip, std::string_view voicemail) {
  const AsteriskConf conf = AsteriskConf::parse(pjsip);
  const VoicemailFile mailboxes = read_voicemail_file(voicemail);
  TakenUsers taken;
  append(taken.errors, conf.problems(), kPjsip);
  append(taken.errors, mailboxes.problems, kVoicemail);
  if (taken.errors.empty()) taken = AsteriskUsers(conf, mailboxes).read();
  append(taken.notes, conf.notes(), kPjsip);
  append(taken.notes, mailboxes.notes, kVoicemail);
  return taken;
}

}  // namespace stormdoor::hotdesk
