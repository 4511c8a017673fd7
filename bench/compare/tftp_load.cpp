// A lean TFTP load for bench/compare: many phones that read files, one thread. Each of --phones
// holds one socket and reads one file after another; every file's bytes are compared with those in
// --root. Prints one JSON object.
//
// CPU time of a server is measured with few phones (8): on loopback each phone's wake-up is charged
// to whoever sends to it, and that is the server. Behaviour is measured with a phone per file.

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/loop/event_loop.hpp"
#include "base/loop/poll_set.hpp"
#include "base/loop/udp_socket.hpp"
#include "bench/compare/load_summary.hpp"
#include "bench/storm/storm_loop.hpp"
#include "bench/storm/tftp_fetch.hpp"

namespace stormdoor::compare {
namespace {

using storm::FetchResult;
using storm::StormLoop;
using storm::TftpFetch;

// Phones that begin in one turn of the loop; answers are read in between.
constexpr size_t kMostPerTurn = 64;
constexpr size_t kMostReady = 256;

struct Options {
  std::string server = "127.0.0.1:69";
  std::string root;  // where the files are, to compare with
  std::vector<std::string> files;
  bool missing = false;
  size_t count = 1000;
  size_t phones = 8;
  size_t ports = 4;     // of each phone
  std::string sources;  // a prefix; empty: the kernel's choice
  storm::TftpOptions tftp;
  storm::TftpPatience patience;
  double loss = 0;  // of the blocks that arrive, in percent
  uint64_t seed = 1;
};

struct File {
  std::string name;
  uint64_t bytes = 0;
  std::string sha256 = {};
};

class Load;

// One phone: its sockets, and the file that it reads now.
class Phone {
 public:
  Phone(Load& load, std::vector<loop::UdpSocket> sockets);
  void begin(const File& file);
  void on_readable(size_t port);
  [[nodiscard]] size_t files() const { return files_; }  // begun

 private:
  [[nodiscard]] loop::UdpSocket& socket() { return sockets_[port_]; }
  void on_deadline();
  void send(const TftpFetch::Reply& reply);
  void settle();

  Load& load_;
  std::vector<loop::UdpSocket> sockets_;
  size_t port_ = 0;  // the socket in use
  StormLoop::Deadline deadline_;
  std::optional<TftpFetch> running_;
  const File* file_ = nullptr;
  size_t files_ = 0;
  SteadyTime begun_{};
};

class Load {
 public:
  Load(loop::EventLoop& loop, const Options& options)
      : options_(options), storm_(loop), random_(options.seed) {}

  Result<void> prepare();
  void run();
  [[nodiscard]] std::string json() const;

  // For phones.
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const Endpoint& server() const { return server_; }
  [[nodiscard]] StormLoop& storm() { return storm_; }
  [[nodiscard]] bool lost() {
    return options_.loss > 0 && std::uniform_real_distribution<>(0, 100)(random_) < options_.loss &&
           ++blocks_lost_;
  }
  void ended(Phone& phone, const File& file, FetchResult result, SteadyTime begun);

 private:
  Result<void> read_files();
  Result<void> make_phones();
  void begin_some();
  void next_file(Phone& phone);
  void judge(const File& file, const FetchResult& result);

  const Options& options_;
  StormLoop storm_;
  std::mt19937_64 random_;
  Endpoint server_;
  std::vector<File> files_;
  std::vector<std::unique_ptr<Phone>> phones_;
  std::unique_ptr<loop::PollSet> poll_;
  size_t begun_phones_ = 0;
  size_t begun_ = 0;
  size_t ended_ = 0;
  uint64_t bytes_ = 0;
  uint64_t retries_ = 0;
  uint64_t files_with_retries_ = 0;
  uint64_t blocks_lost_ = 0;
  LoadSummary summary_;
};

Phone::Phone(Load& load, std::vector<loop::UdpSocket> sockets)
    : load_(load),
      sockets_(std::move(sockets)),
      deadline_(load.storm(), [this] { on_deadline(); }) {}

void Phone::begin(const File& file) {
  file_ = &file;
  ++files_;
  port_ = (port_ + 1) % sockets_.size();
  begun_ = load_.storm().now().steady;
  running_.emplace(load_.server(), file.name, load_.options().tftp, load_.options().patience, true);
  send(running_->start(begun_, load_.storm().outbox().room()));
  socket().send(load_.storm().outbox());
  deadline_.set(running_->deadline());
}

void Phone::send(const TftpFetch::Reply& reply) {
  if (reply.bytes != 0) load_.storm().outbox().add({reply.to, {}}, reply.bytes);
}

void Phone::on_readable(size_t port) {
  const SteadyTime now = load_.storm().now().steady;
  loop::UdpOutbox& outbox = load_.storm().outbox();
  for (const loop::Datagram& datagram : sockets_[port].receive(load_.storm().inbox())) {
    if (port != port_ || !running_ || running_->ended()) break;
    const bool block = datagram.payload.size() >= 4 && datagram.payload[1] == std::byte{3};
    if (block && load_.lost()) continue;
    if (outbox.full()) socket().send(outbox);
    send(running_->on_packet(datagram.peer, datagram.payload, now, outbox.room()));
  }
  socket().send(outbox);
  if (running_) settle();
}

void Phone::on_deadline() {
  if (!running_) return;
  send(running_->on_deadline(load_.storm().now().steady, load_.storm().outbox().room()));
  socket().send(load_.storm().outbox());
  settle();
}

void Phone::settle() {
  if (!running_->ended()) return deadline_.set(running_->deadline());
  deadline_.clear();
  FetchResult result = running_->take_result();
  running_.reset();
  load_.ended(*this, *file_, std::move(result), begun_);
}

Result<void> Load::read_files() {
  for (const std::string& name : options_.files) {
    File file{.name = name};
    if (!options_.missing) {
      std::ifstream in(options_.root + "/" + name, std::ios::binary);
      if (!in) return Error(ErrorCode::NotFound, "cannot read " + options_.root + "/" + name);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      storm::Body body(true);
      body.add(std::as_bytes(std::span(text)));
      file.bytes = text.size();
      file.sha256 = body.sha256();
    }
    files_.push_back(std::move(file));
  }
  if (files_.empty()) return Error(ErrorCode::InvalidArgument, "no file was named");
  return {};
}

Result<void> Load::make_phones() {
  poll_ =
      TRY(loop::PollSet::create(storm_.loop(), kMostReady, [this](std::span<const uint32_t> tags) {
        for (const uint32_t tag : tags)
          phones_[tag / options_.ports]->on_readable(tag % options_.ports);
      }));
  for (size_t i = 0; i < options_.phones; ++i) {
    IpAddress source = TRY(source_of(options_.sources, i));
    if (options_.sources.empty() && server_.address.is_v4()) source = IpAddress::v4(0);
    std::vector<loop::UdpSocket> sockets;
    for (size_t port = 0; port < options_.ports; ++port) {
      sockets.push_back(TRY(loop::UdpSocket::bind({source, 0, 0}, {})));
      TRY(poll_->add(sockets.back().fd(), static_cast<uint32_t>(i * options_.ports + port)));
    }
    phones_.push_back(std::make_unique<Phone>(*this, std::move(sockets)));
  }
  return {};
}

Result<void> Load::prepare() {
  server_ = TRY(Endpoint::parse(options_.server));
  TRY(read_files());
  return make_phones();
}

void Load::run() {
  summary_.begin();
  begin_some();
  while (ended_ < options_.count) storm_.loop().run_once(milliseconds{100});
  summary_.end();
}

void Load::begin_some() {
  for (size_t i = 0; i < kMostPerTurn && begun_phones_ < phones_.size(); ++i)
    next_file(*phones_[begun_phones_++]);
  if (begun_phones_ < phones_.size()) storm_.loop().post([this] { begin_some(); });
}

// Each phone gets its share, so that they all boot, and not the quickest twice.
void Load::next_file(Phone& phone) {
  const size_t share = (options_.count + phones_.size() - 1) / phones_.size();
  if (begun_ < options_.count && phone.files() < share)
    phone.begin(files_[begun_++ % files_.size()]);
}

void Load::ended(Phone& phone, const File& file, FetchResult result, SteadyTime begun) {
  ++ended_;
  bytes_ += result.body.bytes();
  retries_ += result.retries;
  if (result.retries != 0) ++files_with_retries_;
  judge(file, result);
  const bool good = options_.missing ? result.outcome == FetchResult::Outcome::Missing
                                     : result.outcome == FetchResult::Outcome::Found;
  if (good) summary_.served(begun, storm_.now().steady);
  next_file(phone);
}

void Load::judge(const File& file, const FetchResult& result) {
  if (options_.missing) {
    if (result.outcome != FetchResult::Outcome::Missing)
      summary_.failed(result.reason.empty() ? "was found" : result.reason);
    return;
  }
  if (result.outcome != FetchResult::Outcome::Found) return summary_.failed(result.reason);
  if (result.body.bytes() != file.bytes || result.body.sha256() != file.sha256) summary_.wrong();
}

std::string Load::json() const {
  nlohmann::json out = summary_.json();
  out["files"] = ended_;
  out["bytes"] = bytes_;
  out["retransmissions"] = retries_;
  out["files_with_retransmissions"] = files_with_retries_;
  out["blocks_lost"] = blocks_lost_;
  return out.dump();
}

int run(int count, char** arguments) {
  Options options;
  int wait = 1000;
  CLI::App app("Reads files by TFTP and compares them");
  app.add_option("--server", options.server, "ADDRESS:PORT");
  app.add_option("--root", options.root, "The folder that holds what is served");
  app.add_option("--files", options.files, "Their names, asked for in turn")->required();
  app.add_flag("--missing", options.missing, "They do not exist there");
  app.add_option("--count", options.count, "How many files in all");
  app.add_option("--phones", options.phones, "How many at once");
  app.add_option("--ports", options.ports, "Of each phone: it reads its files from them by turns")
      ->check(CLI::Range(1, 64));
  app.add_option("--sources", options.sources, "A prefix: each phone gets an address of it");
  app.add_option("--blksize", options.tftp.block_size, "0: not asked");
  app.add_option("--windowsize", options.tftp.window, "0: not asked");
  app.add_flag("--tsize", options.tftp.size, "Ask for the length");
  app.add_option("--tries", options.patience.tries, "How often a packet is sent");
  app.add_option("--wait", wait, "Milliseconds before it is sent again");
  app.add_option("--loss", options.loss, "Percent of the arriving blocks that get lost");
  app.add_option("--seed", options.seed, "Which of them");
  CLI11_PARSE(app, count, arguments);
  options.patience.wait = milliseconds{wait};
  storm::allow_descriptors(options.phones * options.ports + 100);
  auto loop = loop::EventLoop::create();
  if (!loop) {
    std::cerr << loop.error().message() << '\n';
    return 2;
  }
  Load load(**loop, options);
  if (const auto prepared = load.prepare(); !prepared) {
    std::cerr << prepared.error().message() << '\n';
    return 2;
  }
  load.run();
  std::cout << load.json() << '\n';
  return 0;
}

}  // namespace
}  // namespace stormdoor::compare

int main(int count, char** arguments) {
  return stormdoor::compare::run(count, arguments);
}
