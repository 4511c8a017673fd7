#include "base/store/schema.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>

#include "tests/base/store/full_contents.hpp"
#include "tests/support/contents_model.hpp"
#include "tests/support/open_store.hpp"
#include "tests/support/power_loss_vfs.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::store {
namespace {

using testing::HasSubstr;

std::string read_fixture(const std::string& name) {
  std::ifstream in(std::string(STORMDOOR_SOURCE_DIR) + "/tests/base/store/fixtures/" + name);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

// Steps like later versions will have: data moves, and a table that others refer to is rebuilt.
constexpr UpgradeStep kFirst = R"sql(
PRAGMA application_id = 0x53544452;
CREATE TABLE parent (name TEXT PRIMARY KEY NOT NULL) STRICT;
CREATE TABLE child (parent TEXT NOT NULL REFERENCES parent, number INTEGER NOT NULL) STRICT;
INSERT INTO parent VALUES ('p');
INSERT INTO child VALUES ('p', 41);
)sql";
constexpr UpgradeStep kSecond = R"sql(
ALTER TABLE child ADD COLUMN note TEXT NOT NULL DEFAULT 'none';
UPDATE child SET number = number + 1;
)sql";
constexpr UpgradeStep kThird = R"sql(
CREATE TABLE rebuilt (name TEXT PRIMARY KEY NOT NULL, colour TEXT NOT NULL) STRICT;
INSERT INTO rebuilt SELECT name, 'red' FROM parent;
DROP TABLE parent;
ALTER TABLE rebuilt RENAME TO parent;
)sql";
constexpr UpgradeStep kFailing = "UPDATE child SET number = 0; INSERT INTO nowhere VALUES (1);";
constexpr UpgradeStep kDangling = "DELETE FROM parent;";

class SchemaTest : public testing::Test {
 protected:
  void SetUp() override { std::ofstream(path_).flush(); }

  Result<void> bring(std::vector<UpgradeStep> steps) {
    if (!database_) open();
    return bring_up_to_date(*database_, path_, steps);
  }
  void open(const std::string& vfs = "") {
    database_.reset();
    auto opened = Database::open(path_, vfs);
    ASSERT_TRUE(opened);
    database_.emplace(*std::move(opened));
    ASSERT_TRUE(database_->run("PRAGMA locking_mode = EXCLUSIVE"));
  }
  int64_t number(const std::string& sql) {
    const auto value = database_->integer(sql);
    EXPECT_TRUE(value) << sql << ": " << value.error().message();
    return value ? *value : -1;
  }
  std::string schema_of(const std::string& path) {
    auto database = Database::open(path, "");
    EXPECT_TRUE(database);
    const auto text = database->text(
        "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)");
    EXPECT_TRUE(text);
    return text ? *text : "";
  }

  test::TempDir dir_ = test::TempDir::in_memory();
  std::string path_ = dir_.file("store.db");
  std::optional<Database> database_;
};

TEST_F(SchemaTest, DatabaseOfVersion1OpensWithEverythingThatWasInIt) {
  open();
  const auto restored = database_->execute(read_fixture("schema_v1.sql"));
  ASSERT_TRUE(restored) << restored.error().message();
  database_.reset();
  const auto store = test::open_store(path_);
  ASSERT_TRUE(store) << store.error().message();
  const auto loaded = (*store)->load();
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(test::difference(*loaded, full_contents_of_version_1()), "");
}

TEST_F(SchemaTest, DatabaseOfVersion3OpensWithEverythingThatWasInIt) {
  open();
  const auto restored = database_->execute(read_fixture("schema_v3.sql"));
  ASSERT_TRUE(restored) << restored.error().message();
  database_.reset();
  const auto store = test::open_store(path_);
  ASSERT_TRUE(store) << store.error().message();
  const auto loaded = (*store)->load();
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(test::difference(*loaded, full_contents_of_version_3()), "");
  EXPECT_EQ((*store)->desk_log({}, WallTime::max(), 10)->size(), 1U);
  EXPECT_EQ((*store)->audit({})->total, 0U);
}

TEST_F(SchemaTest, DatabaseOfVersion4OpensWithEverythingThatWasInIt) {
  open();
  const auto restored = database_->execute(read_fixture("schema_v4.sql"));
  ASSERT_TRUE(restored) << restored.error().message();
  database_.reset();
  const auto store = test::open_store(path_);
  ASSERT_TRUE(store) << store.error().message();
  const auto loaded = (*store)->load();
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(test::difference(*loaded, full_contents_of_version_4()), "");
  EXPECT_EQ((*store)->audit({})->total, 1U);
}

TEST_F(SchemaTest, NewDatabaseHasTheTablesOfAnUpgradedOne) {
  open();
  ASSERT_TRUE(database_->execute(read_fixture("schema_v1.sql")));
  database_.reset();
  ASSERT_TRUE(test::open_store(path_));
  const std::string fresh = dir_.file("fresh.db");
  ASSERT_TRUE(test::open_store(fresh));
  EXPECT_EQ(schema_of(path_), schema_of(fresh));
  EXPECT_THAT(schema_of(fresh), HasSubstr("CREATE TABLE phone"));
}

TEST_F(SchemaTest, EmptyFileBecomesTheNewestVersionWithoutACopy) {
  ASSERT_TRUE(bring({kFirst, kSecond, kThird}));
  EXPECT_EQ(number("PRAGMA user_version"), 3);
  EXPECT_EQ(number("SELECT number FROM child"), 42);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".before-v3"));
}

TEST_F(SchemaTest, OlderFileGetsTheMissingStepsOnly) {
  ASSERT_TRUE(bring({kFirst, kSecond}));
  ASSERT_TRUE(bring({kFirst, kSecond, kThird}));
  EXPECT_EQ(number("PRAGMA user_version"), 3);
  EXPECT_EQ(number("SELECT number FROM child"), 42);  // once, not twice
  EXPECT_EQ(number("SELECT count(*) FROM parent WHERE colour = 'red'"), 1);
}

TEST_F(SchemaTest, NewestVersionIsLeftAlone) {
  ASSERT_TRUE(bring({kFirst}));
  ASSERT_TRUE(bring({kFirst}));
  EXPECT_EQ(number("SELECT number FROM child"), 41);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".before-v1"));
}

TEST_F(SchemaTest, FileIsCopiedBeforeItsUpgradeReplacingAnOlderCopy) {
  ASSERT_TRUE(bring({kFirst}));
  dir_.write("store.db.before-v3", "of an attempt that failed");
  ASSERT_TRUE(bring({kFirst, kSecond, kThird}));
  auto copy = Database::open(path_ + ".before-v3", "");
  ASSERT_TRUE(copy);
  EXPECT_EQ(*copy->integer("PRAGMA user_version"), 1);
  EXPECT_EQ(*copy->integer("PRAGMA application_id"), kApplicationId);
  EXPECT_EQ(*copy->integer("SELECT number FROM child"), 41);
  EXPECT_EQ(std::filesystem::status(path_ + ".before-v3").permissions(),
            std::filesystem::perms(0600));
}

TEST_F(SchemaTest, FailingStepLeavesTheVersionBeforeItWhole) {
  ASSERT_TRUE(bring({kFirst}));
  const auto failed = bring({kFirst, kSecond, kFailing});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(), HasSubstr("upgrade to schema version 3"));
  EXPECT_EQ(number("PRAGMA user_version"), 2);
  EXPECT_EQ(number("SELECT number FROM child"), 42);
  EXPECT_FALSE(database_->in_transaction());
  EXPECT_TRUE(bring({kFirst, kSecond, kThird}));
}

TEST_F(SchemaTest, StepThatLeavesAReferenceToNothingFails) {
  ASSERT_TRUE(bring({kFirst}));
  const auto failed = bring({kFirst, kDangling});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(), HasSubstr("a row of child that refers to no parent"));
  EXPECT_EQ(number("SELECT count(*) FROM parent"), 1);
}

TEST_F(SchemaTest, FileWithMoreStepsThanWeKnowIsRefused) {
  ASSERT_TRUE(bring({kFirst, kSecond}));
  const auto refused = bring({kFirst});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Conflict);
}

TEST_F(SchemaTest, PowerLossDuringAnUpgradeLeavesOneOfTheVersionsWhole) {
  int upgraded_by_halves = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    database_.reset();
    std::filesystem::remove(path_);
    SetUp();
    test::PowerLossVfs vfs(seed);
    open(vfs.name());
    ASSERT_TRUE(bring({kFirst}));
    ASSERT_TRUE(database_->run("PRAGMA journal_mode = WAL"));
    vfs.cut_power_during_call(1 + seed % 30);
    const bool done = bring({kFirst, kSecond, kThird}).has_value();
    database_.reset();
    if (vfs.is_cut()) vfs.lose_what_was_not_synced();
    open(vfs.name());
    const int64_t version = number("PRAGMA user_version");
    if (done) {
      EXPECT_EQ(version, 3);
    }
    if (version == 2) ++upgraded_by_halves;
    EXPECT_EQ(number("SELECT number FROM child"), version == 1 ? 41 : 42) << "seed " << seed;
    EXPECT_TRUE(bring({kFirst, kSecond, kThird})) << "seed " << seed;
    EXPECT_EQ(number("SELECT count(*) FROM parent WHERE colour = 'red'"), 1);
    database_.reset();  // before its file layer
  }
  EXPECT_GT(upgraded_by_halves, 0) << "the power never went between two steps";
}

}  // namespace
}  // namespace stormdoor::store
