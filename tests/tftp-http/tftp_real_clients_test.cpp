#include <gtest/gtest.h>
#include <sys/socket.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/loop/socket_address.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/tftp-http/tftp_fakes.hpp"
#include "tftp-http/tftp_server.hpp"

// The clients that people have, against a server of this process: a configuration and a 40 MB file,
// whose block number rolls over at 512 bytes, byte for byte.
namespace stormdoor::tftp {
namespace {

constexpr size_t kFirmwareBytes = 40'000'000 + 77;

const std::string& configuration() {
  static const std::string bytes = "[phone]\nname=\"Reception\"\n" + patterned(3000);
  return bytes;
}
const std::string& firmware() {
  static const std::string bytes = patterned(kFirmwareBytes);
  return bytes;
}

class TftpRealClients : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    files_.add("phone.cfg", configuration());
    files_.add("firmware.bin", firmware());
    files_.add("text.txt", "one\ntwo\nthree\n");
    auto fd = loop::bind_socket(SOCK_DGRAM, *Endpoint::parse("127.0.0.1:0"), true);
    ASSERT_TRUE(fd.has_value());
    port_ = std::to_string(loop::local_endpoint(fd->get())->port);
    TftpConfig config;
    config.sizes.single_port = GetParam();
    config.sizes.transfer_ports = 64;
    std::vector<UniqueFd> listeners;
    listeners.push_back(std::move(*fd));
    auto made =
        TftpServer::create(*loop_, config, files_, metrics_.worker(0), std::move(listeners));
    ASSERT_TRUE(made.has_value());
    server_ = std::move(*made);
    thread_ = std::thread([this] { loop_->run(); });
  }
  void TearDown() override { stop(); }
  // From here on the counts are final.
  void stop() {
    if (!thread_.joinable()) return;
    loop_->stop();
    thread_.join();
  }

  [[nodiscard]] std::string local() const { return folder_.file("fetched"); }
  [[nodiscard]] std::string url(const char* file) const {
    return "tftp://127.0.0.1:" + port_ + "/" + file;
  }
  std::string fetched() {
    std::ifstream in(local(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    std::filesystem::remove(local());
    return bytes;
  }
  void expect_fetched(const std::vector<std::string>& command, const std::string& wanted) {
    const auto finished = test::run_program(command, {}, std::chrono::seconds(240));
    EXPECT_EQ(finished.status, 0) << finished.out << finished.err;
    const std::string got = fetched();
    EXPECT_EQ(got.size(), wanted.size());
    EXPECT_TRUE(got == wanted) << command[0];
  }
  void expect_all_complete(double transfers) {
    stop();
    EXPECT_EQ(*metrics_.value("stormdoor_tftp_transfers_total", {{"end", "complete"}}), transfers);
    EXPECT_EQ(*metrics_.value("stormdoor_tftp_transfers"), 0);
  }

  std::unique_ptr<loop::EventLoop> loop_ = std::move(*loop::EventLoop::create());
  Metrics metrics_{1};
  FakeFiles files_;
  std::unique_ptr<TftpServer> server_;
  std::thread thread_;
  test::TempDir folder_;
  std::string port_;
};

#define SKIP_WITHOUT(program) \
  if (!test::program_exists(program)) GTEST_SKIP() << program " is not installed: NOT TESTED"

TEST_P(TftpRealClients, TftpHpaFetchesByteForByte) {
  SKIP_WITHOUT("tftp");
  const auto get = [&](const char* mode, const char* file) -> std::vector<std::string> {
    return {"tftp", "-m", mode, "127.0.0.1", port_, "-c", "get", file, local()};
  };
  expect_fetched(get("binary", "phone.cfg"), configuration());
  expect_fetched(get("binary", "firmware.bin"), firmware());
  expect_fetched(get("ascii", "text.txt"), "one\ntwo\nthree\n");
  expect_all_complete(3);
}

TEST_P(TftpRealClients, TftpHpaShowsWhyItGotNothing) {
  SKIP_WITHOUT("tftp");
  const auto missing =
      test::run_program({"tftp", "127.0.0.1", port_, "-c", "get", "missing", local()});
  EXPECT_NE((missing.out + missing.err).find("no such file"), std::string::npos);
  const std::string upload = folder_.write("upload", "text");
  const auto refused = test::run_program({"tftp", "127.0.0.1", port_, "-c", "put", upload, "x"});
  EXPECT_NE((refused.out + refused.err).find("takes no uploads"), std::string::npos);
}

TEST_P(TftpRealClients, AtftpFetchesByteForByteWithItsOptions) {
  SKIP_WITHOUT("atftp");
  const auto get = [&](std::vector<std::string> options, const char* file) {
    std::vector<std::string> command{"atftp"};
    for (auto& option : options) {
      command.emplace_back("--option");
      command.push_back(std::move(option));
    }
    for (const std::string& word :
         std::vector<std::string>{"-g", "-r", file, "-l", local(), "127.0.0.1", port_})
      command.push_back(word);
    return command;
  };
  expect_fetched(get({}, "phone.cfg"), configuration());
  expect_fetched(get({"blksize 1428"}, "phone.cfg"), configuration());
  expect_fetched(get({"windowsize 16"}, "firmware.bin"), firmware());  // rolls over
  expect_fetched(get({"blksize 1428", "windowsize 16", "tsize 0", "timeout 3"}, "firmware.bin"),
                 firmware());
  expect_fetched(get({"blksize 1428", "windowsize 16", "tsize 0", "timeout 3"}, "phone.cfg"),
                 configuration());
  expect_all_complete(5);
}

TEST_P(TftpRealClients, CurlFetchesByteForByte) {
  SKIP_WITHOUT("curl");
  const auto get = [&](const char* file, std::vector<std::string> options) {
    std::vector<std::string> command{"curl", "-sS", "-o", local(), url(file)};
    command.insert(command.end(), options.begin(), options.end());
    return command;
  };
  expect_fetched(get("phone.cfg", {}), configuration());
  expect_fetched(get("phone.cfg", {"--tftp-blksize", "1428"}), configuration());
  expect_fetched(get("phone.cfg", {"--tftp-no-options"}), configuration());
  if (!GetParam()) expect_fetched(get("firmware.bin", {"--tftp-no-options"}), firmware());
  const auto missing = test::run_program({"curl", "-sS", url("missing")});
  EXPECT_EQ(missing.status, 68) << missing.err;  // "TFTP: file not found"
  expect_all_complete(GetParam() ? 3 : 4);
}

TEST_P(TftpRealClients, BusyboxFetchesByteForByte) {
  SKIP_WITHOUT("busybox");
  const auto get = [&](std::vector<std::string> options, const char* file) {
    std::vector<std::string> command{"busybox", "tftp", "-g"};
    command.insert(command.end(), options.begin(), options.end());
    for (const std::string& word :
         std::vector<std::string>{"-r", file, "-l", local(), "127.0.0.1", port_})
      command.push_back(word);
    return command;
  };
  expect_fetched(get({}, "phone.cfg"), configuration());
  expect_fetched(get({"-b", "1428"}, "phone.cfg"), configuration());
  if (!GetParam()) expect_fetched(get({}, "firmware.bin"), firmware());
  expect_all_complete(GetParam() ? 2 : 3);
}

INSTANTIATE_TEST_SUITE_P(Ports, TftpRealClients, testing::Values(false, true),
                         [](const auto& parameter) {
                           return parameter.param ? "SinglePort" : "ManyPorts";
                         });

}  // namespace
}  // namespace stormdoor::tftp
