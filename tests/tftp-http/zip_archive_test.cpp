#include "tftp-http/zip_archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<ZipEntry> kFiles = {{"app.json", "{\"name\": \"x\"}\n"},
                                      {"empty.js", ""},
                                      {"bytes.bin", std::string("\0\xff\r\n", 4)}};

// What Python's zipfile makes of it: each name, its bytes, date and mode.
constexpr const char* kRead = R"(
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
print(archive.testzip())
for info in archive.infolist():
    print(info.filename, archive.read(info), info.date_time[:3], oct(info.external_attr >> 16))
)";

std::string written(const test::TempDir& folder, const std::string& zip) {
  const std::string path = folder.file("app.zip");
  std::ofstream(path, std::ios::binary) << zip;
  return path;
}

TEST(ZipArchive, AnotherProgramReadsWhatWasStored) {
  const test::TempDir folder;
  const auto read = test::run_program({"python3", "-c", kRead, written(folder, store_zip(kFiles))});
  EXPECT_EQ(read.status, 0) << read.err;
  EXPECT_EQ(read.out,
            "None\n"
            "app.json b'{\"name\": \"x\"}\\n' (1980, 1, 1) 0o100644\n"
            "empty.js b'' (1980, 1, 1) 0o100644\n"
            "bytes.bin b'\\x00\\xff\\r\\n' (1980, 1, 1) 0o100644\n");
}

// The peer must be able to say no: one flipped bit of a file's content fails its checksum.
TEST(ZipArchive, AFlippedBitIsFound) {
  std::string zip = store_zip(kFiles);
  zip[zip.find("\"name\"")] ^= 1;
  const test::TempDir folder;
  EXPECT_THAT(test::run_program({"python3", "-c", kRead, written(folder, zip)}).out,
              HasSubstr("app.json\n"));
}

TEST(ZipArchive, TheSameFilesMakeTheSameBytes) {
  EXPECT_EQ(store_zip(kFiles), store_zip(kFiles));
  auto others = kFiles;
  others[1].content = "x";
  EXPECT_NE(store_zip(others), store_zip(kFiles));
}

TEST(ZipArchive, AnEmptyOneIsItsEndRecord) {
  EXPECT_EQ(store_zip({}), std::string("PK\5\6") + std::string(18, '\0'));
}

}  // namespace
}  // namespace stormdoor::http
