#include "edge/pjsip_file.hpp"

#include <fmt/format.h>

#include "base/crypto/crypto.hpp"

namespace stormdoor::edge {
namespace {

// A semicolon begins a comment unless a backslash stands before it, which Asterisk takes away.
std::string value(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == ';') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// Inside the quotes of a caller ID.
std::string spoken(std::string_view name) {
  std::string kept;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f && c != '"' && c != '\\' && c != '<' && c != '>') kept += c;
  }
  return value(kept);
}

std::string section(const std::string& account, const std::string& base) {
  return base.empty() ? fmt::format("[{}]\n", account) : fmt::format("[{}]({})\n", account, base);
}

void add_endpoint(std::string& text, const hotdesk::PbxAccount& account, const PjsipTerms& terms) {
  text +=
      section(account.account, account.device ? terms.device_template : terms.endpoint_template);
  text += fmt::format("type = endpoint\nauth = {0}\naors = {0}\n", account.account);
  if (!account.display_name.empty())
    text += fmt::format("callerid = \"{}\" <{}>\n", spoken(account.display_name), account.account);
  if (!account.emergency_number.empty())
    text += fmt::format("set_var = STORMDOOR_EMERGENCY={}\n", account.emergency_number);
}

void add_auth(std::string& text, const hotdesk::PbxAccount& account, const PjsipTerms& terms) {
  text += fmt::format("[{0}]\ntype = auth\nusername = {0}\n", account.account);
  if (terms.passwords) {
    text += fmt::format("auth_type = userpass\npassword = {}\n", value(account.secret.reveal()));
    return;
  }
  const auto digest = crypto::hash_hex(
      crypto::Hash::Md5,
      fmt::format("{}:{}:{}", account.account, terms.realm, account.secret.reveal()));
  text += fmt::format("auth_type = md5\nrealm = {}\nmd5_cred = {}\n", terms.realm, digest);
}

}  // namespace

std::string pjsip_file(const std::vector<hotdesk::PbxAccount>& accounts, const PjsipTerms& terms) {
  std::string text =
      "; Written by stormdoor, which replaces it whole: changes made here are lost.\n";
  for (const auto& account : accounts) {
    text += '\n';
    add_endpoint(text, account, terms);
    add_auth(text, account, terms);
    text += section(account.account, terms.aor_template) + "type = aor\n";
    if (terms.aor_template.empty()) text += "max_contacts = 1\nremove_existing = yes\n";
  }
  return text;
}

}  // namespace stormdoor::edge
