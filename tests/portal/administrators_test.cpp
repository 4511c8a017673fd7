#include "portal/administrators.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::portal {
namespace {

using hotdesk::Draft;
using hotdesk::Problems;
using testing::HasSubstr;

const WallTime kNow{std::chrono::hours(480'000)};

class AdministratorsTest : public testing::Test {
 protected:
  static std::string said(const Problems& problems) {
    return problems.none() ? "" : problems.error().message();
  }
  store::ApiTokenRecord token(const NewToken& made, WallTime expires) const {
    return {made.id, "nightly export", Role::Viewer, hash_of_token(made.token), kNow, expires};
  }

  Draft draft_{*hotdesk::Registry::from({})};
};

TEST_F(AdministratorsTest, AreAddedChangedAndRemoved) {
  EXPECT_EQ(said(add_administrator(draft_, "ada", Role::Helpdesk, "hash", kNow)), "");
  EXPECT_EQ(said(set_role(draft_, "ada", Role::Viewer, true)), "");
  EXPECT_EQ(said(set_password(draft_, "ada", "other")), "");
  const auto ada = draft_.registry().administrator("ada");
  ASSERT_TRUE(ada);
  EXPECT_EQ(ada->role, Role::Viewer);
  EXPECT_EQ(ada->password_hash, "other");
  EXPECT_EQ(ada->made, kNow);
  EXPECT_EQ(said(remove_administrator(draft_, "ada", true)), "");
  EXPECT_FALSE(draft_.registry().administrator("ada"));
}

TEST_F(AdministratorsTest, NamesAreSimpleAndGivenOnce) {
  EXPECT_EQ(said(add_administrator(draft_, "ada.king-1@example_org", Role::Viewer, "", kNow)), "");
  for (const std::string& name :
       {std::string(), std::string("Ada"), std::string("a da"), std::string("a\nda"),
        std::string("ä"), std::string("-ada"), std::string(65, 'a')})
    EXPECT_THAT(said(add_administrator(draft_, name, Role::Viewer, "", kNow)),
                HasSubstr("is no name"));
  EXPECT_EQ(said(add_administrator(draft_, std::string(64, 'a'), Role::Viewer, "", kNow)), "");
  EXPECT_THAT(said(add_administrator(draft_, std::string(64, 'a'), Role::Viewer, "", kNow)),
              HasSubstr("already"));
}

TEST_F(AdministratorsTest, TheLastOneStaysWhereNobodyCouldMakeAnother) {
  ASSERT_TRUE(add_administrator(draft_, "ada", Role::Administrator, "", kNow).none());
  ASSERT_TRUE(add_administrator(draft_, "alan", Role::Helpdesk, "", kNow).none());
  EXPECT_THAT(said(remove_administrator(draft_, "ada", true)), HasSubstr("last administrator"));
  EXPECT_THAT(said(set_role(draft_, "ada", Role::Viewer, true)), HasSubstr("last administrator"));
  EXPECT_EQ(said(remove_administrator(draft_, "alan", true)), "");
  EXPECT_EQ(said(remove_administrator(draft_, "ada", false)), "");
}

TEST_F(AdministratorsTest, WhoIsNotThereCannotBeChanged) {
  EXPECT_EQ(set_role(draft_, "x", Role::Viewer, false).error().code(), ErrorCode::NotFound);
  EXPECT_EQ(set_password(draft_, "x", "").error().code(), ErrorCode::NotFound);
  EXPECT_EQ(remove_administrator(draft_, "x", false).error().code(), ErrorCode::NotFound);
  EXPECT_EQ(remove_token(draft_, "x").error().code(), ErrorCode::NotFound);
}

TEST_F(AdministratorsTest, AreAtMostSoMany) {
  for (size_t i = 0; i < kMostAdministrators; ++i)
    draft_.append(store::PutAdministrator{{std::to_string(i), Role::Viewer, "", kNow}});
  EXPECT_EQ(add_administrator(draft_, "ada", Role::Viewer, "", kNow).error().code(),
            ErrorCode::ResourceExhausted);
}

TEST_F(AdministratorsTest, PasswordsHaveALeastLength) {
  const auto refused = [](const std::string& password, std::string_view name = "ada") {
    const auto checked = check_password(Secret(password), name);
    return checked ? std::string() : checked.error().message();
  };
  EXPECT_EQ(refused("0123456789"), "");
  EXPECT_THAT(refused("012345678"), HasSubstr("fewer than 10 characters"));
  EXPECT_THAT(refused("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"), HasSubstr("fewer than"));
  EXPECT_EQ(refused(std::string(1024, 'x')), "");
  EXPECT_THAT(refused(std::string(1025, 'x')), HasSubstr("longer than"));
  EXPECT_THAT(refused("0123456789\xff"), HasSubstr("no valid text"));
  EXPECT_THAT(refused("Ada.Lovelace", "ada.lovelace"), HasSubstr("is the name"));
}

TEST_F(AdministratorsTest, ATokenIsFoundUntilItExpires) {
  const NewToken made = make_token();
  const WallTime expires = kNow + std::chrono::hours(1);
  ASSERT_TRUE(add_token(draft_, token(made, expires), kNow).none());
  const auto find = [&](std::string_view shown, WallTime now) {
    return find_token(draft_.registry(), shown, now);
  };
  ASSERT_TRUE(find(made.token.reveal(), kNow));
  EXPECT_EQ(find(made.token.reveal(), kNow)->label, "nightly export");
  EXPECT_TRUE(find(made.token.reveal(), expires - milliseconds(1)));
  EXPECT_FALSE(find(made.token.reveal(), expires));
  EXPECT_FALSE(find(std::string(made.token.reveal()) + "x", kNow));
  EXPECT_FALSE(find(made.id, kNow));
  EXPECT_FALSE(find(made.id + ".", kNow));
  EXPECT_FALSE(find("", kNow));
  ASSERT_TRUE(remove_token(draft_, made.id).none());
  EXPECT_FALSE(find(made.token.reveal(), kNow));
}

TEST_F(AdministratorsTest, TokensSayWhatTheyAreForAndExpireLater) {
  const NewToken made = make_token();
  auto nameless = token(made, WallTime::max());
  nameless.label = "  ";
  EXPECT_THAT(said(add_token(draft_, nameless, kNow)), HasSubstr("what the token is for"));
  EXPECT_THAT(said(add_token(draft_, token(made, kNow), kNow)), HasSubstr("expired already"));
  EXPECT_EQ(said(add_token(draft_, token(made, kNow + milliseconds(1)), kNow)), "");
}

TEST(Role, IsNamed) {
  for (const Role role : {Role::Viewer, Role::Helpdesk, Role::Administrator})
    EXPECT_EQ(*parse_role(to_string(role)), role);
  EXPECT_THAT(parse_role("root").error().message(), HasSubstr("expected viewer"));
  EXPECT_TRUE(may(Role::Administrator, Role::Viewer));
  EXPECT_TRUE(may(Role::Helpdesk, Role::Helpdesk));
  EXPECT_FALSE(may(Role::Viewer, Role::Helpdesk));
}

}  // namespace
}  // namespace stormdoor::portal
