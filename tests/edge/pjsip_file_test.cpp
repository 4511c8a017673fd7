#include "edge/pjsip_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto/crypto.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::PbxAccount;
using testing::HasSubstr;
using testing::Not;

const std::string kHead =
    "; Written by stormdoor, which replaces it whole: changes made here are lost.\n";

TEST(PjsipFile, HasThreeSectionsForEachAccountOnItsTemplates) {
  const std::string text =
      pjsip_file({{"2041", Secret("ada-secret"), "Ada King"},
                  {"d000fd3000002", Secret("device-secret"), "Head office", true, "+12025550123"}},
                 {.realm = "asterisk",
                  .passwords = true,
                  .endpoint_template = "desk",
                  .device_template = "idle",
                  .aor_template = "one-phone"});
  EXPECT_EQ(text, kHead + R"(
[2041](desk)
type = endpoint
auth = 2041
aors = 2041
callerid = "Ada King" <2041>
[2041]
type = auth
username = 2041
auth_type = userpass
password = ada-secret
[2041](one-phone)
type = aor

[d000fd3000002](idle)
type = endpoint
auth = d000fd3000002
aors = d000fd3000002
callerid = "Head office" <d000fd3000002>
set_var = STORMDOOR_EMERGENCY=+12025550123
[d000fd3000002]
type = auth
username = d000fd3000002
auth_type = userpass
password = device-secret
[d000fd3000002](one-phone)
type = aor
)");
}

TEST(PjsipFile, HoldsDigestsInsteadOfPasswords) {
  const std::string text = pjsip_file({{"2041", Secret("ada-secret"), ""}}, {.realm = "asterisk"});
  EXPECT_THAT(text, Not(HasSubstr("ada-secret")));
  EXPECT_THAT(text, HasSubstr("auth_type = md5\nrealm = asterisk\nmd5_cred = " +
                              crypto::hash_hex(crypto::Hash::Md5, "2041:asterisk:ada-secret")));
  EXPECT_THAT(text, HasSubstr("[2041]\ntype = aor\nmax_contacts = 1\n"));
}

TEST(PjsipFile, LetsNoNameOrSecretSayMoreThanItself) {
  const std::string text =
      pjsip_file({{"2041", Secret(">a;b\\;c"), "Ada \"the\n;[x]\" <King>\\"}}, {.passwords = true});
  EXPECT_THAT(text, HasSubstr("callerid = \"Ada the\\;[x] King\" <2041>\n"));
  EXPECT_THAT(text, HasSubstr("password = >a\\;b\\\\;c\n"));
}

TEST(PjsipFile, OfNoAccountsIsOnlyItsHead) {
  EXPECT_EQ(pjsip_file({}, {}), kHead);
}

}  // namespace
}  // namespace stormdoor::edge
