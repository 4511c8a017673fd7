#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/problems.hpp"
#include "hotdesk/voicemail_file.hpp"

// Users, SIP secrets and PINs from the files of a PBX. Pure, within the bounds of the readers. No
// error, note or report holds a secret or a PIN.
namespace stormdoor::hotdesk {

// A user as a PBX knows him.
struct TakenUser {
  size_t line = 0;
  std::string extension;
  std::string name = {};              // empty: not known
  std::optional<Secret> secret = {};  // none: not known
  std::optional<Secret> pin = {};
};

struct TakenUsers {
  std::vector<TakenUser> users;
  std::vector<RowError> errors;  // any: the files are not to be used; `field` names the file
  std::vector<RowError> notes;   // what was left out, and why
};

// pjsip.conf (or pjsip_wizard.conf, or one after the other in one text) and voicemail.conf (may be
// empty). A user is an endpoint whose name is an extension, with the auth section that it names, or
// a wizard section with inbound_auth: what cannot be a user here (trunks, other user names, digests
// instead of passwords) is left out with a note. His mailbox is the one that `mailboxes` names,
// else that of his extension in the context `default`.
[[nodiscard]] TakenUsers read_asterisk_users(std::string_view pjsip, std::string_view voicemail);

// FreePBX's export of extensions (Bulk Handler): extension, name or description, secret,
// voicemail_vmpwd or vmpwd unless voicemail_enable or voicemail says that there is no mailbox, and
// tech (others than sip and pjsip are left out). Other columns do not matter.
[[nodiscard]] TakenUsers read_freepbx_users(std::string_view csv);

struct TakeOverReport {
  enum class Outcome : uint8_t { Added, Changed, Unchanged };
  struct Row {
    size_t line = 0;
    std::string extension;
    Outcome outcome = Outcome::Unchanged;
    std::vector<std::string> fields;  // that were changed: name, sip_secret, pin
  };
  std::vector<RowError> errors;  // any: the draft is as it was
  std::vector<RowError> notes;
  std::vector<Row> rows;  // also with errors: of what could be taken

  [[nodiscard]] bool done() const { return errors.empty(); }
  [[nodiscard]] size_t count(Outcome outcome) const;
};

// Adds who is not there and changes what differs of who is; what the file does not know stays. All
// or nothing. One PIN that the rules refuse (PBXs take 1234) is left out with a note.
[[nodiscard]] TakeOverReport take_over(Draft& draft, const TakenUsers& taken, const Tools& tools);

// The PINs of the mailboxes of one context, for the users of these extensions; who has no mailbox
// there, or one without a PIN, keeps what he has.
struct PinReport {
  std::vector<std::string> changed;  // extensions
  std::vector<RowError> notes;       // PINs that the rules refuse and that were left out
};
[[nodiscard]] PinReport take_over_pins(Draft& draft, const VoicemailFile& file,
                                       std::string_view context, const Tools& tools);

[[nodiscard]] std::string_view to_string(TakeOverReport::Outcome outcome);  // added, ...

}  // namespace stormdoor::hotdesk
