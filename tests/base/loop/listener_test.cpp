#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/loop/io_event.hpp"
#include "base/loop/socket_address.hpp"
#include "base/loop/tcp_listener.hpp"
#include "base/loop/unix_listener.hpp"

namespace stormdoor::loop {
namespace {

std::unique_ptr<EventLoop> make_loop() {
  return std::move(*EventLoop::create());
}

UniqueFd connect_to(const Endpoint& to) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress address(to);
  EXPECT_EQ(connect(fd.get(), address.get(), address.length), 0);
  return fd;
}

int connect_to_path(const UniqueFd& fd, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

struct TemporaryFolder {
  std::string path;
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "loopXXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

TEST(TcpListener, HandsOverWaitingConnectionsWithTheirPeers) {
  const auto loop = make_loop();
  std::vector<Endpoint> peers;
  std::vector<UniqueFd> accepted;
  auto listener = TcpListener::bind(*loop, *Endpoint::parse("127.0.0.1:0"), false,
                                    [&](UniqueFd fd, const Endpoint& peer) {
                                      accepted.push_back(std::move(fd));
                                      peers.push_back(peer);
                                    });
  ASSERT_TRUE(listener.has_value());
  const UniqueFd first = connect_to((*listener)->local());
  const UniqueFd second = connect_to((*listener)->local());
  loop->run_once(milliseconds(100));
  ASSERT_EQ(peers.size(), 2U);
  EXPECT_EQ(peers[0], *local_endpoint(first.get()));
  EXPECT_EQ(peers[1], *local_endpoint(second.get()));
}

TEST(TcpListener, LeavesConnectionsWaitingWhilePaused) {
  const auto loop = make_loop();
  int accepted = 0;
  auto listener = TcpListener::bind(*loop, *Endpoint::parse("127.0.0.1:0"), false,
                                    [&](UniqueFd, const Endpoint&) { ++accepted; });
  ASSERT_TRUE(listener.has_value());
  (*listener)->pause();
  const UniqueFd client = connect_to((*listener)->local());
  loop->run_once(milliseconds(0));
  EXPECT_EQ(accepted, 0);
  (*listener)->resume();
  loop->run_once(milliseconds(100));
  EXPECT_EQ(accepted, 1);
}

TEST(TcpListener, AdoptsASocketThatIsOnlyBound) {
  const auto loop = make_loop();
  auto fd = bind_socket(SOCK_STREAM, *Endpoint::parse("127.0.0.1:0"), true);
  ASSERT_TRUE(fd.has_value());
  int accepted = 0;
  auto listener =
      TcpListener::adopt(*loop, std::move(*fd), [&](UniqueFd, const Endpoint&) { ++accepted; });
  ASSERT_TRUE(listener.has_value());
  const UniqueFd client = connect_to((*listener)->local());
  loop->run_once(milliseconds(100));
  EXPECT_EQ(accepted, 1);
}

TEST(UnixListener, SaysWhoConnected) {
  const auto loop = make_loop();
  const TemporaryFolder folder;
  const std::string path = folder.path + "/control";
  std::vector<UnixListener::Peer> peers;
  {
    auto listener = UnixListener::bind(
        *loop, path, 0600,
        [&](UniqueFd, const UnixListener::Peer& peer) { peers.push_back(peer); });
    ASSERT_TRUE(listener.has_value());
    struct stat info{};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    const UniqueFd client(socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(connect_to_path(client, path), 0);
    loop->run_once(milliseconds(100));
    ASSERT_EQ(peers.size(), 1U);
    EXPECT_EQ(peers[0].uid, getuid());
    EXPECT_EQ(peers[0].pid, getpid());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(UnixListener, ReplacesADeadSocketButNotALiveOneOrAFile) {
  const auto loop = make_loop();
  const TemporaryFolder folder;
  const std::string path = folder.path + "/control";
  const auto ignore = [](UniqueFd, const UnixListener::Peer&) {};
  {
    const UniqueFd dead(socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    ASSERT_EQ(bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  const auto live = UnixListener::bind(*loop, path, 0600, ignore);
  ASSERT_TRUE(live.has_value());
  const auto second = UnixListener::bind(*loop, path, 0600, ignore);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), ErrorCode::AlreadyExists);
  const auto over_folder = UnixListener::bind(*loop, folder.path, 0600, ignore);
  ASSERT_FALSE(over_folder.has_value());
  EXPECT_EQ(over_folder.error().code(), ErrorCode::AlreadyExists);
  EXPECT_FALSE(UnixListener::bind(*loop, std::string(108, 'x'), 0600, ignore).has_value());
}

TEST(IoEvent, ReportsOnlyWhatIsWaitedFor) {
  const auto loop = make_loop();
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  const UniqueFd near(pair[0]);
  const UniqueFd far(pair[1]);
  int reads = 0;
  int writes = 0;
  IoEvent event(*loop, near.get(), [&](Readiness ready) {
    reads += ready.read ? 1 : 0;
    writes += ready.write ? 1 : 0;
  });
  ASSERT_EQ(send(far.get(), "x", 1, 0), 1);
  loop->run_once(milliseconds(0));
  EXPECT_EQ(reads + writes, 0);
  event.wait_for({.read = true});
  loop->run_once(milliseconds(100));
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(writes, 0);
  event.wait_for({.write = true});
  loop->run_once(milliseconds(100));
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(writes, 1);
}

TEST(IoEvent, MayBeDestroyedByItsOwnCallback) {
  const auto loop = make_loop();
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  const UniqueFd near(pair[0]);
  const UniqueFd far(pair[1]);
  ASSERT_EQ(send(far.get(), "x", 1, 0), 1);
  int calls = 0;
  std::unique_ptr<IoEvent> event;
  event = std::make_unique<IoEvent>(*loop, near.get(), [&](Readiness) {
    event.reset();
    ++calls;
  });
  event->wait_for({.read = true});
  loop->run_once(milliseconds(100));
  loop->run_once(milliseconds(0));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace stormdoor::loop
