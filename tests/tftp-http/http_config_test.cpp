#include "tftp-http/http_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/config_reader.hpp"

namespace stormdoor::http {
namespace {

using ::testing::HasSubstr;

std::string errors_of(const std::string& lines) {
  ConfigReader reader = ConfigReader::parse("[http]\n" + lines);
  read_http_config(reader.table("http"));
  const auto finished = reader.finish();
  return finished ? "" : finished.error().message();
}

TEST(HttpConfig, HasItsDefaults) {
  ConfigReader reader = ConfigReader::parse("");
  const HttpConfig config = read_http_config(reader.table("http"));
  EXPECT_TRUE(reader.finish());
  const HttpConfig defaults;
  EXPECT_EQ(config.request.head_bytes, defaults.request.head_bytes);
  EXPECT_EQ(config.times.header, defaults.times.header);
  EXPECT_EQ(config.connections, defaults.connections);
  EXPECT_EQ(config.retry_after_most, defaults.retry_after_most);
  EXPECT_EQ(config.request.body_bytes, 0U) << "no phone uploads anything";
}

TEST(HttpConfig, ReadsWhatIsThere) {
  ConfigReader reader = ConfigReader::parse(
      "[http]\nheader_time = \"3s\"\nconnections_per_source = 7\nrequest_head = \"4 KiB\"\n"
      "retry_after_least = \"2s\"\nretry_after_most = \"1m\"\n");
  const HttpConfig config = read_http_config(reader.table("http"));
  ASSERT_TRUE(reader.finish());
  EXPECT_EQ(config.times.header, seconds(3));
  EXPECT_EQ(config.connections_per_source, 7U);
  EXPECT_EQ(config.request.head_bytes, 4096U);
  EXPECT_EQ(config.retry_after_least, 2U);
  EXPECT_EQ(config.retry_after_most, 60U);
}

TEST(HttpConfig, RefusesContradictions) {
  EXPECT_EQ(errors_of("retry_after_least = \"30s\"\nretry_after_most = \"30s\"\n"), "");
  EXPECT_THAT(errors_of("retry_after_least = \"31s\"\nretry_after_most = \"30s\"\n"),
              HasSubstr("retry_after_least"));
  EXPECT_EQ(errors_of("request_line = \"4 KiB\"\nrequest_head = \"4 KiB\"\n"), "");
  EXPECT_THAT(errors_of("request_line = \"5 KiB\"\nrequest_head = \"4 KiB\"\n"),
              HasSubstr("request_line"));
}

}  // namespace
}  // namespace stormdoor::http
