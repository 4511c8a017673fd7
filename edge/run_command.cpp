#include "edge/run_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "edge/child.hpp"

namespace stormdoor::edge {
namespace {

constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr int kLookForStop = 50;  // milliseconds

// What spawning takes, freed at the end.
struct SpawnParts {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
  SpawnParts() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnParts() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnParts(const SpawnParts&) = delete;
  SpawnParts& operator=(const SpawnParts&) = delete;
};

Result<UniqueFd> in_memory(std::string_view input) {
  UniqueFd file(memfd_create("input", MFD_CLOEXEC));
  if (!file.valid()) return system_error("hold the command's input", errno);
  for (std::string_view rest = input; !rest.empty();) {
    const ssize_t written = write(file.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("hold the command's input", errno);
    rest.remove_prefix(size_t(written));
  }
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

struct Pipe {
  UniqueFd out, in;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("make a pipe", errno);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);  // ours only: the command expects one that waits
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<pid_t> spawn(const std::vector<std::string>& words, int input, int output, int errors) {
  SpawnParts parts;
  posix_spawn_file_actions_adddup2(&parts.files, input, 0);
  posix_spawn_file_actions_adddup2(&parts.files, output, 1);
  posix_spawn_file_actions_adddup2(&parts.files, errors, 2);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&parts.attributes, &none);
  posix_spawnattr_setsigdefault(&parts.attributes, &all);
  posix_spawnattr_setpgroup(&parts.attributes, 0);
  posix_spawnattr_setflags(&parts.attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> environment{kPath, "LC_ALL=C.UTF-8"};
  for (const char* name : {"HOME", "TMPDIR"})
    if (const char* value = getenv(name))
      environment.push_back(std::string(name) + "=" + value);  // NOLINT(concurrency-mt-unsafe)
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> all_of_them;
    for (const auto& text : texts) all_of_them.push_back(const_cast<char*>(text.c_str()));
    all_of_them.push_back(nullptr);
    return all_of_them;
  };
  const auto argv = pointers(words);
  const auto envp = pointers(environment);
  pid_t pid = -1;
  const int failure =
      posix_spawnp(&pid, argv[0], &parts.files, &parts.attributes, argv.data(), envp.data());
  if (failure != 0) return system_error("run " + printable(words[0], 100), failure);
  return pid;
}

// Takes what is there; false once the other end is closed. What is beyond `most` is dropped: of
// errors the first, since the last line says it.
bool take(int pipe, std::string& text, size_t most, bool keep_last) {
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = read(pipe, buffer.data(), buffer.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    text.append(buffer.data(), size_t(got));
    if (text.size() <= most) continue;
    if (keep_last)
      text.erase(0, text.size() - most);
    else
      text.resize(most);
  }
}

std::string last_line(std::string_view text) {
  text = trim(text);
  if (const size_t end = text.rfind('\n'); end != std::string_view::npos)
    text = trim(text.substr(end + 1));
  return printable(text, 160);
}

enum class Ending { ByItself, TooLate, Stopped };

// Reads both until the command has closed them, and kills it if it has to be.
Ending follow(pid_t pid, int output, int errors, std::string& out, std::string& err,
              milliseconds patience, const std::atomic<bool>& stop) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::array<pollfd, 2> open{pollfd{output, POLLIN, 0}, pollfd{errors, POLLIN, 0}};
  for (;;) {
    siginfo_t ended{};
    waitid(P_PID, id_t(pid), &ended, WEXITED | WNOHANG | WNOWAIT);
    const bool gone = ended.si_pid == pid;
    if (open[0].fd >= 0 && !take(output, out, kMostOutput, false)) open[0].fd = -1;
    if (open[1].fd >= 0 && !take(errors, err, kMostOutput, true)) open[1].fd = -1;
    if (gone) return Ending::ByItself;
    const bool stopped = stop.load();
    if (stopped || std::chrono::steady_clock::now() >= deadline) {
      kill(-pid, SIGKILL);
      return stopped ? Ending::Stopped : Ending::TooLate;
    }
    const bool nothing_open = open[0].fd < 0 && open[1].fd < 0;
    poll(open.data(), open.size(), nothing_open ? 5 : kLookForStop);
  }
}

}  // namespace

Result<std::string> run_command(const std::vector<std::string>& words, std::string_view input,
                                milliseconds patience, const std::atomic<bool>& stop) {
  STORMDOOR_CHECK(!words.empty(), "a command has a first word");
  const UniqueFd file = TRY(in_memory(input));
  Pipe output = TRY(make_pipe());
  Pipe errors = TRY(make_pipe());
  const pid_t pid = TRY(spawn(words, file.get(), output.in.get(), errors.in.get()));
  output.in.reset();
  errors.in.reset();
  std::string out;
  std::string err;
  const Ending ending = follow(pid, output.out.get(), errors.out.get(), out, err, patience, stop);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const std::string name = printable(words[0], 100);
  if (ending == Ending::Stopped)
    return Error(ErrorCode::Unavailable, name + " was stopped, because we stop");
  if (ending == Ending::TooLate)
    return Error(ErrorCode::Timeout,
                 fmt::format("{} did not end within {} ms and was killed", name, patience.count()));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return out;
  const std::string why = last_line(err);
  return Error(ErrorCode::Unavailable,
               fmt::format("{} ended with {}{}{}", name, how_it_ended(status),
                           why.empty() ? "" : ": ", why));
}

}  // namespace stormdoor::edge
