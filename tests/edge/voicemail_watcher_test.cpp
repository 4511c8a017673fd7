#include "edge/voicemail_watcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

using testing::HasSubstr;

class VoicemailWatcherTest : public testing::Test {
 protected:
  // "nothing", "2041 4071 ..." or the error.
  std::string look() {
    const auto seen = watcher_.look();
    if (!seen) return "nothing";
    if (!*seen) return seen->error().message();
    std::string text;
    for (const auto& mailbox : (**seen).mailboxes)
      text += mailbox.number + " " + std::string(mailbox.pin.reveal()) + " ";
    return text;
  }
  // As Asterisk does it: beside it, then renamed.
  void replace(const std::string& text) {
    directory_.write("new", text);
    std::filesystem::rename(directory_.file("new"), path_);
  }

  test::TempDir directory_;
  std::string path_ = directory_.file("voicemail.conf");
  VoicemailWatcher watcher_{path_};
};

TEST_F(VoicemailWatcherTest, ReadsAChangeOnceItHasComeToRest) {
  replace("[default]\n2041 => 4071\n");
  EXPECT_EQ(look(), "nothing");
  EXPECT_EQ(look(), "2041 4071 ");
  EXPECT_EQ(look(), "nothing");
  replace("[default]\n2041 => 9183\n");
  EXPECT_EQ(look(), "nothing");
  replace("[default]\n2041 => 91834\n");  // again, before it was read
  EXPECT_EQ(look(), "nothing");
  EXPECT_EQ(look(), "2041 91834 ");
}

TEST_F(VoicemailWatcherTest, ReadsAgainWhatCouldNotBeUsed) {
  replace("[default]\n2041 => 4071\n");
  look();
  EXPECT_EQ(look(), "2041 4071 ");
  watcher_.forget();
  EXPECT_EQ(look(), "2041 4071 ");
}

TEST_F(VoicemailWatcherTest, TellsOnceWhatItCannotRead) {
  EXPECT_THAT(look(), HasSubstr("No such file or directory"));
  EXPECT_EQ(look(), "nothing");
  replace("[default]\n2041 => 4071\n");
  look();
  EXPECT_EQ(look(), "2041 4071 ");
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_EQ(look(), path_ + " is not a regular file");
}

TEST_F(VoicemailWatcherTest, ABrokenOrLargeFileIsToldAndNotUsed) {
  replace("[default]\n2041 => 4071\nrubbish\nmore\n");
  look();
  EXPECT_EQ(look(), path_ + ": line 3: expected key = value, and 1 more");
  EXPECT_EQ(look(), "nothing");
  replace("");
  std::filesystem::resize_file(path_, (uintmax_t{8} << 20) + 1);
  EXPECT_EQ(look(), path_ + " is larger than 8 MiB");
  EXPECT_EQ(look(), "nothing");
  replace("[default]\n");
  look();
  EXPECT_EQ(look(), "");
}

}  // namespace
}  // namespace stormdoor::edge
