#include "edge/user_name.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

TEST(UserName, IsTheOneThatTheMachineKnows) {
  const test::TempDir directory;
  const auto file = directory.write("passwd",
                                    "root:x:0:0:root:/root:/bin/bash\n"
                                    "\n"
                                    "# nobody's line\n"
                                    "ada:x:1000:1000:Ada King:/home/ada:/bin/sh\n");
  EXPECT_EQ(user_name(0, file), "root");
  EXPECT_EQ(user_name(1000, file), "ada");
}

TEST(UserName, IsTheNumberWhereNobodyHasAName) {
  const test::TempDir directory;
  EXPECT_EQ(user_name(4711, directory.write("passwd", "root:x:0:0::/:/bin/sh\n")), "uid 4711");
  EXPECT_EQ(user_name(4711, directory.write("long", std::string(10'000, 'x'))), "uid 4711");
  EXPECT_EQ(user_name(4711, directory.file("missing")), "uid 4711");
}

}  // namespace
}  // namespace stormdoor::edge
