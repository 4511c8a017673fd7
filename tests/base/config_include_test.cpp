#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/config_reader.hpp"

namespace stormdoor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ConfigInclude : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/stormdoor-config-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] ConfigReader load(const std::string& name = "main.toml") const {
    return ConfigReader::load(folder_ / name);
  }
  // The errors, without the folder that differs from run to run.
  [[nodiscard]] std::vector<std::string> errors(const ConfigReader& reader) const {
    auto lines = reader.errors();
    for (auto& line : lines)
      for (size_t at = line.find(folder_.string()); at != std::string::npos;
           at = line.find(folder_.string()))
        line.erase(at, folder_.string().size() + 1);
    return lines;
  }

  std::filesystem::path folder_;
};

TEST_F(ConfigInclude, JoinsTablesAndListsOfTablesInTheOrderOfInclusion) {
  write("main.toml",
        "include = [\"more/*.toml\", \"last.toml\"]\n[tftp]\na = 1\n[[network]]\nname = \"0\"\n");
  write("more/10.toml", "[[network]]\nname = \"10\"\n[tftp]\nb = 2\n");
  write("more/20.toml", "[[network]]\nname = \"20\"\ninclude = 7\n");
  write("last.toml", "[[network]]\nname = \"last\"\n");
  auto reader = load();
  std::vector<std::string> names;
  for (const auto& network : reader.tables("network")) {
    names.push_back(network.string("name", ""));
    (void)network.integer("include", 0, 0, 9);  // a key like any other below the top
  }
  EXPECT_THAT(names, ElementsAre("0", "10", "20", "last"));
  EXPECT_EQ(reader.table("tftp").integer("a", 0, 0, 9), 1);
  EXPECT_EQ(reader.table("tftp").integer("b", 0, 0, 9), 2);
  EXPECT_TRUE(reader.finish());
  EXPECT_THAT(reader.files(), SizeIs(4));
  EXPECT_EQ(reader.tables("network")[1].where("name").to_string(),
            (folder_ / "more/10.toml").string() + ":2:8");
}

TEST_F(ConfigInclude, IsRelativeToTheFileThatSaysIt) {
  write("main.toml", "include = [\"a/one.toml\"]\n");
  write("a/one.toml", "include = [\"two.toml\"]\nkey_file = \"keys\"\n");
  write("a/two.toml", "x = 1\n");
  const auto reader = load();
  EXPECT_EQ(reader.root().integer("x", 0, 0, 9), 1);
  EXPECT_EQ(reader.root().path("key_file", ""), (folder_ / "a/keys").string());
}

TEST_F(ConfigInclude, AValueThatTwoFilesSetIsAnErrorThatNamesBoth) {
  write("main.toml", "include = [\"other.toml\"]\n[tftp]\nport = 69\nlist = [1]\n");
  write("other.toml", "[tftp]\nport = 69\nlist = [2]\n");
  const auto reader = load();
  EXPECT_THAT(
      errors(reader),
      ElementsAre("other.toml:2:1: tftp.port: already set at main.toml:3:1; keep one of them",
                  "other.toml:3:1: tftp.list: already set at main.toml:4:1; keep one of them"));
  EXPECT_EQ(reader.table("tftp").integer("port", 0, 0, 99), 69);
}

TEST_F(ConfigInclude, APatternMayMatchNothingButANameMustExist) {
  write("main.toml", "include = [\"conf.d/*.toml\"]\n");
  EXPECT_THAT(errors(load()), SizeIs(0));
  write("main.toml", "include = [\"none.toml\"]\n");
  EXPECT_THAT(errors(load()),
              ElementsAre("main.toml:1:12: include: open none.toml: No such file or directory"));
}

TEST_F(ConfigInclude, ACycleIsAnErrorAndNotAnEndlessLoop) {
  write("main.toml", "include = [\"other.toml\"]\n");
  write("other.toml", "include = [\"./main.toml\"]\n");
  EXPECT_THAT(errors(load()),
              ElementsAre("other.toml:1:12: include: ./main.toml is included a second time (or "
                          "includes itself); include it once"));
}

TEST_F(ConfigInclude, GoesEightDeepAndNoDeeper) {
  for (int i = 0; i < 9; ++i)
    write(std::to_string(i) + ".toml", "include = [\"" + std::to_string(i + 1) + ".toml\"]\n");
  write("9.toml", "x = 1\n");
  EXPECT_THAT(errors(load("1.toml")), SizeIs(0));
  EXPECT_THAT(errors(load("0.toml")),
              ElementsAre("8.toml:1:12: include: included more than 8 deep; include it from nearer "
                          "the first file"));
}

TEST_F(ConfigInclude, ReadsAtMost256Files) {
  write("main.toml", "include = [\"many/*.toml\"]\n");
  for (int i = 0; i < 255; ++i) write("many/" + std::to_string(i) + ".toml", "");
  EXPECT_THAT(errors(load()), SizeIs(0));
  write("many/256.toml", "");
  EXPECT_THAT(errors(load()), ElementsAre(HasSubstr("more than 256 files")));
}

TEST_F(ConfigInclude, ReadsAtMostFourMebibytesInAll) {
  write("main.toml", "include = [\"big*\"]\n" + std::string((1 << 20) - 20, '\n'));
  for (const char* name : {"big1", "big2", "big3"}) write(name, std::string(1 << 20, '\n'));
  EXPECT_THAT(errors(load()), SizeIs(0));
  write("big4", std::string(2, '\n'));
  EXPECT_THAT(errors(load()), ElementsAre(HasSubstr("more than 4 MiB")));
}

TEST_F(ConfigInclude, OfTheWrongKindIsAnError) {
  write("main.toml", "include = \"other.toml\"\n");
  EXPECT_THAT(errors(load()),
              ElementsAre("main.toml:1:11: include: not a list of file names; write something like "
                          "[\"conf.d/*.toml\"]"));
  write("main.toml", "include = [\"\"]\n");
  EXPECT_THAT(errors(load()), ElementsAre(HasSubstr("not a file name")));
  auto text = ConfigReader::parse("include = [\"/etc/passwd\"]");
  EXPECT_THAT(text.errors(), ElementsAre(HasSubstr("cannot include")));
}

TEST_F(ConfigInclude, WhatIsNoFileIsAnError) {
  EXPECT_THAT(errors(load()), ElementsAre("main.toml: open main.toml: No such file or directory"));
  std::filesystem::create_directory(folder_ / "main.toml");
  EXPECT_THAT(errors(load()), ElementsAre("main.toml: main.toml is not a regular file"));
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(errors(load("pipe")), ElementsAre("pipe: pipe is not a regular file"));
}

TEST_F(ConfigInclude, FromAFolderWithPatternSignsInItsName) {
  write("odd[1]*/main.toml", "include = [\"conf.d/*.toml\"]\n");
  write("odd[1]*/conf.d/a.toml", "x = 1\n");
  EXPECT_EQ(load("odd[1]*/main.toml").root().integer("x", 0, 0, 9), 1);
}

TEST_F(ConfigInclude, AnErrorInAnIncludedFileIsNamedThere) {
  write("main.toml", "include = [\"other.toml\"]\na = 1\n");
  write("other.toml", "b = \n");
  auto reader = load();
  (void)reader.root().integer("a", 0, 0, 9);
  EXPECT_FALSE(reader.finish());
  EXPECT_THAT(errors(reader), ElementsAre(HasSubstr("other.toml:1:")));
}

}  // namespace
}  // namespace stormdoor
