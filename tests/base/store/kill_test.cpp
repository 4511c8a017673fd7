// kill -9 at any moment, with real processes: what a writer said was stored is there afterwards.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "base/store/sqlite_store.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/contents_model.hpp"
#include "tests/support/open_store.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::store {
namespace {

constexpr int kKills = 250;

// In the child: commits groups of the numbered history from where the file stands, and writes the
// version to the pipe after each, until it is killed.
[[noreturn]] void write_until_killed(const std::string& path, int acknowledgements) {
  const auto store = test::open_store(path);
  if (!store) _exit(1);
  auto contents = (*store)->load();
  if (!contents) _exit(2);
  uint64_t version = contents->version;
  for (;;) {
    std::vector<Change> group;
    for (uint64_t count = 1 + version % 4; count > 0; --count)
      group.push_back(test::numbered_change(version + group.size() + 1));
    for (const auto& answer : (*store)->commit(group))
      if (!answer) _exit(3);
    version += group.size();
    if (write(acknowledgements, &version, sizeof version) != sizeof version) _exit(4);
  }
}

// Lets a writer work until it has acknowledged `groups` groups, kills it a little later at a moment
// of nobody's choosing, and says the last version that it acknowledged (0: none).
uint64_t kill_after(const std::string& path, uint64_t groups, std::mt19937_64& random) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const pid_t child = fork();
  EXPECT_GE(child, 0);
  if (child == 0) write_until_killed(path, writer.get());
  writer.reset();
  uint64_t version = 0;
  for (uint64_t seen = 0; seen < groups; ++seen)
    if (read(reader.get(), &version, sizeof version) != sizeof version) break;
  random.discard(random() % 200'000);  // a little later
  EXPECT_EQ(kill(child, SIGKILL), 0);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer gave up: " << WEXITSTATUS(status);
  while (read(reader.get(), &version, sizeof version) == sizeof version) {
  }
  return version;
}

TEST(Kill, TwoHundredAndFiftyKillsLoseNothingThatWasAcknowledged) {
  // A kill leaves what the kernel has been given, so memory will do.
  const auto dir = test::TempDir::in_memory();
  const std::string path = dir.file("store.db");
  std::mt19937_64 random(1);
  test::ContentsModel model;
  for (int i = 0; i < kKills; ++i) {
    const uint64_t acknowledged = kill_after(path, random() % 6, random);
    const auto store = test::open_store(path);
    ASSERT_TRUE(store) << store.error().message();
    const auto loaded = (*store)->load();
    ASSERT_TRUE(loaded) << loaded.error().message();
    ASSERT_GE(loaded->version, acknowledged);
    ASSERT_GE(loaded->version, model.version());
    while (model.version() < loaded->version)
      model.apply(test::numbered_change(model.version() + 1));
    ASSERT_EQ(test::difference(*loaded, model.contents()), "") << "kill " << i;
  }
  EXPECT_GT(model.version(), uint64_t{kKills});
}

}  // namespace
}  // namespace stormdoor::store
