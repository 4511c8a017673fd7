#include "hotdesk/asterisk_conf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::hotdesk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "name: key=value, key=value" for each section.
std::vector<std::string> sections(std::string_view text) {
  std::vector<std::string> all;
  const AsteriskConf conf = AsteriskConf::parse(text);
  for (const auto& section : conf.sections()) {
    std::string line = section.name + (section.is_template ? "!" : "") + ":";
    for (const auto& setting : section.settings) line += " " + setting.key + "=" + setting.value;
    all.push_back(line);
  }
  return all;
}

std::vector<std::string> problems(std::string_view text) {
  std::vector<std::string> all;
  const AsteriskConf conf = AsteriskConf::parse(text);
  for (const auto& problem : conf.problems()) all.push_back(to_string(problem));
  return all;
}

TEST(AsteriskConf, ReadsSectionsAndBothSpellingsOfSettings) {
  EXPECT_THAT(sections("\xef\xbb\xbf[a]\r\n x = 1 \r\ny=>2\n\n[b]\nz =\n"),
              ElementsAre("a: x=1 y=2", "b: z="));
}

TEST(AsteriskConf, LeavesOutComments) {
  EXPECT_THAT(sections("; a\n[a] ; b\nx = 1 ; c\ny = a\\;b\n;--\n[no]\n;-- again --; still\n"
                       "--; z = 3\n;--- one line ---\nw = 1;-- in --;2\n"),
              ElementsAre("a: x=1 y=a;b z=3 w=12"));
}

TEST(AsteriskConf, SectionsInheritFromTemplatesInTheirOrder) {
  EXPECT_THAT(sections("[a](!)\nx = a\n[b](!,a)\nx = b\ny = b\n[c](b)\nz = c\n[d](a,b)\n[e](a)x\n"),
              ElementsAre("a!: x=a", "b!: x=a x=b y=b", "c: x=a x=b y=b z=c", "d: x=a x=a x=b y=b",
                          "e: x=a"));
  const auto conf = AsteriskConf::parse("[a](!)\nx = a\n[c](a)\nX = c\n");
  EXPECT_EQ(conf.sections()[1].value("x"), "c");
  EXPECT_EQ(conf.sections()[1].value("y"), "");
}

TEST(AsteriskConf, SectionsMayRepeatAndGoOn) {
  EXPECT_THAT(sections("[a]\nx = 1\n[a]\nx = 2\n[b]\n[a](+)\ny = 3\n"),
              ElementsAre("a: x=1 y=3", "a: x=2", "b:"));
}

TEST(AsteriskConf, NotesWhatItDoesNotFollow) {
  const auto conf = AsteriskConf::parse("#include \"more.conf\"\n[a]\n#exec /bin/x\n");
  EXPECT_TRUE(conf.problems().empty());
  ASSERT_EQ(conf.notes().size(), 2U);
  EXPECT_EQ(to_string(conf.notes()[0]),
            "line 1: #include more.conf is not followed; give the file by itself");
}

TEST(AsteriskConf, SaysWhatIsWrongByLineAndRepeatsNoValue) {
  EXPECT_THAT(problems("x = 1\n"), ElementsAre("line 1: a setting before the first section"));
  EXPECT_THAT(problems("[a\n"), ElementsAre("line 1: a section's name without its ]"));
  EXPECT_THAT(problems("[]\n"), ElementsAre("line 1: a section without a name"));
  EXPECT_THAT(
      problems("[a](x)\npassword = p\n"),
      ElementsAre("line 1: [a] is based on the template \"x\", which was not there before"));
  EXPECT_THAT(problems("[a](+)\n"),
              ElementsAre("line 1: [a](+) goes on with a section that was not there before"));
  EXPECT_THAT(problems("[a] x\n"),
              ElementsAre("line 1: after a section's name, expected (!), (+) or (the names of "
                          "templates)"));
  EXPECT_THAT(problems("[a]\nsecret\n= x\n"),
              ElementsAre("line 2: expected key = value", "line 3: expected key = value"));
  EXPECT_THAT(problems("[a]\n#if\n"), ElementsAre("line 2: \"#if\" is no directive"));
  EXPECT_THAT(
      problems("[a]\n;--\nx\n"),
      ElementsAre("line 2: the comment that begins with ;-- here never ends; expected --;"));
  EXPECT_THAT(problems("[a]\nx = \xff\n"), ElementsAre("line 2: the line is not text (UTF-8)"));
}

TEST(AsteriskConf, IsBounded) {
  EXPECT_THAT(problems("[a]\nx = " + std::string(AsteriskConf::kLongestLine - 4, 'y')), IsEmpty());
  EXPECT_THAT(problems("[a]\nx = " + std::string(AsteriskConf::kLongestLine - 3, 'y')),
              ElementsAre("line 2: the line has 8193 bytes; at most 8192 are read"));
  EXPECT_THAT(problems(std::string(AsteriskConf::kMostBytes + 1, '\n')),
              ElementsAre("line 1: the file is larger than 8 MiB"));
  // Templates that double what they inherit.
  std::string doubling = "[t0](!)\nx = 1\n";
  for (int i = 1; i < 40; ++i)
    doubling += "[t" + std::to_string(i) + "](!,t" + std::to_string(i - 1) + ",t" +
                std::to_string(i - 1) + ")\n";
  EXPECT_THAT(problems(doubling), ElementsAre("line 18: [t16] has more than 50000 settings"));
  std::string many = "[a]\n";
  for (int i = 0; i < 1200; ++i) many += "wrong\n";
  EXPECT_EQ(problems(many).size(), 1000U);
}

}  // namespace
}  // namespace stormdoor::hotdesk
