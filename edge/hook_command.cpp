#include "edge/hook_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/text.hpp"
#include "edge/child.hpp"

namespace stormdoor::edge {
namespace {

// Of our own that stay open in the child: none but the standard three, which lead nowhere.
class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions_);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t usual;
    sigfillset(&usual);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

std::vector<std::string> filled_in(const std::vector<std::string>& words,
                                   const std::map<std::string, std::string>& values) {
  std::vector<std::string> all;
  for (const std::string& word : words) {
    std::string text;
    for (size_t at = 0; at < word.size();) {
      const size_t end = word[at] == '{' ? word.find('}', at) : std::string::npos;
      const auto value =
          end == std::string::npos ? values.end() : values.find(word.substr(at + 1, end - at - 1));
      if (value == values.end()) {
        text += word[at++];
      } else {
        text += value->second;
        at = end + 1;
      }
    }
    all.push_back(std::move(text));
  }
  return all;
}

Result<void> run_command(const std::vector<std::string>& arguments, milliseconds most) {
  STORMDOOR_CHECK(!arguments.empty(), "a command has a program");
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const SpawnSettings settings;
  pid_t pid = -1;
  const std::string name = printable(arguments.front(), 100);
  if (const int failure = posix_spawn(&pid, argv.front(), &settings.actions_, &settings.attributes_,
                                      argv.data(), environ);
      failure != 0)
    return system_error("run " + name, failure);
  const bool ended = ends_within(pid, most);
  if (!ended) kill(-pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (!ended)
    return Error(ErrorCode::Timeout,
                 fmt::format("{} was not done after {}", name, format_duration(most)));
  if (status != 0)
    return Error(ErrorCode::Unavailable,
                 fmt::format("{} ended with {}", name, how_it_ended(status)));
  return {};
}

}  // namespace stormdoor::edge
