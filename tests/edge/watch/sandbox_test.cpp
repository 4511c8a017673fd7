#include "edge/watch/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "base/unique_fd.hpp"

namespace stormdoor::edge::watch {
namespace {

constexpr int kSurvived = 7;

class Sandbox : public testing::Test {
 protected:
  void SetUp() override {
    int fds[2];
    ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
    output_read_.reset(fds[0]);
    output_.reset(fds[1]);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    channel_.reset(fds[0]);
    peer_.reset(fds[1]);
  }
  // How a child ended that did this after it was locked down: its status, or 128 + signal.
  int after_lock_down(const std::function<void()>& act) {
    const pid_t child = fork();
    if (child == 0) {
      if (!lock_down({output_.get()}, {channel_.get()})) _exit(1);
      act();
      _exit(kSurvived);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  UniqueFd output_read_, output_, channel_, peer_;
};

TEST_F(Sandbox, LetsTheLoopTurn) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer makes calls of its own, which are not allowed there";
#endif
  EXPECT_EQ(after_lock_down([&] {
              char byte = 'x';
              bool good = write(output_.get(), &byte, 1) == 1;
              good = good && send(channel_.get(), &byte, 1, MSG_NOSIGNAL) == 1;
              good = good && recv(channel_.get(), &byte, 1, MSG_DONTWAIT) < 0;
              const std::string memory(1 << 22, 'm');
              if (!good || memory.back() != 'm') _exit(2);
            }),
            kSurvived);
}

TEST_F(Sandbox, KillsWhoOpensAFile) {
  EXPECT_EQ(after_lock_down([] { (void)open("/etc/passwd", O_RDONLY | O_CLOEXEC); }), 128 + SIGSYS);
}

TEST_F(Sandbox, KillsWhoMakesASocketOrAProcess) {
  EXPECT_EQ(after_lock_down([] { (void)socket(AF_INET, SOCK_DGRAM, 0); }), 128 + SIGSYS);
  EXPECT_EQ(after_lock_down([] { (void)fork(); }), 128 + SIGSYS);
  EXPECT_EQ(after_lock_down([] { (void)execl("/bin/true", "true", nullptr); }), 128 + SIGSYS);
}

TEST_F(Sandbox, KillsWhoSendsWhereItMayNot) {
  const char byte = 'x';
  EXPECT_EQ(after_lock_down([&] { (void)send(peer_.get(), &byte, 1, 0); }), 128 + SIGSYS);
  EXPECT_EQ(after_lock_down([&] { (void)!write(channel_.get(), &byte, 1); }), 128 + SIGSYS);
  EXPECT_EQ(after_lock_down([&] {
              const sockaddr somewhere{AF_UNIX, {}};
              (void)sendto(channel_.get(), &byte, 1, 0, &somewhere, sizeof somewhere);
            }),
            128 + SIGSYS);
}

TEST_F(Sandbox, KillsWhoMakesCode) {
  EXPECT_EQ(after_lock_down([] {
              (void)mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            }),
            128 + SIGSYS);
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  EXPECT_EQ(after_lock_down([&] { (void)mprotect(page, 4096, PROT_READ | PROT_EXEC); }),
            128 + SIGSYS);
  munmap(page, 4096);
}

TEST_F(Sandbox, KillsWhoSetsOptionsOtherThanFilters) {
  EXPECT_EQ(after_lock_down([&] {
              const int size = 1 << 20;
              (void)setsockopt(channel_.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
            }),
            128 + SIGSYS);
}

TEST(SandboxAccount, AnAccountThatDoesNotExistIsNotFound) {
  const auto nobody = find_account("no such account");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(find_account("root")->uid, 0U);
}

}  // namespace
}  // namespace stormdoor::edge::watch
