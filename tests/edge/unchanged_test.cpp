#include "edge/unchanged.hpp"

#include <gtest/gtest.h>

#include "tests/hotdesk/office.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::Registry;
using nlohmann::json;

std::shared_ptr<const Registry> with(const Registry& registry, store::Operation operation) {
  store::Change change;
  change.operations.push_back(std::move(operation));
  return registry.with(change, registry.version() + 1);
}

class UnchangedTest : public testing::Test {
 protected:
  [[nodiscard]] bool may_go_on(const std::string& command, json arguments,
                               const Registry& now) const {
    const auto checked = check_unchanged({command, std::move(arguments)}, seen_)(now);
    if (!checked) {
      EXPECT_EQ(checked.error().code(), ErrorCode::Conflict);
    }
    return checked.has_value();
  }
  // The desk phone has moved.
  [[nodiscard]] std::shared_ptr<const Registry> moved() const {
    auto phone = *seen_->phone(hotdesk::mac(hotdesk::kDeskPhone));
    phone.location = "lab";
    return with(*seen_, store::PutPhone{phone});
  }

  std::shared_ptr<const Registry> seen_ = Registry::from(hotdesk::office_contents());
};

TEST_F(UnchangedTest, APhoneThatMovedMeanwhileIsToldHoweverItIsSpelt) {
  for (const char* spelt : {"00:0F:D3:00:00:01", "000fd3000001"}) {
    EXPECT_FALSE(may_go_on("phone.set", {{"mac", spelt}}, *moved())) << spelt;
    EXPECT_FALSE(may_go_on("phone.remove", {{"macs", json::array({spelt})}}, *moved())) << spelt;
    EXPECT_TRUE(may_go_on("phone.set", {{"mac", spelt}}, *seen_)) << spelt;
  }
  EXPECT_TRUE(may_go_on("phone.set", {{"mac", hotdesk::kSparePhone}}, *moved()));
}

TEST_F(UnchangedTest, AnAssignmentIsPartOfThePhoneAndOfTheUser) {
  const auto taken = with(*seen_, store::EraseAssignment{"2041", 0});
  EXPECT_FALSE(may_go_on("phone.set", {{"mac", hotdesk::kDeskPhone}}, *taken));
  EXPECT_FALSE(may_go_on("user.set", {{"extension", "2041"}}, *taken));
  EXPECT_TRUE(may_go_on("user.set", {{"extension", "2042"}}, *taken));
}

TEST_F(UnchangedTest, LocationsAreCompared) {
  auto location = *seen_->location("hq");
  location.emergency_number = "+12025550199";
  const auto changed = with(*seen_, store::PutLocation{location});
  EXPECT_FALSE(may_go_on("location.set", {{"name", "hq"}}, *changed));
  EXPECT_TRUE(may_go_on("location.set", {{"name", "lab"}}, *changed));
}

TEST_F(UnchangedTest, OfOtherCommandsAndWrongArgumentsNothingIsCompared) {
  EXPECT_TRUE(may_go_on("convert", {{"macs", json::array({hotdesk::kDeskPhone})}}, *moved()));
  EXPECT_TRUE(may_go_on("phone.set", {{"mac", 7}}, *moved()));
  EXPECT_TRUE(may_go_on("phone.set", {{"mac", "no MAC"}}, *moved()));
}

}  // namespace
}  // namespace stormdoor::edge
