#include "hotdesk/conversion.hpp"

#include "tests/hotdesk/directory_fixture.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using store::PhoneRole;
using testing::ElementsAre;
using testing::IsEmpty;

class ConversionTest : public DirectoryTest {
 protected:
  ConversionReport converted(std::vector<MacAddress> phones, std::string_view location = "hq") {
    return convert(draft_, phones, location, tools());
  }
  static std::vector<std::string> texts(const ConversionReport& report) {
    std::vector<std::string> all;
    for (const auto& error : report.errors) all.push_back(to_string(error));
    return all;
  }
};

TEST_F(ConversionTest, ADeskPhoneBecomesAHotDeskPhoneAndItsUserUsesHotDesking) {
  const auto report = converted({mac(kDeskPhone)});
  EXPECT_THAT(texts(report), IsEmpty());
  EXPECT_EQ(report.converted, 1U);
  EXPECT_THAT(report.users, ElementsAre("2041"));
  EXPECT_EQ(phone(kDeskPhone)->role, PhoneRole::HotDesk);
  EXPECT_EQ(phone(kDeskPhone)->location, "hq");
  EXPECT_FALSE(registry().assignment_of(mac(kDeskPhone)));
  EXPECT_EQ(registry().user("2041")->main_phone_type, MainPhoneType::HotDesking);
}

TEST_F(ConversionTest, IsOneChangeWhoseSecondRunChangesNothing) {
  (void)converted({mac(kDeskPhone), mac(kSparePhone), mac(kHotDeskPhone), mac(kDeskPhone)});
  const size_t operations = draft_.change().operations.size();
  const auto again = converted({mac(kDeskPhone), mac(kSparePhone), mac(kHotDeskPhone)});
  EXPECT_EQ(again.unchanged, 3U);
  EXPECT_EQ(again.converted, 0U);
  EXPECT_EQ(draft_.change().operations.size(), operations);
}

TEST_F(ConversionTest, AnAdditionalPhoneLeavesItsUsersMainPhoneAlone) {
  ASSERT_EQ(outcome(assign(draft_, {"2041", 2, mac(kSparePhone)})), "done");
  const auto report = converted({mac(kSparePhone)});
  EXPECT_THAT(report.users, IsEmpty());
  EXPECT_EQ(registry().user("2041")->main_phone_type, MainPhoneType::DeskPhone);
  EXPECT_EQ(phone(kSparePhone)->role, PhoneRole::HotDesk);
}

TEST_F(ConversionTest, WithoutALocationAPhoneStaysWhereItIs) {
  EXPECT_EQ(converted({mac(kSparePhone)}, "").converted, 1U);
  EXPECT_EQ(phone(kSparePhone)->location, "hq");
}

// No hot-desk phone exists without a place from which help can be called.
TEST_F(ConversionTest, Promise9ALocationWithoutAnEmergencyNumberIsRefusedForEveryPhone) {
  const auto report = converted({mac(kDeskPhone), mac(kSparePhone)}, "lab");
  ASSERT_EQ(report.errors.size(), 2U);
  EXPECT_NE(report.errors[0].message.find("emergency number"), std::string::npos)
      << report.errors[0].message;
  EXPECT_THAT(report.users, IsEmpty());
  EXPECT_EQ(draft_.change().operations.size(), 0U);
  EXPECT_EQ(phone(kDeskPhone)->role, PhoneRole::Desk);
}

TEST_F(ConversionTest, OneUnknownPhoneKeepsAllAsTheyWere) {
  const auto report = converted({mac(kDeskPhone), numbered_mac(999)});
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].row, 2U);
  EXPECT_NE(report.errors[0].message.find("there is no phone 00:0F:D3:00:03:E7"),
            std::string::npos);
  EXPECT_EQ(draft_.change().operations.size(), 0U);
  EXPECT_EQ(registry().user("2041")->main_phone_type, MainPhoneType::DeskPhone);
}

TEST_F(ConversionTest, SaysWhoCannotLogInForWantOfAPin) {
  UserEdit without_pin;
  without_pin.pin = Secret("");
  ASSERT_EQ(outcome(set_user(draft_, "2041", without_pin, tools())), "done");
  const auto report = converted({mac(kDeskPhone)});
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_NE(report.notes[0].find("2041 (Ada King) has no PIN"), std::string::npos);
}

TEST_F(ConversionTest, FiveHundredAreConvertedAtOnce) {
  std::vector<MacAddress> phones;
  for (uint32_t i = 0; i < 500; ++i) {
    phones.push_back(numbered_mac(1000 + i));
    draft_.append(store::PutPhone{phone_record(phones.back(), PhoneRole::Unassigned, "")});
  }
  EXPECT_EQ(converted(phones).converted, 500U);
}

}  // namespace
}  // namespace stormdoor::hotdesk
