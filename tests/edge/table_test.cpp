#include "edge/table.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

TEST(Table, AlignsColumnsAndLeavesNoTrailingSpace) {
  Table table({"MAC", "LABEL", "ROLE"});
  table.add({"00:0F:D3:05:48:48", "Lobby", "hot-desk"});
  table.add({"00:0F:D3:05:48:49", "", ""});
  EXPECT_EQ(table.text(),
            "MAC                LABEL  ROLE\n"
            "00:0F:D3:05:48:48  Lobby  hot-desk\n"
            "00:0F:D3:05:48:49\n");
}

TEST(Table, MeasuresCharactersAndNotBytes) {
  EXPECT_EQ(display_width("Gr\xc3\xbc\xc3\x9f"), 4U);
  EXPECT_EQ(display_width("\xe6\x9d\xb1\xe4\xba\xac"), 4U);  // two wide characters
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);                 // a combining accent
  EXPECT_EQ(display_width(""), 0U);
}

}  // namespace
}  // namespace stormdoor::edge
