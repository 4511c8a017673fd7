#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace stormdoor::test {

struct Finished {
  int status = -1;  // exit status, or 128 + signal
  std::string out;
  std::string err;
};

// Runs a program to its end, with `input` on its standard input. Killed after `patience`.
Finished run_program(const std::vector<std::string>& arguments, const std::string& input = {},
                     std::chrono::seconds patience = std::chrono::seconds(60));

// Whether the program is installed, so that a test can skip loudly.
bool program_exists(const std::string& name);

// A child of the test: killed and reaped when this goes. Its stderr goes to a file.
class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(const std::vector<std::string>& arguments,
               const std::map<std::string, std::string>& environment,
               const std::string& stderr_file);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  [[nodiscard]] bool has_ended() const;  // it can still be waited for
  // Waits for its end; 128 + signal if it was killed.
  int wait();

 private:
  pid_t pid_ = -1;
};

}  // namespace stormdoor::test
