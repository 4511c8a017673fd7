#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.hpp"

namespace stormdoor::test {

// A directory of its own for one test, gone with it.
class TempDir {
 public:
  TempDir() : TempDir(std::filesystem::temp_directory_path()) {}
  // In memory where there is such a place: for tests that sync a lot and need no disk for it.
  static TempDir in_memory() {
    const std::filesystem::path memory = "/dev/shm";
    return TempDir(access(memory.c_str(), W_OK) == 0 ? memory
                                                     : std::filesystem::temp_directory_path());
  }
  explicit TempDir(const std::filesystem::path& parent) {
    std::string pattern = (parent / "stormdoor-test-XXXXXX").string();
    STORMDOOR_CHECK(mkdtemp(pattern.data()) != nullptr, "a test may make a directory");
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& content) const {
    const auto path = file(name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

 private:
  std::string path_;
};

}  // namespace stormdoor::test
