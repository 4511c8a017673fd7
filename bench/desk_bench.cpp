// People who log in at hot desks through the HTTPS page of a real daemon: the form is fetched and
// sent, over connections that stay open, from as many threads as there are connections. Each login
// moves a user from one phone to another, so that each ends one session and begins another, and is
// durable before it is answered. What is measured is the answer to the form that was sent.

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/loop/socket_address.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/running_daemon.hpp"

namespace stormdoor {
namespace {

constexpr size_t kConnections = 16;
constexpr size_t kLoginsOfEach = 125;

// One connection that blocks and speaks just enough HTTP.
class Client {
 public:
  Client(const Endpoint& server, SSL_CTX* context)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), ssl_(SSL_new(context)) {
    const loop::SocketAddress remote(server);
    STORMDOOR_CHECK(connect(fd_.get(), remote.get(), remote.length) == 0, "it listens");
    SSL_set_fd(ssl_.get(), fd_.get());
    STORMDOOR_CHECK(SSL_connect(ssl_.get()) == 1, "it speaks TLS");
  }
  // The body of the answer.
  std::string ask(const std::string& request) {
    SSL_write(ssl_.get(), request.data(), int(request.size()));
    while (true) {
      const size_t head = in_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const size_t length = in_.find("Content-Length: ");
        const size_t body = std::stoul(in_.substr(length + 16));
        if (in_.size() >= head + 4 + body) {
          std::string answer = in_.substr(head + 4, body);
          in_.erase(0, head + 4 + body);
          return answer;
        }
      }
      char buffer[8192];
      const int got = SSL_read(ssl_.get(), buffer, sizeof buffer);
      if (got <= 0) return {};
      in_.append(buffer, size_t(got));
    }
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  UniqueFd fd_;
  std::unique_ptr<SSL, Free> ssl_;
  std::string in_;
};

// An office with two phones and one user for each connection.
class Office {
 public:
  Office() {
    const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
    auto started =
        test::RunningDaemon::start(programs, std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones",
                                   {.extra_config = "base_url = \"https://prov.example.com\"\n"});
    STORMDOOR_CHECK(started.has_value(), "the daemon starts");
    daemon_ = *std::move(started);
    run({"location", "add", "hq", "--emergency-number", "+12025550123"});
    for (size_t i = 0; i < kConnections; ++i) {
      run({"user", "add", fmt::format("{}", 2000 + i), "--main-phone", "hot-desking", "--pin"},
          "4711\n");
      for (size_t phone = 2 * i; phone < 2 * i + 2; ++phone) {
        const std::string mac = fmt::format("0015650000{:02x}", phone);
        run({"phone", "add", mac, "--vendor", "yealink", "--hot-desk", "--location", "hq"});
        const std::string told = run({"desk", "link", mac});
        const size_t path = told.find("/d/");
        pages_.push_back(told.substr(path, told.find('\n') - path));
      }
    }
  }
  [[nodiscard]] Endpoint https() const { return daemon_->listener("https"); }
  [[nodiscard]] const std::string& page(size_t phone) const { return pages_[phone]; }
  [[nodiscard]] pid_t server() const { return daemon_->server_pid(); }

 private:
  std::string run(std::vector<std::string> arguments, const std::string& input = {}) {
    const auto ran = daemon_->shell(std::move(arguments), input);
    STORMDOOR_CHECK(ran.status == 0, "the office is as it should be");
    return ran.out;
  }
  std::unique_ptr<test::RunningDaemon> daemon_;
  std::vector<std::string> pages_;
};

// One login; in seconds from the form that is sent to its answer.
double log_in(Client& client, const std::string& pages, size_t user) {
  const std::string form =
      client.ask(fmt::format("GET {}login HTTP/1.1\r\nHost: x\r\n\r\n", pages));
  const size_t at = form.find("action=\"");
  STORMDOOR_CHECK(at != std::string::npos, "there is a form");
  const std::string action = form.substr(at + 8, form.find('"', at + 8) - at - 8);
  const std::string typed = fmt::format("ext={}&pin=4711", 2000 + user);
  const auto before = std::chrono::steady_clock::now();
  const std::string answer = client.ask(fmt::format(
      "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", action, typed.size(), typed));
  const auto took = std::chrono::steady_clock::now() - before;
  STORMDOOR_CHECK(answer.find("Welcome") != std::string::npos, "the PIN is right");
  return std::chrono::duration<double>(took).count();
}

void log_in_over_https(benchmark::State& state) {
  Office office;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  std::vector<double> took;
  std::mutex mutex;
  size_t turn = 0;
  for (auto _ : state) {
    std::vector<std::jthread> people;
    for (size_t user = 0; user < kConnections; ++user)
      people.emplace_back([&, user] {
        Client client(office.https(), context);
        std::vector<double> own;
        for (size_t i = 0; i < kLoginsOfEach; ++i)
          own.push_back(log_in(client, office.page(2 * user + (i + turn) % 2), user));
        const std::lock_guard lock(mutex);
        took.insert(took.end(), own.begin(), own.end());
      });
    people.clear();
    turn += kLoginsOfEach;
  }
  SSL_CTX_free(context);
  std::ranges::sort(took);
  state.SetItemsProcessed(int64_t(took.size()));
  state.counters["logins_per_minute"] =
      benchmark::Counter(60 * double(took.size()), benchmark::Counter::kIsRate);
  state.counters["median_ms"] = 1000 * took[took.size() / 2];
  state.counters["p99_ms"] = 1000 * took[took.size() * 99 / 100];
}
BENCHMARK(log_in_over_https)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(2);

}  // namespace
}  // namespace stormdoor

BENCHMARK_MAIN();
