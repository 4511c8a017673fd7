#include "edge/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>

namespace stormdoor::edge {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr int kCannotRun = 70;  // EX_SOFTWARE of sysexits.h

// Descriptors may stand where others have to go: all are moved out of the way first.
bool place(const std::vector<int>& descriptors) {
  const int aside = kFirstDescriptor + int(descriptors.size());
  std::array<int, 8> moved{};
  for (size_t i = 0; i < descriptors.size(); ++i) {
    moved[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, aside);
    if (moved[i] < 0) return false;
  }
  for (size_t i = 0; i < descriptors.size(); ++i)
    if (dup2(moved[i], kFirstDescriptor + int(i)) < 0) return false;
  return true;
}

// In the forked child: only what is safe there, then exec.
[[noreturn]] void exec(const ChildProgram& program, const std::vector<int>& descriptors) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_IGN);
  // The program's own descriptor may be in the way as well.
  const int file = fcntl(program.file.get(), F_DUPFD_CLOEXEC, 64);
  if (file < 0 || !place(descriptors)) {
    std::perror("stormdoord: hand over descriptors");
    _exit(kCannotRun);
  }
  if (program.identity) {
    if (const auto became = become(*program.identity); !became) {
      std::fprintf(stderr, "stormdoord: %s\n", became.error().message().c_str());
      _exit(kCannotRun);
    }
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // without its parent nobody would restart it or hold its ports
  std::vector<char*> argv;
  for (const auto& argument : program.arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  fexecve(file, argv.data(), environ);
  std::perror("stormdoord: exec");
  _exit(kCannotRun);
}

Result<UniqueFd> open_program(const std::string& path) {
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return system_error("open the program " + path, errno);
  return file;
}

}  // namespace

Result<UniqueFd> open_own_program() {
  return open_program("/proc/self/exe");
}

Result<UniqueFd> open_sibling_program(const std::string& name) {
  std::array<char, PATH_MAX> own{};
  const ssize_t length = readlink("/proc/self/exe", own.data(), own.size() - 1);
  if (length < 0) return system_error("find our own program", errno);
  const std::string path(own.data(), size_t(length));
  return open_program(path.substr(0, path.rfind('/') + 1) + name);
}

Result<pid_t> start(const ChildProgram& program, const std::vector<int>& descriptors) {
  STORMDOOR_CHECK(descriptors.size() <= 8, "a child gets a handful of descriptors");
  const pid_t pid = fork();
  if (pid < 0) return system_error("fork " + program.name, errno);
  if (pid == 0) exec(program, descriptors);
  return pid;
}

bool ends_within(pid_t pid, milliseconds most) {
  const UniqueFd handle(int(syscall(SYS_pidfd_open, pid, 0)));
  if (!handle.valid()) return false;
  pollfd ended{.fd = handle.get(), .events = POLLIN, .revents = 0};
  return poll(&ended, 1, int(most.count())) > 0;
}

std::string how_it_ended(int status) {
  return WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                             : fmt::format("status {}", WEXITSTATUS(status));
}

}  // namespace stormdoor::edge
