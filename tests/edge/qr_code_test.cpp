#include "edge/qr_code.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kAddress = "https://prov.example.com:8443/d/0015654aa937/98a4b0f4d6b70b47/";

TEST(QrCode, IsSquareInATerminalWithAQuietZone) {
  const auto code = qr_in_terminal(kAddress);
  ASSERT_TRUE(code) << code.error().message();
  const std::string line = code->substr(0, code->find('\n'));
  const size_t wide = line.size() / 3;  // each block has three bytes
  EXPECT_EQ(line, [&] {
    std::string light;
    for (size_t i = 0; i < wide; ++i) light += "\u2588";
    return light;
  }());
  EXPECT_EQ(size_t(std::ranges::count(*code, '\n')), (wide + 1) / 2);
}

// A reader of other people's says what stands in it.
TEST(QrCode, CanBeRead) {
  if (!test::program_exists("zbarimg") || !test::program_exists("rsvg-convert"))
    GTEST_SKIP() << "zbar-tools and librsvg2-bin are not installed";
  const auto svg = qr_as_svg(kAddress);
  ASSERT_TRUE(svg) << svg.error().message();
  EXPECT_THAT(*svg, StartsWith("<svg"));
  const test::TempDir folder;
  const auto picture = folder.file("code.png");
  ASSERT_EQ(test::run_program(
                {"rsvg-convert", "-w", "600", "-o", picture, folder.write("code.svg", *svg)})
                .status,
            0);
  const auto read = test::run_program({"zbarimg", "-q", "--raw", picture});
  EXPECT_EQ(read.out, std::string(kAddress) + "\n") << read.err;
}

TEST(QrCode, RefusesWhatDoesNotFit) {
  const auto none = qr_in_terminal(std::string(5'000, 'x'));
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message(), HasSubstr("5000 bytes do not fit a QR code"));
  EXPECT_FALSE(qr_as_svg(""));
}

}  // namespace
}  // namespace stormdoor::edge
