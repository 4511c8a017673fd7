#include "tftp-http/file_tree.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/no_descriptors.hpp"

namespace stormdoor::http {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class FileTreeTest : public testing::Test {
 protected:
  void SetUp() override {
    top_ = fs::temp_directory_path() / fmt::format("stormdoor-tree-{}", ::getpid());
    fs::remove_all(top_);
    fs::create_directories(top_ / "root/firmware");
    write("secret.txt", "outside");
    write("root/a.txt", "inside");
    write("root/firmware/big.eff", std::string(100, 'x'));
    write("root/.hidden", "dot");
    tree_ =
        *FileTree::open(top_ / "root", {.cache_bytes = 4096, .small_file = 64, .open_files = 2});
  }
  void TearDown() override { fs::remove_all(top_); }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(top_ / name, std::ios::binary) << text;
  }
  std::string text(std::string_view name, milliseconds later = 0ms) {
    const auto found = tree_->find(name, start_ + later);
    if (!found) return "(none)";
    std::string bytes((*found)->size(), '\0');
    const auto got = (*found)->read(0, std::as_writable_bytes(std::span(bytes)));
    return got ? bytes : "(" + got.error().message() + ")";
  }

  Now start_{SteadyTime(1000s), WallTime(1000s)};
  fs::path top_;
  std::unique_ptr<FileTree> tree_;
};

TEST_F(FileTreeTest, ServesSmallFilesFromMemoryAndLargerOnesFromADescriptor) {
  EXPECT_EQ(text("a.txt"), "inside");
  EXPECT_EQ(text("/a.txt"), "inside");
  EXPECT_EQ((*tree_->find("a.txt", start_))->descriptor(), -1);
  EXPECT_EQ(text("firmware/big.eff"), std::string(100, 'x'));
  EXPECT_GE((*tree_->find("firmware/big.eff", start_))->descriptor(), 0);
}

TEST_F(FileTreeTest, KeepsAFileOfTheLimitInMemoryAndOneByteMoreNot) {
  write("root/64", std::string(64, 'x'));
  write("root/65", std::string(65, 'x'));
  EXPECT_EQ((*tree_->find("64", start_))->descriptor(), -1);
  EXPECT_GE((*tree_->find("65", start_))->descriptor(), 0);
}

TEST_F(FileTreeTest, NeverLeavesItsFolder) {
  fs::create_symlink("../secret.txt", top_ / "root/out");
  fs::create_symlink(top_ / "secret.txt", top_ / "root/absolute");
  fs::create_directory_symlink("..", top_ / "root/up");
  fs::create_symlink("firmware/../a.txt", top_ / "root/in");
  for (const std::string_view name :
       {"../secret.txt", "firmware/../../secret.txt", "out", "absolute", "up/secret.txt",
        "/../secret.txt", "./a.txt", "firmware/./big.eff", "firmware//big.eff", "a.txt/", ""})
    EXPECT_EQ(text(name), "(none)") << name;
  EXPECT_EQ(text((top_ / "secret.txt").string()), "(none)");
  EXPECT_EQ(text(std::string_view("a.txt\0b", 7)), "(none)");
  EXPECT_EQ(text("in"), "inside");
}

TEST_F(FileTreeTest, ServesNeitherFoldersNorHiddenFilesNorPipes) {
  ASSERT_EQ(::mkfifo((top_ / "root/pipe").c_str(), 0644), 0);
  for (const std::string_view name : {"firmware", "firmware/", ".hidden", "pipe", "none"})
    EXPECT_EQ(text(name), "(none)") << name;
}

TEST_F(FileTreeTest, TakesNamesUpToTheirBound) {
  const std::string longest = "firmware/" + std::string(246, 'n');
  write("root/" + longest, "long");
  EXPECT_EQ(text(longest), "long");
  EXPECT_EQ(text("firmware/" + std::string(247, 'n')), "(none)");
}

TEST_F(FileTreeTest, SeesAReplacedFileAfterAMoment) {
  EXPECT_EQ(text("a.txt"), "inside");
  write("root/a.txt.new", "renewed");
  fs::rename(top_ / "root/a.txt.new", top_ / "root/a.txt");
  EXPECT_EQ(text("a.txt", FileTree::kTrust - 1ms), "inside");
  EXPECT_EQ(text("a.txt", FileTree::kTrust), "renewed");
  fs::remove(top_ / "root/a.txt");
  EXPECT_EQ(text("a.txt", 3 * FileTree::kTrust), "(none)");
}

TEST_F(FileTreeTest, SeesANewFileAfterAMoment) {
  EXPECT_EQ(text("new.txt"), "(none)");
  write("root/new.txt", "new");
  EXPECT_EQ(text("new.txt", FileTree::kTrust - 1ms), "(none)");
  EXPECT_EQ(text("new.txt", FileTree::kTrust), "new");
}

TEST_F(FileTreeTest, WithoutDescriptorsAFileIsNotMissing) {
  EXPECT_EQ(text("a.txt"), "inside");
  EXPECT_EQ(text("firmware/big.eff"), std::string(100, 'x'));
  write("root/b.txt", "later");
  {
    const test::NoDescriptors none;
    EXPECT_EQ(text("a.txt", 2000ms), "inside") << "it may have changed, but it is there";
    EXPECT_EQ(text("firmware/big.eff", 2000ms), std::string(100, 'x'));
    const auto found = tree_->find("b.txt", start_ + 2000ms);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), ErrorCode::Unavailable) << found.error().message();
  }
  EXPECT_EQ(text("b.txt", 2000ms), "later") << "that it was not there was never believed";
}

TEST_F(FileTreeTest, ATransferUnderWayKeepsTheFileItStartedWith) {
  const auto old = *tree_->find("firmware/big.eff", start_);
  write("root/firmware/next", std::string(100, 'y'));
  fs::rename(top_ / "root/firmware/next", top_ / "root/firmware/big.eff");
  EXPECT_EQ(text("firmware/big.eff", 2s), std::string(100, 'y'));
  std::string bytes(100, '\0');
  EXPECT_EQ(*old->read(0, std::as_writable_bytes(std::span(bytes))), 100u);
  EXPECT_EQ(bytes, std::string(100, 'x'));
}

TEST_F(FileTreeTest, AFileCutShortIsAnErrorAndNotZeros) {
  const auto file = *tree_->find("firmware/big.eff", start_);
  ASSERT_EQ(::truncate((top_ / "root/firmware/big.eff").c_str(), 50), 0);
  std::string bytes(100, '\0');
  EXPECT_FALSE(file->read(0, std::as_writable_bytes(std::span(bytes))));
}

TEST_F(FileTreeTest, UnchangedFilesKeepTheirContent) {
  const auto first = *tree_->find("firmware/big.eff", start_);
  EXPECT_EQ(first, *tree_->find("firmware/big.eff", start_ + 10s));
  const auto small = *tree_->find("a.txt", start_);
  EXPECT_EQ(small, *tree_->find("a.txt", start_ + 10s));
}

TEST_F(FileTreeTest, KeepsNoMoreFilesOpenThanItMay) {
  for (const char* name : {"b1", "b2", "b3"})
    write(fmt::format("root/{}", name), std::string(70, 'x'));
  const auto one = *tree_->find("b1", start_);
  const auto two = *tree_->find("b2", start_);
  EXPECT_EQ(one, *tree_->find("b1", start_));
  EXPECT_TRUE(tree_->find("b3", start_));
  EXPECT_EQ(one, *tree_->find("b1", start_));
  EXPECT_NE(two, *tree_->find("b2", start_));  // used longest ago, opened anew
}

TEST_F(FileTreeTest, WithoutARootThereAreNoFiles) {
  const auto none = FileTree::open("", {});
  ASSERT_TRUE(none);
  EXPECT_FALSE((*none)->find("a.txt", start_));
  EXPECT_FALSE(FileTree::open(top_ / "nowhere", {}));
}

TEST(ContentCache, HoldsItsWeightAndForgetsWhatWasUsedLongestAgo) {
  ContentCache<int, int> cache(10, 100);
  cache.put(1, 1, 5);
  cache.put(2, 2, 5);
  EXPECT_NE(cache.find(1), nullptr);
  cache.put(3, 3, 1);
  EXPECT_EQ(cache.find(2), nullptr);
  EXPECT_NE(cache.find(1), nullptr);
  EXPECT_EQ(cache.weight(), 6u);
  cache.put(4, 4, 11);
  EXPECT_EQ(cache.find(4), nullptr);
  cache.put(5, 5, 10);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(ContentCache, HoldsNoMoreEntriesThanItMay) {
  ContentCache<int, int> cache(100, 2);
  for (int i = 0; i < 3; ++i) cache.put(i, i, 1);
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.find(0), nullptr);
}

}  // namespace
}  // namespace stormdoor::http
