#include "base/store/sqlite_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/store/database.hpp"
#include "base/store/rows.hpp"
#include "tests/base/store/full_contents.hpp"
#include "tests/support/contents_model.hpp"
#include "tests/support/open_store.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::store {
namespace {

using test::difference;
using test::open_store;
using test::TempDir;
using testing::HasSubstr;

// A change that commits alone, or the reason why not.
Result<void> commit_one(Store& store, const Change& change) {
  return store.commit({&change, 1}).front();
}

std::string error_of(const Result<std::unique_ptr<SqliteStore>>& opened) {
  return opened ? "opened" : opened.error().message();
}

int mode_of(const std::string& path) {
  struct stat s;
  return ::stat(path.c_str(), &s) == 0 ? int(s.st_mode & 07777) : -1;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> open() {
    auto opened = open_store(path_);
    EXPECT_TRUE(opened) << error_of(opened);
    return opened ? *std::move(opened) : nullptr;
  }
  // Runs SQL on the closed database, as somebody with a shell would.
  void tamper(const std::string& sql) {
    auto database = Database::open(path_, "");
    ASSERT_TRUE(database);
    const auto done = database->execute(sql);
    ASSERT_TRUE(done) << done.error().message();
  }

  TempDir dir_;
  std::string path_ = dir_.file("store.db");
};

TEST_F(SqliteStoreTest, NewStoreIsEmpty) {
  const auto contents = open()->load();
  ASSERT_TRUE(contents);
  EXPECT_EQ(difference(*contents, Contents{}), "");
}

TEST_F(SqliteStoreTest, EveryFieldOfEveryRecordComesBack) {
  ASSERT_TRUE(commit_one(*open(), full_change()));
  const auto contents = open()->load();
  ASSERT_TRUE(contents) << contents.error().message();
  EXPECT_EQ(difference(*contents, full_contents()), "");
}

TEST_F(SqliteStoreTest, RecordsWithNothingInThemComeBack) {
  Contents empty_rows{{LocationRecord{}},
                      {UserRecord{}},
                      {PhoneRecord{}},
                      {},
                      {BlockRecord{}},
                      {LeaseRecord{}},
                      {StaleSecretRecord{}},
                      {},
                      {},
                      {},
                      {},
                      {},
                      1};
  empty_rows.blocks[0].until = WallTime::max();
  ASSERT_TRUE(
      commit_one(*open(), {{PutLocation{}, PutUser{}, PutPhone{}, PutBlock{empty_rows.blocks[0]},
                            PutLease{}, PutStaleSecret{}}}));
  EXPECT_EQ(difference(*open()->load(), empty_rows), "");
}

TEST_F(SqliteStoreTest, PuttingReplacesTheWholeRow) {
  const auto store = open();
  ASSERT_TRUE(commit_one(*store, full_change()));
  LocationRecord location;
  location.name = "lobby";
  PhoneRecord phone;
  phone.mac = kMac;
  UserRecord user;
  user.extension = "2041";
  ASSERT_TRUE(commit_one(*store, {{PutLocation{location}, PutPhone{phone}, PutUser{user}}}));
  Contents expected = full_contents();
  expected.locations = {location};
  expected.phones = {phone};
  expected.users = {user};
  expected.version = 2;
  EXPECT_EQ(difference(*store->load(), expected), "");
}

TEST_F(SqliteStoreTest, ErasedRowsAreGoneWithTheirVariables) {
  const auto store = open();
  ASSERT_TRUE(commit_one(*store, full_change()));
  ASSERT_TRUE(commit_one(
      *store,
      {{EraseLocation{"lobby"}, ErasePhone{kMac}, EraseUser{"2041"}, EraseAssignment{"2041", 5},
        EraseBlock{full_block().source, full_block().service, "2041"}, EraseLease{kMac},
        EraseStaleSecret{kMac, "2041", full_stale_secret().since}, EraseDeskSession{kMac},
        EraseConversion{7}, EraseAdministrator{"ada"}, EraseApiToken{"k3Jx"}}}));
  Contents nothing;
  nothing.version = 2;
  EXPECT_EQ(difference(*store->load(), nothing), "");
  // Put again without variables: none come back from the dead.
  LocationRecord location;
  location.name = "lobby";
  ASSERT_TRUE(commit_one(*store, {{PutLocation{location}}}));
  EXPECT_EQ(store->load()->locations, std::vector{location});
}

TEST_F(SqliteStoreTest, OneUserIsNeverLoggedInTwice) {
  const auto store = open();
  ASSERT_TRUE(commit_one(*store, full_change()));
  PhoneRecord other = full_phone();
  other.mac = MacAddress({0x00, 0x0f, 0xd3, 0x05, 0x48, 0x49});
  other.device_account = "d000fd3054849";
  const DeskSessionRecord second{other.mac, "2041", full_desk_session().since};
  const auto refused = commit_one(*store, {{PutPhone{other}, PutDeskSession{second}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Conflict);
  ASSERT_TRUE(
      commit_one(*store, {{PutPhone{other}, EraseDeskSession{kMac}, PutDeskSession{second}}}));
  EXPECT_EQ(store->load()->desk_sessions, std::vector{second});
}

TEST_F(SqliteStoreTest, DeskLogTellsWhatHeldThenAndWhatCameAfter) {
  const auto store = open();
  const MacAddress other({0x00, 0x0f, 0xd3, 0x05, 0x48, 0x49});
  const auto row = [](int at, const MacAddress& mac, const std::string& extension) {
    return DeskLogRecord{WallTime(seconds(at)), mac, extension, "lobby", "+12025550123", "Elm St"};
  };
  const std::vector<DeskLogRecord> rows = {row(10, kMac, "2041"), row(20, other, "2042"),
                                           row(30, kMac, ""), row(40, kMac, "2043")};
  for (const auto& one : rows) ASSERT_TRUE(commit_one(*store, {{AppendDeskLog{one}}}));
  const auto at = [&](int since, int until, size_t most = 100) {
    return *store->desk_log(WallTime(seconds(since)), WallTime(seconds(until)), most);
  };
  EXPECT_EQ(at(9, 9), std::vector<DeskLogRecord>());
  EXPECT_EQ(at(10, 10), std::vector{rows[0]});
  EXPECT_EQ(at(29, 29), (std::vector{rows[0], rows[1]}));
  EXPECT_EQ(at(30, 30), (std::vector{rows[1], rows[2]}));
  EXPECT_EQ(at(25, 35), (std::vector{rows[0], rows[1], rows[2]}));
  EXPECT_EQ(at(0, 100, 2), (std::vector{rows[0], rows[1]}));
}

TEST_F(SqliteStoreTest, AuditLogIsReadPageByPageFromTheNewest) {
  const auto store = open();
  for (int i = 1; i <= 3; ++i) {
    AuditRecord row = full_audit();
    row.about = "phone " + std::to_string(i);
    ASSERT_TRUE(commit_one(*store, {{AppendAudit{row}}}));
  }
  const auto abouts = [&](const AuditQuery& query) {
    std::vector<std::string> all;
    const auto page = store->audit(query);
    EXPECT_TRUE(page);
    for (const auto& row : page->rows) all.push_back(row.about);
    return all;
  };
  const auto query = [](uint64_t before, size_t most, const char* search = "") {
    return AuditQuery{.before = before, .most = most, .search = search};
  };
  EXPECT_EQ(abouts({}), (std::vector<std::string>{"phone 3", "phone 2", "phone 1"}));
  EXPECT_EQ(abouts(query(0, 1)), std::vector<std::string>{"phone 3"});
  EXPECT_EQ(abouts(query(3, 1)), std::vector<std::string>{"phone 2"});
  EXPECT_EQ(abouts(query(1, 100)), std::vector<std::string>());
  EXPECT_EQ(abouts(query(0, 100, "PHONE 2")), std::vector<std::string>{"phone 2"});
  EXPECT_EQ(abouts(query(0, 100, "%")), std::vector<std::string>());
  EXPECT_EQ(store->audit(query(0, 1))->total, 3U);
  EXPECT_EQ(store->audit(query(0, 100, "phone 2"))->total, 1U);
  AuditRecord first = full_audit();
  first.about = "phone 1";
  EXPECT_EQ(store->audit(query(2, 100))->rows, std::vector{first});
}

TEST_F(SqliteStoreTest, AuditLogIsNeitherChangedNorErased) {
  ASSERT_TRUE(commit_one(*open(), full_change()));
  auto database = Database::open(path_, "");
  ASSERT_TRUE(database);
  EXPECT_FALSE(database->execute("UPDATE audit_log SET who = 'somebody else'"));
  EXPECT_FALSE(database->execute("DELETE FROM audit_log"));
}

TEST_F(SqliteStoreTest, OldestAuditRowMakesRoomForTheOneBeyondTheBound) {
  ASSERT_TRUE(commit_one(*open(), {{AppendAudit{full_audit()}, AppendAudit{full_audit()}}}));
  tamper("UPDATE sqlite_sequence SET seq = 499999 WHERE name = 'audit_log'");
  const auto store = open();
  ASSERT_TRUE(commit_one(*store, {{AppendAudit{full_audit()}}}));
  EXPECT_EQ(store->audit({})->total, 3U);
  ASSERT_TRUE(commit_one(*store, {{AppendAudit{full_audit()}}}));
  const auto page = store->audit({});
  ASSERT_EQ(page->total, 3U);
  EXPECT_EQ(page->rows.front().id, uint64_t{kMostAuditRows} + 1);
  EXPECT_EQ(page->rows.back().id, 2U);
}

TEST_F(SqliteStoreTest, OneSourceHasABlockOfItsOwnForEveryAccount) {
  const auto store = open();
  BlockRecord whole = full_block();
  whole.account.clear();
  BlockRecord other = full_block();
  other.account = "2042";
  ASSERT_TRUE(commit_one(*store, {{PutBlock{other}, PutBlock{full_block()}, PutBlock{whole}}}));
  EXPECT_EQ(store->load()->blocks, (std::vector{whole, full_block(), other}));
  ASSERT_TRUE(commit_one(*store, {{EraseBlock{whole.source, whole.service}}}));
  EXPECT_EQ(store->load()->blocks, (std::vector{full_block(), other}));
}

TEST_F(SqliteStoreTest, LeasesAndStaleSecretsOutliveTheirPhone) {
  const auto store = open();
  ASSERT_TRUE(commit_one(*store, full_change()));
  ASSERT_TRUE(
      commit_one(*store, {{EraseAssignment{"2041", 5}, EraseDeskSession{kMac}, ErasePhone{kMac}}}));
  EXPECT_EQ(store->load()->leases, std::vector{full_lease()});
  EXPECT_EQ(store->load()->stale_secrets, std::vector{full_stale_secret()});
}

TEST_F(SqliteStoreTest, ALeaseIsReplacedWithItsAccountsAndAddresses) {
  const auto store = open();
  LeaseRecord shorter = full_lease();
  shorter.accounts = {"2042"};
  shorter.addresses.clear();
  ASSERT_TRUE(commit_one(*store, full_change()));
  ASSERT_TRUE(commit_one(*store, {{PutLease{shorter}}}));
  EXPECT_EQ(store->load()->leases, std::vector{shorter});
}

TEST_F(SqliteStoreTest, ErasingWhatIsNotThereIsNoError) {
  EXPECT_TRUE(commit_one(*open(), {{EraseUser{"1"}, EraseLocation{"x"}, ErasePhone{kMac}}}));
}

TEST_F(SqliteStoreTest, ChangesAreCountedAcrossRestarts) {
  for (uint64_t n = 1; n <= 3; ++n) {
    const auto store = open();
    ASSERT_TRUE(commit_one(*store, {{PutUser{full_user()}}}));
    EXPECT_EQ(store->load()->version, n);
  }
}

TEST_F(SqliteStoreTest, OperationsOfOneChangeMayComeInAnyOrder) {
  Change change = full_change();
  std::ranges::reverse(change.operations);
  EXPECT_TRUE(commit_one(*open(), change));
}

TEST_F(SqliteStoreTest, ReferenceToNothingIsRefusedAndTheRestOfTheGroupCommits) {
  const auto store = open();
  PhoneRecord lost = full_phone();
  lost.location = "nowhere";
  UserRecord other = full_user();
  other.extension = "2042";
  const std::vector<Change> group = {{{PutUser{full_user()}}},
                                     {{PutUser{other}, PutPhone{lost}}},
                                     {{PutAssignment{{"2041", 0, kMac}}}},
                                     {{PutLocation{full_location()}, PutPhone{full_phone()}}}};
  const auto answers = store->commit(group);
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_TRUE(answers[0]);
  ASSERT_FALSE(answers[1]);
  EXPECT_EQ(answers[1].error().code(), ErrorCode::Conflict);
  ASSERT_FALSE(answers[2]);
  EXPECT_TRUE(answers[3]);
  const Contents expected{
      {full_location()}, {full_user()}, {full_phone()}, {}, {}, {}, {}, {}, {}, {}, {}, {}, 2};
  EXPECT_EQ(difference(*store->load(), expected), "");
}

TEST_F(SqliteStoreTest, LocationInUseCannotBeErased) {
  const auto store = open();
  ASSERT_TRUE(commit_one(*store, full_change()));
  const auto erased = commit_one(*store, {{EraseLocation{"lobby"}}});
  ASSERT_FALSE(erased);
  EXPECT_EQ(erased.error().code(), ErrorCode::Conflict);
  EXPECT_EQ(difference(*store->load(), full_contents()), "");
}

TEST_F(SqliteStoreTest, GroupInWhichNothingFitsChangesNothing) {
  const auto store = open();
  const std::vector<Change> group(2, Change{{PutAssignment{{"1", 0, kMac}}}});
  for (const auto& answer : store->commit(group)) EXPECT_FALSE(answer);
  EXPECT_EQ(difference(*store->load(), Contents{}), "");
}

TEST_F(SqliteStoreTest, SecretOfTheGreatestLengthIsKeptAndALongerOneRefused) {
  const auto store = open();
  UserRecord user = full_user();
  user.sip_secret = Secret(std::string(kMostSecretBytes, 's'));
  EXPECT_TRUE(commit_one(*store, {{PutUser{user}}}));
  EXPECT_EQ(store->load()->users, std::vector{user});
  user.sip_secret = Secret(std::string(kMostSecretBytes + 1, 's'));
  const auto refused = commit_one(*store, {{PutUser{user}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::InvalidArgument);
}

TEST_F(SqliteStoreTest, FollowerSeesEachDurableChangeWithItsVersion) {
  const auto store = open();
  std::vector<std::pair<size_t, uint64_t>> seen;
  store->follow([&](const Change& change, uint64_t version) {
    seen.emplace_back(change.operations.size(), version);
  });
  const std::vector<Change> group = {{{PutUser{full_user()}}},
                                     {{PutAssignment{{"1", 0, kMac}}}},  // refused
                                     {{EraseUser{"2041"}, EraseUser{"2"}}}};
  (void)store->commit(group);
  EXPECT_THAT(seen, testing::ElementsAre(std::pair(1U, 1U), std::pair(2U, 2U)));
}

TEST_F(SqliteStoreTest, SecretsAreNotInTheFileInTheClear) {
  ASSERT_TRUE(commit_one(*open(), full_change()));
  const std::string bytes = bytes_of(path_);
  EXPECT_THAT(bytes, HasSubstr("sangoma"));  // the rows are in this file
  EXPECT_THAT(bytes, testing::Not(HasSubstr("in-the-clear")));
  EXPECT_THAT(bytes, testing::Not(HasSubstr("s3cr")));
}

TEST_F(SqliteStoreTest, SealedSecretMovedToAnotherColumnOrRowDoesNotOpen) {
  ASSERT_TRUE(commit_one(*open(), full_change()));
  tamper("UPDATE phone SET token = device_secret");
  auto contents = open()->load();
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code(), ErrorCode::Corrupt);
  EXPECT_THAT(contents.error().message(), HasSubstr("phone.token of 00:0F:D3:05:48:48"));
  tamper("UPDATE phone SET token = NULL; UPDATE user SET extension = '2042'");
  contents = open()->load();
  ASSERT_FALSE(contents);
  EXPECT_THAT(contents.error().message(), HasSubstr("user.sip_secret of 2042"));
}

TEST_F(SqliteStoreTest, ImpossibleValuesAreCorruptAndNamed) {
  ASSERT_TRUE(commit_one(*open(), full_change()));
  for (const auto* sql :
       {"UPDATE user SET main_phone_type = 3", "UPDATE user SET main_phone_type = -1",
        "UPDATE phone SET mac = 'x'", "UPDATE assignment SET slot = 256",
        "UPDATE location_network SET prefix = '10.0.0.0/99'",
        "UPDATE block SET repeats = 4294967296", "UPDATE lease SET spent = -1",
        "UPDATE lease_address SET address = '10.0.0.300'", "UPDATE stale_secret SET mac = 'x'",
        "DELETE FROM location"}) {
    std::filesystem::copy_file(path_, dir_.file("good.db"));
    tamper(sql);
    const auto contents = open()->load();
    ASSERT_FALSE(contents) << sql;
    EXPECT_EQ(contents.error().code(), ErrorCode::Corrupt) << sql;
    std::filesystem::rename(dir_.file("good.db"), path_);
  }
}

TEST_F(SqliteStoreTest, AnotherKeyFileIsFoundWhenOpening) {
  open();
  const auto opened =
      SqliteStore::open({.path = path_, .synchronous_for_test = "FULL", .vfs_for_test = ""},
                        crypto::SecretBox(Secret(std::string(32, 'x'))));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::PermissionDenied);
  EXPECT_THAT(opened.error().message(), HasSubstr("key file"));
}

TEST_F(SqliteStoreTest, SecondStoreOnTheSameFileIsRefused) {
  const auto first = open();
  ASSERT_TRUE(commit_one(*first, full_change()));
  const auto second = open_store(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(second.error().message(), HasSubstr("in use by another process"));
  EXPECT_TRUE(commit_one(*first, {{EraseAssignment{"2041", 5}}}));
}

TEST_F(SqliteStoreTest, SecondProcessOnTheSameFileIsRefused) {
  const auto first = open();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto second = open_store(path_);
    _exit(!second && second.error().code() == ErrorCode::Unavailable ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(commit_one(*first, full_change()));
}

TEST_F(SqliteStoreTest, FilesAreForTheirOwnerOnly) {
  const mode_t before = umask(0);
  {
    const auto store = open();
    ASSERT_TRUE(commit_one(*store, full_change()));
    EXPECT_EQ(mode_of(path_), 0600);
    EXPECT_EQ(mode_of(path_ + "-wal"), 0600);
    EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
    ASSERT_TRUE(store->backup(dir_.file("copy.db")));
    EXPECT_EQ(mode_of(dir_.file("copy.db")), 0600);
  }
  std::filesystem::permissions(path_, std::filesystem::perms(0644));
  open();
  EXPECT_EQ(mode_of(path_), 0600);
  umask(before);
}

TEST_F(SqliteStoreTest, FileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  const std::string text =
      "this is somebody's letter, long enough to be read as a header of SQLite"
      " and then some more of it, and some more of it, and still more of it";
  dir_.write("store.db", text);
  std::filesystem::permissions(path_, std::filesystem::perms(0644));
  const auto opened = open_store(path_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::Corrupt) << opened.error().message();
  EXPECT_EQ(bytes_of(path_), text);
  EXPECT_EQ(mode_of(path_), 0644);
}

TEST_F(SqliteStoreTest, DatabaseOfAnotherProgramIsRefused) {
  dir_.write("store.db", "");
  tamper("CREATE TABLE other (x)");
  EXPECT_THAT(error_of(open_store(path_)), HasSubstr("not a database of stormdoor"));
}

TEST_F(SqliteStoreTest, DatabaseOfANewerProgramIsRefused) {
  open();
  tamper("PRAGMA user_version = 99");
  const auto opened = open_store(path_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::Conflict);
  EXPECT_THAT(opened.error().message(), HasSubstr("newer stormdoor"));
}

TEST_F(SqliteStoreTest, DamagedFileIsFoundWhenOpening) {
  {
    const auto store = open();
    for (uint64_t n = 1; n < 50; ++n) ASSERT_TRUE(commit_one(*store, test::numbered_change(n)));
  }
  std::string bytes = bytes_of(path_);
  for (size_t page = 2; page < bytes.size() / 4096; ++page)
    std::fill_n(bytes.begin() + std::ptrdiff_t(page * 4096), 200, '\xee');
  dir_.write("store.db", bytes);
  const auto opened = open_store(path_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::Corrupt) << opened.error().message();
}

TEST_F(SqliteStoreTest, MissingDirectoryIsASentence) {
  EXPECT_THAT(error_of(open_store(dir_.file("none/store.db"))),
              testing::AllOf(HasSubstr("open the database"), HasSubstr("No such file")));
}

TEST_F(SqliteStoreTest, BackupIsACompleteStoreOfItsOwn) {
  const auto store = open();
  ASSERT_TRUE(commit_one(*store, full_change()));
  const std::string copy = dir_.file("copy.db");
  const auto done = store->backup(copy);
  ASSERT_TRUE(done) << done.error().message();
  ASSERT_TRUE(commit_one(*store, {{EraseAssignment{"2041", 5}}}));  // after it, so not in it
  const auto restored = open_store(copy);
  ASSERT_TRUE(restored) << error_of(restored);
  EXPECT_EQ(difference(*(*restored)->load(), full_contents()), "");
}

TEST_F(SqliteStoreTest, BackupNeverOverwritesAndLeavesNothingBehind) {
  const auto store = open();
  const std::string other = dir_.write("precious.txt", "precious");
  const auto refused = store->backup(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(bytes_of(other), "precious");
  EXPECT_FALSE(store->backup(dir_.file("none/copy.db")));
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path()))
    EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr("partial")));
  EXPECT_TRUE(commit_one(*store, full_change()));
}

}  // namespace
}  // namespace stormdoor::store
