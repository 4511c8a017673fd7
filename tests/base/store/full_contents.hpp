#pragma once

#include "base/store/records.hpp"

// One row of every kind, with something in every field.
namespace stormdoor::store {

inline const MacAddress kMac({0x00, 0x0f, 0xd3, 0x05, 0x48, 0x48});

inline LocationRecord full_location() {
  LocationRecord l;
  l.name = "lobby";
  l.label = "Lobby, \"north\" \xC3\xA9";
  l.emergency_number = "+12025550123";
  l.house_number = "1b";
  l.street = "Elm St";
  l.city = "Springfield";
  l.state = "IL";
  l.postal_code = "62701";
  l.country = "US";
  l.building = "A";
  l.floor = "2";
  l.room = "210";
  l.networks = {*IpPrefix::parse("fd00:20::/48"), *IpPrefix::parse("10.20.0.0/16"), IpPrefix()};
  l.variables = {{"timezone", "America/Chicago"}, {"empty", ""}};
  l.templates = {{"desk", "lobby.xml"}};
  return l;
}

inline UserRecord full_user() {
  UserRecord u;
  u.extension = "2041";
  u.name = "Ada; DROP TABLE user";
  u.sip_secret = Secret(std::string("s3cr\0et", 7));
  u.pin_hash = "abcdef";
  u.main_phone_type = MainPhoneType::HotDesking;
  return u;
}

inline PhoneRecord full_phone() {
  PhoneRecord p;
  p.mac = kMac;
  p.vendor = "sangoma";
  p.model = "D65";
  p.role = PhoneRole::HotDesk;
  p.location = "lobby";
  p.device_account = "d000fd3054848";
  p.device_secret = Secret("device-secret-in-the-clear");
  p.token = Secret("token-in-the-clear");
  p.token_issued = true;
  p.first_contact_approved = true;
  p.variables = {{"brightness", "5"}};
  p.templates = {{"idle", "idle.xml"}};
  return p;
}

inline BlockRecord full_block() {
  BlockRecord b;
  b.source = *IpPrefix::parse("198.51.100.0/24");
  b.service = 3;
  b.since = WallTime(milliseconds(1'700'000'000'123));
  b.until = WallTime(milliseconds(1'700'003'600'123));
  b.repeats = 4'294'967'295;
  b.reason = "10 failures of sip within 10m";
  b.by_administrator = true;
  b.account = "2041";
  b.evidence = "2041 3";
  return b;
}

inline LeaseRecord full_lease() {
  LeaseRecord l;
  l.mac = kMac;
  l.accounts = {"2041", "d000fd3054848"};
  l.opened = WallTime(milliseconds(1'700'000'000'123));
  l.deadline = WallTime(milliseconds(1'700'001'800'123));
  l.budget = 60;
  l.spent = 4'294'967'295;
  l.stale = 4'294'967'295;
  l.reason = "the assignment to 2041 was removed";
  l.addresses = {*IpAddress::parse("fd00::1"), *IpAddress::parse("10.20.0.17")};
  return l;
}

inline StaleSecretRecord full_stale_secret() {
  return {kMac, "2041", WallTime(milliseconds(1'700'000'000'123)),
          WallTime(milliseconds(1'700'604'800'123)), Secret("stale-secret-in-the-clear")};
}

inline DeskSessionRecord full_desk_session() {
  return {kMac, "2041", WallTime(milliseconds(1'700'000'000'123))};
}

inline DeskLogRecord full_desk_log() {
  return {WallTime(milliseconds(1'700'000'000'123)),
          kMac,
          "2041",
          "lobby",
          "+12025550123",
          "1b Elm St, Springfield"};
}

inline ConversionRecord full_conversion() {
  return {7,
          "lobby",
          4'294'967'295,
          true,
          WallTime(milliseconds(1'700'000'000'123)),
          WallTime(milliseconds(1'700'000'900'123))};
}

inline ConversionPhoneRecord full_conversion_phone() {
  return {7,
          kMac,
          ConversionStep::Refused,
          "2041",
          WallTime(milliseconds(1'700'000'000'123)),
          WallTime(milliseconds(1'700'000'900'123)),
          4'294'967'295,
          17,
          "there is no such phone any more"};
}

inline AdministratorRecord full_administrator() {
  return {"ada", AdminRole::Administrator, "scrypt$15$8$1$c2FsdA$aGFzaA",
          WallTime(milliseconds(1'700'000'000'123))};
}

inline ApiTokenRecord full_api_token() {
  return {"k3Jx",
          "nightly export",
          AdminRole::Helpdesk,
          "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
          WallTime(milliseconds(1'700'000'000'123)),
          WallTime(milliseconds(1'700'604'800'123))};
}

inline AuditRecord full_audit() {
  return {1,
          WallTime(milliseconds(1'700'000'000'123)),
          "ada",
          "administrator",
          "phone.set",
          "phone 00:0F:D3:05:48:48",
          R"({"location":"lobby"})",
          R"({"location":"hq"})"};
}

inline Change full_change() {
  return {{PutLocation{full_location()}, PutUser{full_user()}, PutPhone{full_phone()},
           PutAssignment{{"2041", 5, kMac}}, PutBlock{full_block()}, PutLease{full_lease()},
           PutStaleSecret{full_stale_secret()}, PutDeskSession{full_desk_session()},
           AppendDeskLog{full_desk_log()}, PutConversion{full_conversion()},
           PutConversionPhone{full_conversion_phone()}, PutAdministrator{full_administrator()},
           PutApiToken{full_api_token()}, AppendAudit{full_audit()}}};
}

inline Contents full_contents() {
  return {{full_location()},
          {full_user()},
          {full_phone()},
          {{"2041", 5, kMac}},
          {full_block()},
          {full_lease()},
          {full_stale_secret()},
          {full_desk_session()},
          {full_conversion()},
          {full_conversion_phone()},
          {full_administrator()},
          {full_api_token()},
          1};
}

// What a database of schema version 4 could hold of it.
inline Contents full_contents_of_version_4() {
  Contents contents = full_contents();
  contents.leases[0].stale = 0;
  contents.conversion_phones[0].stale = 0;
  return contents;
}

// And one of version 3.
inline Contents full_contents_of_version_3() {
  Contents contents = full_contents_of_version_4();
  contents.administrators.clear();
  contents.api_tokens.clear();
  return contents;
}

// And one of version 1.
inline Contents full_contents_of_version_1() {
  Contents contents = full_contents_of_version_3();
  contents.blocks[0].account.clear();
  contents.blocks[0].evidence.clear();
  contents.leases.clear();
  contents.stale_secrets.clear();
  contents.desk_sessions.clear();
  contents.conversions.clear();
  contents.conversion_phones.clear();
  return contents;
}

}  // namespace stormdoor::store
