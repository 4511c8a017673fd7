#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/error.hpp"

namespace stormdoor::test {
namespace {

std::vector<char*> to_argv(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  return argv;
}

int to_status(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

std::pair<UniqueFd, UniqueFd> make_pipe() {
  int ends[2];
  STORMDOOR_CHECK(pipe2(ends, O_CLOEXEC) == 0, "a test may make a pipe");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

Finished run_program(const std::vector<std::string>& arguments, const std::string& input,
                     std::chrono::seconds patience) {
  auto [in_read, in_write] = make_pipe();
  auto [out_read, out_write] = make_pipe();
  auto [err_read, err_write] = make_pipe();
  auto argv = to_argv(arguments);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(in_read.get(), 0);
    dup2(out_write.get(), 1);
    dup2(err_write.get(), 2);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  in_read.reset();
  out_write.reset();
  err_write.reset();
  std::signal(SIGPIPE, SIG_IGN);
  fcntl(in_write.get(), F_SETFL, O_NONBLOCK);
  Finished finished;
  size_t fed = 0;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  if (input.empty()) in_write.reset();
  while (out_read.valid() || err_read.valid()) {
    pollfd watched[3] = {
        {out_read.get(), POLLIN, 0}, {err_read.get(), POLLIN, 0}, {in_write.get(), POLLOUT, 0}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) kill(pid, SIGKILL);
    poll(watched, 3, int(std::max<long long>(left.count(), 100)));
    const auto drain = [](UniqueFd& from, std::string& into, short events) {
      if (events == 0) return;
      char buffer[65536];
      const ssize_t got = read(from.get(), buffer, sizeof buffer);
      if (got > 0)
        into.append(buffer, size_t(got));
      else
        from.reset();
    };
    drain(out_read, finished.out, watched[0].revents);
    drain(err_read, finished.err, watched[1].revents);
    if (watched[2].revents != 0) {
      const ssize_t put = write(in_write.get(), input.data() + fed, input.size() - fed);
      if (put > 0) fed += size_t(put);
      if ((put < 0 && errno != EAGAIN) || fed == input.size()) in_write.reset();
    }
  }
  int status = 0;
  waitpid(pid, &status, 0);
  finished.status = to_status(status);
  return finished;
}

bool program_exists(const std::string& name) {
  return run_program({"sh", "-c", "command -v " + name}).status == 0;
}

ChildProcess::ChildProcess(const std::vector<std::string>& arguments,
                           const std::map<std::string, std::string>& environment,
                           const std::string& stderr_file) {
  auto argv = to_argv(arguments);
  pid_ = fork();
  if (pid_ != 0) return;
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  const int log = open(stderr_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
  execv(argv[0], argv.data());
  _exit(127);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void ChildProcess::signal(int number) const {
  kill(pid_, number);
}

bool ChildProcess::has_ended() const {
  siginfo_t info{};
  return waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid_;
}

int ChildProcess::wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return to_status(status);
}

}  // namespace stormdoor::test
