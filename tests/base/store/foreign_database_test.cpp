#include "base/store/foreign_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/store/database.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::store {
namespace {

class ForeignDatabaseTest : public testing::Test {
 protected:
  ForeignDatabaseTest() {
    auto database = Database::open(path_, {});
    EXPECT_TRUE(database && database->execute("CREATE TABLE t (x INTEGER UNIQUE)"));
  }
  test::TempDir directory_;
  std::string path_ = directory_.write("theirs.sqlite", "");
};

TEST_F(ForeignDatabaseTest, AnswersWithWhatIsThereAfterwards) {
  const auto count = apply_to_foreign_database(
      path_, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);", "SELECT count(*) FROM t");
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_EQ(*count, 2);
}

// Kamailio waits for no lock: it would refuse whoever logs in at that moment.
TEST_F(ForeignDatabaseTest, WhoReadsMeanwhileIsNotTurnedAway) {
  ASSERT_TRUE(apply_to_foreign_database(path_, "INSERT INTO t VALUES (1)", "SELECT 0"));
  auto writer = Database::open(path_, {});
  ASSERT_TRUE(writer && writer->execute("BEGIN EXCLUSIVE") && writer->execute("DELETE FROM t"));
  auto reader = Database::open(path_, {});
  ASSERT_TRUE(reader);
  const auto seen = reader->integer("SELECT count(*) FROM t");
  ASSERT_TRUE(seen) << seen.error().message();
  EXPECT_EQ(*seen, 1);
}

TEST_F(ForeignDatabaseTest, DoesAllOrNothing) {
  const auto failed = apply_to_foreign_database(
      path_, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (1);", "SELECT count(*) FROM t");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message().find(path_), std::string::npos);
  const auto count = apply_to_foreign_database(path_, "", "SELECT count(*) FROM t");
  ASSERT_TRUE(count);
  EXPECT_EQ(*count, 0);
}

TEST_F(ForeignDatabaseTest, MakesNoFile) {
  const std::string none = directory_.file("none.sqlite");
  EXPECT_FALSE(apply_to_foreign_database(none, "CREATE TABLE t (x)", "SELECT 1"));
  EXPECT_FALSE(std::filesystem::exists(none));
}

// Another program that reads a database which is closed for a moment leaves journals that stay
// closed.
TEST_F(ForeignDatabaseTest, SaysWhichFileIsClosedToUs) {
  namespace fs = std::filesystem;
  constexpr uid_t kNobody = 65534;
  ASSERT_TRUE(apply_to_foreign_database(path_, "INSERT INTO t VALUES (1)", "SELECT 0"));
  fs::permissions(directory_.path(), fs::perms(0777));
  fs::permissions(path_, fs::perms(0444));
  auto reader = Database::open(path_, {});
  ASSERT_TRUE(reader && reader->integer("SELECT count(*) FROM t"));
  fs::permissions(path_, fs::perms(0666));

  const bool root = geteuid() == 0;
  const auto become = [&](uid_t user) {
    if (root) {
      ASSERT_EQ(seteuid(user), 0);
    }
  };
  become(kNobody);
  const auto failed = apply_to_foreign_database(path_, "DELETE FROM t", "SELECT 0");
  become(0);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(),
              testing::HasSubstr("may not write " + path_ + "-wal, " + path_ + "-shm)"));

  for (const std::string journal : {"-wal", "-shm"})
    fs::permissions(path_ + journal, fs::perms(0666));
  become(kNobody);
  const auto applied = apply_to_foreign_database(path_, "DELETE FROM t", "SELECT count(*) FROM t");
  become(0);
  ASSERT_TRUE(applied) << applied.error().message();
  EXPECT_EQ(*applied, 0);
}

}  // namespace
}  // namespace stormdoor::store
