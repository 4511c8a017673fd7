#include "tests/support/digium_phone.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/office_network.hpp"
#include "tests/support/text_files.hpp"

namespace stormdoor::test {

DigiumPhone::DigiumPhone(const std::string& password) {
  take_password(password);
  process_ = ChildProcess(
      {"/usr/bin/env", "python3",
       std::string(STORMDOOR_SOURCE_DIR) + "/tests/support/digium_phone.py", directory_.path()},
      {}, directory_.file("stderr"));
  const std::string port = directory_.file("port");
  const bool listens =
      wait_until([&] { return std::filesystem::exists(port); }, std::chrono::seconds(30));
  EXPECT_TRUE(listens) << text_of(directory_.file("stderr"));
  if (const auto at = Endpoint::parse("127.0.0.1:" + text_of(port))) address_ = *at;
}

void DigiumPhone::take_password(const std::string& password) const {
  std::ofstream(directory_.file("password")) << password;
}

void DigiumPhone::misbehave(const std::string& how) const {
  std::ofstream(directory_.file("mode")) << how;
}

std::string DigiumPhone::app() const {
  return text_of(directory_.file("app.zip"));
}

std::string DigiumPhone::log() const {
  return text_of(directory_.file("log"));
}

}  // namespace stormdoor::test
