#include "edge/app_upload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/unique_fd.hpp"
#include "tests/support/digium_phone.hpp"
#include "tests/support/office_network.hpp"
#include "tftp-http/zip_archive.hpp"

namespace stormdoor::edge {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class AppUpload : public testing::Test {
 protected:
  AppUpload() {
    const http::ZipEntry files[] = {{"app.json", "{}"}, {"a.js", std::string(5'000, '\xff')}};
    http::PhoneApp app;
    app.name = "stormdoor";
    app.upload = "/cgi-bin/uapp.cgi";
    app.login = "admin";
    app.zip = http::store_zip(files);
    upload_.phone = phone_.address();
    upload_.app = std::make_shared<http::PhoneApp>(app);
    upload_.password = Secret("12345");
  }
  // Why it failed; empty: it did not.
  std::string give() const {
    const auto done = uploader_.give(upload_, stop_);
    return done ? "" : done.error().message();
  }

  test::DigiumPhone phone_{"12345"};
  AppUploader uploader_;
  AppUploader::Upload upload_;
  std::atomic<bool> stop_ = false;
};

TEST_F(AppUpload, APhoneIsGivenTheArchiveByDigestAndStartsIt) {
  EXPECT_EQ(give(), "");
  EXPECT_TRUE(phone_.app() == upload_.app->zip);
  // Each form with a login of its own: a phone may take a nonce once only, as this one does.
  EXPECT_THAT(phone_.log(), testing::MatchesRegex("POST /cgi-bin/uapp.cgi none 0 401\n"
                                                  "POST /cgi-bin/uapp.cgi Digest [0-9]+ 200\n"
                                                  "POST /cgi-bin/uapp.cgi none 0 401\n"
                                                  "POST /cgi-bin/uapp.cgi Digest [0-9]+ 200\n"));
}

TEST_F(AppUpload, AWrongPasswordIsSaid) {
  upload_.password = Secret("54321");
  EXPECT_THAT(give(), HasSubstr("does not accept the password"));
  EXPECT_EQ(phone_.app(), "");
}

// What answers at an address may be anybody: it gets no password that can be read.
TEST_F(AppUpload, NoPasswordGoesInTheClearUnlessThatIsAllowed) {
  phone_.misbehave("wants_basic");
  EXPECT_THAT(give(), HasSubstr("basic_login allows that"));
  EXPECT_THAT(phone_.log(), Not(HasSubstr("Basic")));
  upload_.basic_login = true;
  EXPECT_EQ(give(), "");
  EXPECT_THAT(phone_.log(), HasSubstr("Basic"));
}

TEST_F(AppUpload, WhereBothAreOfferedDigestIsTaken) {
  upload_.basic_login = true;
  EXPECT_EQ(give(), "");
  EXPECT_THAT(phone_.log(), AllOf(HasSubstr("Digest"), Not(HasSubstr("Basic"))));
}

TEST_F(AppUpload, WhatAPhoneSaysIsFitForATerminal) {
  phone_.misbehave("fails");
  const std::string said = give();
  EXPECT_THAT(said, HasSubstr("it answers with status 503: \\x1b[31mno space\\x00 left"));
  for (const char c : said) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
}

TEST_F(AppUpload, OneThatHangsUpTalksRubbishOrNeverStopsIsAFailure) {
  for (const char* how : {"hangs_up", "talks_rubbish", "never_stops"}) {
    phone_.misbehave(how);
    EXPECT_NE(give(), "") << how;
  }
  phone_.misbehave("never_stops");
  EXPECT_EQ(give(), "it answers without end");
  phone_.misbehave("");
  EXPECT_EQ(give(), "");
}

TEST_F(AppUpload, RedirectsAreNotFollowed) {
  phone_.misbehave("leads_astray");
  EXPECT_THAT(give(), HasSubstr("status 302"));
  EXPECT_THAT(phone_.log(), Not(HasSubstr("elsewhere")));
}

TEST_F(AppUpload, AnAppThatDoesNotStartIsSaidToBeThere) {
  phone_.misbehave("does_not_start");
  EXPECT_EQ(give(),
            "it has the app, but does not start it: it answers with status 500: out of memory");
  EXPECT_TRUE(phone_.app() == upload_.app->zip);
}

TEST_F(AppUpload, NobodyThereIsAFailure) {
  upload_.phone.port = 1;
  EXPECT_THAT(give(), Not(testing::IsEmpty()));
}

TEST_F(AppUpload, OneThatSaysNothingIsLeftWhenWeStop) {
  phone_.misbehave("says_nothing");
  std::string said;
  std::jthread giving([&] { said = give(); });
  EXPECT_TRUE(test::wait_until([&] { return phone_.log().find("silent") != std::string::npos; }));
  stop_ = true;
  giving.join();  // long before the thirty seconds of a phone that says nothing
  EXPECT_NE(said, "");
}

}  // namespace
}  // namespace stormdoor::edge
