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

}  // namespace
}  // namespace stormdoor::edge
