#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/crypto/crypto.hpp"

namespace stormdoor::crypto {
namespace {

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/stormdoor-keys-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path() const { return folder_ + "/keys"; }
  void write(std::string_view text, mode_t mode = 0600) const {
    std::ofstream(path()) << text;
    ASSERT_EQ(chmod(path().c_str(), mode), 0);
  }
  [[nodiscard]] std::string text() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] size_t files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::string folder_;
};

const std::string kGood =
    "stormdoor-keys-1\nsealing " + std::string(64, 'a') + "\npins " + std::string(64, '0') + "\n";

TEST_F(KeyFile, IsMadeForItsOwnerAloneAtFirstStartAndReadEverAfter) {
  umask(0);  // the mode must not hang on the caller's umask
  const auto made = MasterKeys::load_or_create(path());
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->sealing.reveal().size(), 32U);
  EXPECT_EQ(made->pins.reveal().size(), 32U);
  EXPECT_NE(made->sealing.reveal(), made->pins.reveal());
  struct stat status;
  ASSERT_EQ(stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  const auto again = MasterKeys::load_or_create(path());
  ASSERT_TRUE(again);
  EXPECT_EQ(made->sealing, again->sealing);
  EXPECT_EQ(made->pins, again->pins);
  EXPECT_EQ(files(), 1U);  // no draft is left beside it
}

TEST_F(KeyFile, IsRefusedWhenOthersMayReadOrChangeIt) {
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0610, 0601}) {
    write(kGood, mode);
    const auto loaded = MasterKeys::load_or_create(path());
    ASSERT_FALSE(loaded) << mode;
    EXPECT_EQ(loaded.error().code(), ErrorCode::PermissionDenied);
  }
  for (const mode_t mode : {0600, 0400}) {
    write(kGood, mode);
    EXPECT_TRUE(MasterKeys::load_or_create(path())) << mode;
    ASSERT_EQ(chmod(path().c_str(), 0600), 0);
  }
}

TEST_F(KeyFile, OfTheWrongFormIsRefusedAndLeftAsItIs) {
  const std::string wrong[] = {
      "",
      "\n",
      "stormdoor-keys-2" + kGood.substr(16),
      kGood.substr(0, kGood.size() - 2),
      kGood + "\n",
      kGood + std::string(5000, ' '),
      "stormdoor-keys-1\nsealing " + std::string(64, 'A') + "\npins " + std::string(64, '0'),
      "stormdoor-keys-1\nsealing " + std::string(66, 'a') + "\npins " + std::string(64, '0'),
      "stormdoor-keys-1\npins " + std::string(64, 'a') + "\nsealing " + std::string(64, '0'),
  };
  for (const auto& text : wrong) {
    write(text);
    const auto loaded = MasterKeys::load_or_create(path());
    ASSERT_FALSE(loaded) << text;
    EXPECT_EQ(loaded.error().code(), ErrorCode::InvalidArgument);
    EXPECT_EQ(loaded.error().message().find(std::string(8, 'a')), std::string::npos);
    EXPECT_EQ(this->text(), text);
  }
  write(kGood.substr(0, kGood.size() - 1));  // without the last line end it is as good
  EXPECT_TRUE(MasterKeys::load_or_create(path()));
}

TEST_F(KeyFile, ThatIsNoFileIsRefused) {
  std::filesystem::create_directory(path());
  EXPECT_FALSE(MasterKeys::load_or_create(path()));
  std::filesystem::remove(path());
  ASSERT_EQ(mkfifo(path().c_str(), 0600), 0);
  EXPECT_FALSE(MasterKeys::load_or_create(path()));  // and nobody waits for a writer
}

TEST_F(KeyFile, InAFolderThatDoesNotExistIsAnErrorWithThePath) {
  const auto loaded = MasterKeys::load_or_create(folder_ + "/none/keys");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message().find(folder_ + "/none/keys"), std::string::npos);
}

TEST_F(KeyFile, MadeByManyAtOnceIsOneForAll) {
  std::vector<Result<MasterKeys>> loaded(8, Error(ErrorCode::Unavailable, "not yet"));
  {
    std::vector<std::jthread> threads;
    for (auto& result : loaded)
      threads.emplace_back([&] { result = MasterKeys::load_or_create(path()); });
  }
  for (const auto& result : loaded) {
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->sealing, loaded[0]->sealing);
  }
  EXPECT_EQ(files(), 1U);
}

TEST(MasterKeys, AreParsedFromACredentialsText) {
  const auto keys = MasterKeys::parse(kGood);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->sealing.reveal(), std::string(32, '\xaa'));
  EXPECT_EQ(keys->pins.reveal(), std::string(32, '\0'));
}

}  // namespace
}  // namespace stormdoor::crypto
