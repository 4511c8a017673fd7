// A lean HTTP and HTTPS load for bench/compare: many phones that fetch one file again and again,
// one thread. Each answer's bytes are compared with those in --root. Prints one JSON object; with
// --hold the connections then stay open until standard input ends.

#include <unistd.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/loop/event_loop.hpp"
#include "bench/compare/load_summary.hpp"
#include "bench/storm/http_client.hpp"
#include "bench/storm/storm_loop.hpp"
#include "bench/storm/tls_client.hpp"

namespace stormdoor::compare {
namespace {

using storm::FetchResult;
using storm::HttpClient;
using storm::StormLoop;
using storm::TlsClient;

// Phones that begin in one turn of the loop; answers are read in between.
constexpr size_t kMostPerTurn = 64;

struct Options {
  std::string server = "127.0.0.1:443";
  std::string root;  // where the file is, to compare with
  std::string file;
  size_t count = 1000;
  size_t phones = 8;
  std::string sources;  // a prefix; empty: the kernel's choice
  bool plain = false;
  bool keep_alive = false;
  bool hold = false;
  bool unhashed = false;  // only the length is compared
  TlsClient::Options tls;
};

// One phone, which fetches until enough has been fetched.
struct Phone {
  Phone(StormLoop& storm, const IpAddress& source) : client(storm, source) {}
  HttpClient client;
  SteadyTime begun{};
  size_t files = 0;
};

class Load {
 public:
  Load(loop::EventLoop& loop, const Options& options) : options_(options), storm_(loop) {}

  Result<void> prepare();
  void run();
  [[nodiscard]] std::string json() const;

 private:
  Result<void> read_file();
  void begin_some();
  void next_file(Phone& phone);
  void ended(Phone& phone, const FetchResult& result);

  const Options& options_;
  StormLoop storm_;
  std::unique_ptr<TlsClient> tls_;
  storm::HttpRequest request_;
  uint64_t bytes_expected_ = 0;
  std::string sha256_expected_;
  std::vector<std::unique_ptr<Phone>> phones_;
  size_t begun_phones_ = 0;
  size_t begun_ = 0;
  size_t ended_ = 0;
  uint64_t bytes_ = 0;
  uint64_t retries_ = 0;
  LoadSummary summary_;
};

Result<void> Load::read_file() {
  const std::string path = options_.root + "/" + options_.file;
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error(ErrorCode::NotFound, "cannot read " + path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  storm::Body body(!options_.unhashed);
  body.add(std::as_bytes(std::span(text)));
  bytes_expected_ = text.size();
  sha256_expected_ = body.sha256();
  return {};
}

Result<void> Load::prepare() {
  TRY(read_file());
  request_.server = TRY(Endpoint::parse(options_.server));
  request_.path = "/" + options_.file;
  request_.closes = !options_.keep_alive && !options_.hold;
  request_.hashed = !options_.unhashed;
  request_.patience.tries = 1;
  request_.patience.timeout = seconds{60};
  if (!options_.plain) {
    tls_ = TRY(TlsClient::create(options_.tls));
    request_.tls = tls_.get();
  }
  for (size_t i = 0; i < options_.phones; ++i) {
    const IpAddress source = TRY(source_of(options_.sources, i));
    phones_.push_back(std::make_unique<Phone>(storm_, source));
  }
  return {};
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
  if (begun_ == options_.count || phone.files == share) return;
  ++begun_;
  ++phone.files;
  phone.begun = storm_.now().steady;
  phone.client.fetch(request_, [this, &phone](FetchResult result) { ended(phone, result); });
}

void Load::ended(Phone& phone, const FetchResult& result) {
  ++ended_;
  bytes_ += result.body.bytes();
  retries_ += result.retries;
  if (result.outcome != FetchResult::Outcome::Found) {
    summary_.failed(result.reason.empty() ? "refused" : result.reason);
  } else {
    summary_.served(phone.begun, storm_.now().steady);
    if (result.body.bytes() != bytes_expected_ || result.body.sha256() != sha256_expected_)
      summary_.wrong();
  }
  if (request_.closes) phone.client.disconnect();
  next_file(phone);
}

std::string Load::json() const {
  nlohmann::json out = summary_.json();
  uint64_t connections = 0;
  for (const auto& phone : phones_) connections += phone->client.connections();
  out["files"] = ended_;
  out["bytes"] = bytes_;
  out["retransmissions"] = retries_;
  out["connections"] = connections;
  out["resumed"] = tls_ ? tls_->resumed() : 0;
  return out.dump();
}

int run(int count, char** arguments) {
  Options options;
  CLI::App app("Fetches a file by HTTP or HTTPS and compares it");
  app.add_option("--server", options.server, "ADDRESS:PORT");
  app.add_option("--root", options.root, "The folder that holds what is served");
  app.add_option("--file", options.file, "Its name there")->required();
  app.add_option("--count", options.count, "How often in all");
  app.add_option("--phones", options.phones, "How many at once");
  app.add_option("--sources", options.sources, "A prefix: each phone gets an address of it");
  app.add_flag("--plain", options.plain, "HTTP instead of HTTPS");
  app.add_flag("--keep-alive", options.keep_alive, "On connections that stay open");
  app.add_flag("--hold", options.hold, "Leave them open until standard input ends");
  app.add_flag("--unhashed", options.unhashed, "Compare the length only");
  app.add_option("--authority", options.tls.ca_file, "Who signs the server's certificate");
  app.add_flag("--resume", options.tls.resumes, "With the session before, where there is one");
  app.add_option("--certificate", options.tls.certificate_file, "The phones' own");
  app.add_option("--key", options.tls.key_file, "Its key");
  const std::map<std::string, TlsClient::Version> versions = {{"1.2", TlsClient::Version::Tls12},
                                                              {"1.3", TlsClient::Version::Tls13}};
  app.add_option("--version", options.tls.version, "1.2 or 1.3")
      ->transform(CLI::CheckedTransformer(versions));
  CLI11_PARSE(app, count, arguments);
  storm::allow_descriptors(options.phones + 100);
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
  std::cout << load.json() << '\n' << std::flush;
  char byte = 0;
  while (options.hold && read(STDIN_FILENO, &byte, 1) > 0) continue;
  return 0;
}

}  // namespace
}  // namespace stormdoor::compare

int main(int count, char** arguments) {
  return stormdoor::compare::run(count, arguments);
}
