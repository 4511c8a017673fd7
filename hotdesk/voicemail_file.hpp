#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "hotdesk/problems.hpp"

namespace stormdoor::hotdesk {

// A mailbox of Asterisk's voicemail.conf: 2041 => PIN,name,...
struct Mailbox {
  size_t line = 0;
  std::string context;
  std::string number;
  std::string name;
  Secret pin;  // without the minus that forbids its owner to change it; may be empty
};

struct VoicemailFile {
  std::vector<Mailbox> mailboxes;  // in the file's order, each once
  std::vector<RowError> problems;  // any: the file is not to be used
  std::vector<RowError> notes;

  // nullptr: there is none.
  [[nodiscard]] const Mailbox* find(std::string_view number, std::string_view context) const;
};

// Reads it within the bounds of hotdesk/asterisk_conf.hpp. No problem or note holds a PIN.
[[nodiscard]] VoicemailFile read_voicemail_file(std::string_view text);

}  // namespace stormdoor::hotdesk
