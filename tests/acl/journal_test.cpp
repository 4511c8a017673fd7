#include "acl/journal.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "acl/journal_reader.hpp"
#include "tests/acl/journal_samples.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::acl {
namespace {

using stormdoor::test::TempDir;
using test::kJournalStart;
using test::sip_failure;

class JournalTest : public testing::Test {
 protected:
  [[nodiscard]] std::string directory() const { return dir_.file("journal"); }
  [[nodiscard]] std::unique_ptr<Journal> open(uint64_t size = JournalConfig::kLeast) const {
    auto journal = Journal::open(directory(), {size});
    EXPECT_TRUE(journal) << journal.error().message();
    return std::move(*journal);
  }
  [[nodiscard]] std::vector<JournalEvent> read(WallTime since = WallTime()) const {
    auto reader = JournalReader::open(directory(), since);
    EXPECT_TRUE(reader);
    std::vector<JournalEvent> events;
    JournalEvent event;
    while (reader->next(event)) events.push_back(event);
    damaged_ = reader->damaged();
    return events;
  }
  [[nodiscard]] std::string newest() const { return list_segments(directory())->back().path; }
  // From the `first`th to before the `last`th.
  static void write(Journal& journal, uint64_t first, uint64_t last) {
    for (uint64_t i = first; i < last; ++i) {
      journal.append(sip_failure(i));
      if (i % 50 != 0) continue;
      ASSERT_TRUE(journal.flush());
    }
    ASSERT_TRUE(journal.flush());
  }
  [[nodiscard]] uint64_t bytes_on_disk() const {
    uint64_t bytes = 0;
    const auto segments = list_segments(directory());  // a temporary would end before its elements
    for (const auto& segment : *segments) bytes += segment.bytes;
    return bytes;
  }

  TempDir dir_ = TempDir::in_memory();
  mutable size_t damaged_ = 0;
};

TEST_F(JournalTest, WhatWasFlushedIsReadInOrder) {
  const auto journal = open();
  const auto events = test::one_of_each_kind();
  for (const auto& event : events) journal->append(event);
  EXPECT_TRUE(list_segments(directory())->empty()) << "append touches no disk";
  ASSERT_TRUE(journal->flush());
  EXPECT_EQ(read(), events);
  EXPECT_EQ(journal->counters().events, events.size());
}

TEST_F(JournalTest, IsForItsOwnerOnly) {
  const auto journal = open();
  write(*journal, 0, 1);
  struct stat mode;
  ASSERT_EQ(stat(directory().c_str(), &mode), 0);
  EXPECT_EQ(mode.st_mode & 07777, 0700U);
  ASSERT_EQ(stat(newest().c_str(), &mode), 0);
  EXPECT_EQ(mode.st_mode & 07777, 0600U);
}

TEST_F(JournalTest, GoesOnWhereTheLastOneEnded) {
  write(*open(), 0, 10);
  write(*open(), 10, 20);
  EXPECT_EQ(list_segments(directory())->size(), 1U);
  const auto events = read();
  ASSERT_EQ(events.size(), 20U);
  for (uint64_t i = 0; i < 20; ++i) EXPECT_EQ(events[i], sip_failure(i));
}

TEST_F(JournalTest, ASecondWriterIsRefused) {
  const auto journal = open();
  const auto second = Journal::open(directory(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::Unavailable);
}

TEST_F(JournalTest, NeverGrowsBeyondItsSizeAndForgetsTheOldest) {
  const auto journal = open();
  constexpr uint64_t kEvents = 60'000;  // about three times what fits
  for (uint64_t i = 0; i < kEvents; i += 100) {
    write(*journal, i, i + 100);
    ASSERT_LE(bytes_on_disk(), JournalConfig::kLeast);
  }
  EXPECT_GT(bytes_on_disk(), JournalConfig::kLeast * 7 / 8);
  EXPECT_EQ(journal->counters().bytes, bytes_on_disk());
  EXPECT_EQ(journal->counters().lost, 0U);
  const auto events = read();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back(), sip_failure(kEvents - 1));
  for (size_t i = 1; i < events.size(); ++i)
    ASSERT_EQ(events[i].time - events[i - 1].time, seconds(1)) << "none in between is missing";
}

TEST_F(JournalTest, ASmallerSizeHoldsFromTheStart) {
  write(*open(4 * JournalConfig::kLeast), 0, 60'000);
  ASSERT_GT(bytes_on_disk(), JournalConfig::kLeast);
  const auto journal = open();
  EXPECT_LE(bytes_on_disk(), JournalConfig::kLeast);
}

TEST_F(JournalTest, ATailTornAtAnyByteIsCutAndWrittenOn) {
  write(*open(), 0, 3);
  const std::string whole = [&] {
    std::vector<uint8_t> bytes;
    EXPECT_TRUE(read_segment(newest(), bytes));
    return std::string(bytes.begin(), bytes.end());
  }();
  for (size_t length = 0; length < whole.size(); ++length) {
    std::filesystem::remove_all(directory());
    dir_.write("journal/events-00000000000000000001", whole.substr(0, length));
    write(*open(), 7, 8);
    const auto events = read();
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events.back(), sip_failure(7)) << length;
    for (size_t i = 0; i + 1 < events.size(); ++i) EXPECT_EQ(events[i], sip_failure(i)) << length;
    EXPECT_EQ(damaged_, 0U) << length;
  }
}

TEST_F(JournalTest, ADamagedHeaderCostsItsSegmentOnly) {
  write(*open(), 0, 3);
  {
    std::fstream file(newest(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file.put('\x7f');
  }
  write(*open(), 3, 6);
  const auto events = read();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0], sip_failure(3));
  EXPECT_EQ(damaged_, 1U);
}

TEST_F(JournalTest, ReadsFromATimeOn) {
  write(*open(), 0, 10'000);
  ASSERT_GT(list_segments(directory())->size(), 4U);
  for (const uint64_t first : {0, 1, 5'000, 9'999, 10'000}) {
    const auto events = read(kJournalStart + seconds(first));
    ASSERT_EQ(events.size(), 10'000 - first);
    if (events.empty()) continue;
    EXPECT_EQ(events[0], sip_failure(first));
  }
}

TEST_F(JournalTest, FindsTheLatestEventsAboutSomething) {
  write(*open(), 0, 10'000);
  const auto even = [](const JournalEvent& event) { return event.said.failures % 2 == 0; };
  const auto events = *latest_events(directory(), WallTime(), 3'000, even);
  ASSERT_EQ(events.size(), 3'000U);
  EXPECT_EQ(events.front(), sip_failure(4'000));
  EXPECT_EQ(events.back(), sip_failure(9'998));
  EXPECT_EQ(latest_events(directory(), kJournalStart + seconds(9'990), 3'000, even)->size(), 5U);
  EXPECT_FALSE(latest_events(dir_.file("nowhere"), WallTime(), 1, even));
}

TEST_F(JournalTest, WhatIsDurableIsSaidOnce) {
  const auto journal = open();
  EXPECT_FALSE(journal->take_sync());
  write(*journal, 0, 5'000);  // more than one segment
  auto sync = journal->take_sync();
  ASSERT_TRUE(sync);
  EXPECT_FALSE(journal->take_sync());
  const auto done = sync();
  EXPECT_TRUE(done) << done.error().message();
}

// A limit on the size of files stands for a disk that is full; it is the child's alone.
TEST_F(JournalTest, AFullDiskCostsEventsAndSaysHowMany) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit little{.rlim_cur = 1'000, .rlim_max = RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &little);
    auto journal = Journal::open(directory(), {JournalConfig::kLeast});
    if (!journal) _exit(1);
    for (uint64_t i = 0; i < 1'000; ++i) {
      (*journal)->append(sip_failure(i));
      const auto flushed = (*journal)->flush();
      if (i > 900 && (flushed || flushed.error().code() != ErrorCode::Unavailable)) _exit(2);
    }
    if ((*journal)->counters().lost == 0) _exit(3);
    little.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &little);
    if (!(*journal)->flush()) _exit(4);
    (*journal)->append(sip_failure(1'000));
    if (!(*journal)->flush()) _exit(5);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  const auto events = read();
  EXPECT_EQ(damaged_, 0U) << "what was half written was completed";
  ASSERT_GT(events.size(), 2U);
  EXPECT_EQ(events.back(), sip_failure(1'000));
  const JournalEvent& gap = events[events.size() - 2];
  EXPECT_EQ(gap.kind, JournalKind::Gap);
  EXPECT_EQ(gap.count + events.size() - 1, 1'001U);
}

// In the child: writes the numbered events from `next` on and says after each flush how far it is;
// no more than a hundred such children can write without the oldest having to go.
[[noreturn]] void write_until_killed(const std::string& directory, uint64_t next, int progress) {
  constexpr uint64_t kMost = 400;
  auto journal = Journal::open(directory, {4 * JournalConfig::kLeast});
  if (!journal) _exit(1);
  for (const uint64_t end = next + kMost;;) {
    if (next >= end) pause();
    for (uint64_t batch = 1 + next % 7; batch > 0; --batch) (*journal)->append(sip_failure(next++));
    if (!(*journal)->flush()) _exit(2);
    if (write(progress, &next, sizeof next) != sizeof next) _exit(3);
  }
}

TEST_F(JournalTest, AHundredKillsLoseNothingThatWasFlushed) {
  std::mt19937_64 random(1);
  uint64_t next = 0;
  for (int i = 0; i < 100; ++i) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(directory(), next, writer.get());
    writer.reset();
    uint64_t flushed = next;
    for (uint64_t seen = random() % 40; seen > 0; --seen)
      ASSERT_EQ(::read(reader.get(), &flushed, sizeof flushed), ssize_t(sizeof flushed));
    random.discard(random() % 100'000);  // a little later
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    while (::read(reader.get(), &flushed, sizeof flushed) == sizeof flushed) {
    }
    const auto events = read();
    ASSERT_GE(events.size(), flushed) << "kill " << i;
    for (uint64_t n = next; n < events.size(); ++n) ASSERT_EQ(events[n], sip_failure(n));
    next = events.size();
  }
  EXPECT_GT(next, 100U);
}

TEST(JournalConfig, IsReadWithItsBounds) {
  const auto read = [](std::string_view text) {
    ConfigReader reader = ConfigReader::parse(text);
    const auto config = read_journal_config(reader.table("journal"));
    return reader.finish() ? std::optional(config) : std::nullopt;
  };
  EXPECT_EQ(read("")->size, uint64_t{256} * 1024 * 1024);
  EXPECT_EQ(read("[journal]\nsize = \"1 MiB\"\n")->size, JournalConfig::kLeast);
  EXPECT_FALSE(read("[journal]\nsize = \"1023 KiB\"\n"));
}

}  // namespace
}  // namespace stormdoor::acl
