#include "edge/kept_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

TEST(KeptFile, IsReplacedWholeAndOursAlone) {
  const test::TempDir directory;
  const std::string path = directory.file("kept");
  EXPECT_EQ(read_kept_file(path), "");
  ASSERT_TRUE(write_kept_file(path, "a longer text\n"));
  ASSERT_TRUE(write_kept_file(path, "short\n"));
  EXPECT_EQ(read_kept_file(path), "short\n");
  struct stat status{};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_FALSE(write_kept_file(directory.file("nowhere/kept"), "x"));
}

TEST(KeptFile, AnyBytesAreOneWordOfALine) {
  const std::string bytes("a b\n\0\xff", 6);
  EXPECT_EQ(kept_text(bytes), "6120620a00ff");
  EXPECT_EQ(kept_bytes("6120620a00ff", 6), bytes);
  EXPECT_EQ(kept_bytes("", 6), "");
  for (const char* wrong : {"6", "6g", "0x61", "61 ", "61616161616161"})
    EXPECT_FALSE(kept_bytes(wrong, 6)) << wrong;
  EXPECT_EQ(kept_number<uint16_t>("65535"), 65535);
  for (const char* wrong : {"", "65536", "-1", "1 ", "+1"})
    EXPECT_FALSE(kept_number<uint16_t>(wrong)) << wrong;
}

}  // namespace
}  // namespace stormdoor::edge
