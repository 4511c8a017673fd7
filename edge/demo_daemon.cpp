#include "edge/demo_daemon.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/crypto/crypto.hpp"
#include "base/loop/socket_address.hpp"
#include "edge/control_client.hpp"

namespace stormdoor::edge {
namespace {

namespace fs = std::filesystem;

// Making keys at first start takes a second or two, on a small, busy machine a minute.
constexpr seconds kStartPatience{180};
constexpr seconds kStopPatience{15};

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) return Error(ErrorCode::NotFound, "cannot read " + path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Result<std::string> make_folder() {
  std::error_code ignored;
  std::string pattern = (fs::temp_directory_path(ignored) / "stormdoor-demo-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return system_error("make " + pattern, errno);
  return pattern;
}

// The port that everybody expects if it is free, else one that is.
Result<uint16_t> choose_port(int type, uint16_t wanted) {
  const IpAddress loopback = IpAddress::v4(0x7f00'0001);
  for (const uint16_t port : {wanted, uint16_t{0}}) {
    const auto socket = loop::bind_socket(type, {loopback, port, 0}, false);
    if (socket) return TRY(loop::local_endpoint(socket->get())).port;
  }
  return Error(ErrorCode::Unavailable, "no port is free on 127.0.0.1");
}

void fill_in(std::string& text, const std::string& name, const std::string& value) {
  const std::string mark = "@" + name + "@";
  for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at))
    text.replace(at, mark.size(), value);
}

std::vector<std::string> environment_with(const std::string& notify) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("NOTIFY_SOCKET="))
      variables.emplace_back(*variable);
  variables.push_back("NOTIFY_SOCKET=" + notify);
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<SampleOffice> read_sample(const std::string& folder) {
  SampleOffice sample;
  sample.locations = TRY(read_file(folder + "/locations.csv"));
  sample.users = TRY(read_file(folder + "/users.csv"));
  sample.phones = TRY(read_file(folder + "/phones.csv"));
  return sample;
}

DemoOptions default_demo_options() {
  DemoOptions options;
  std::error_code error;
  const fs::path bin = fs::read_symlink("/proc/self/exe", error).parent_path();
  options.program = (bin / "stormdoord").string();
  // build/bin in the source tree, build/<preset>/bin, and an installation.
  for (const char* data : {"../../etc", "../../../etc", "../share/stormdoor"}) {
    const fs::path folder = (bin / data).lexically_normal();
    if (!fs::exists(folder / "sample", error)) continue;
    options.sample_folder = (folder / "sample").string();
    options.profiles_folder = (folder / "phones").string();
    break;
  }
  return options;
}

Result<std::unique_ptr<DemoDaemon>> DemoDaemon::start(const DemoOptions& options) {
  std::unique_ptr<DemoDaemon> daemon(new DemoDaemon);
  daemon->folder_ = TRY(make_folder());
  TRY(daemon->write_config(options));
  TRY_WHILE("start " + options.program, daemon->run_program(options.program));
  TRY(daemon->wait_until_ready());
  TRY(daemon->open_office());
  return daemon;
}

Result<void> DemoDaemon::write_config(const DemoOptions& options) {
  std::string text = TRY(read_file(options.sample_folder + "/stormdoor.toml"));
  const std::tuple<const char*, int, uint16_t> ports[] = {{"tftp_port", SOCK_DGRAM, 6969},
                                                          {"http_port", SOCK_STREAM, 8080},
                                                          {"https_port", SOCK_STREAM, 8443},
                                                          {"status_port", SOCK_STREAM, 9469},
                                                          {"portal_port", SOCK_STREAM, 8444}};
  for (const auto& [name, type, wanted] : ports)
    fill_in(text, name, fmt::format("{}", TRY(choose_port(type, wanted))));
  fill_in(text, "profiles", options.profiles_folder);
  office_.api_token = crypto::random_token(24);
  const std::string token_file = folder_ + "/api-token";
  const UniqueFd token(open(token_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (write(token.get(), office_.api_token.data(), office_.api_token.size()) !=
      ssize_t(office_.api_token.size()))
    return system_error("write " + token_file, errno);
  fill_in(text, "token_file", token_file);
  std::ofstream(folder_ + "/stormdoor.toml") << text;
  return {};
}

Result<void> DemoDaemon::run_program(const std::string& program) {
  const std::string notify = folder_ + "/notify";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (notify.size() >= sizeof address.sun_path)
    return Error(ErrorCode::InvalidArgument, "the temporary directory's name is too long");
  notify.copy(address.sun_path, sizeof address.sun_path - 1);
  notifications_.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (bind(notifications_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return system_error("bind " + notify, errno);

  std::vector<std::string> arguments = {program, "--config", folder_ + "/stormdoor.toml"};
  std::vector<std::string> variables = environment_with(notify);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::string log = folder_ + "/log";
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  // Its own process group, so that Ctrl-C reaches us alone; and none of our held signals.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  const int failure = posix_spawn(&pid_, program.c_str(), &actions, &attributes,
                                  pointers_to(arguments).data(), pointers_to(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure == 0) return {};
  pid_ = -1;
  return system_error(program, failure);
}

Result<void> DemoDaemon::wait_until_ready() {
  const SteadyTime give_up = read_clocks().steady + kStartPatience;
  while (read_clocks().steady < give_up) {
    if (!running()) return Error(ErrorCode::Unavailable, "stormdoord ended:\n" + end_of_log());
    pollfd readable{notifications_.get(), POLLIN, 0};
    if (poll(&readable, 1, 200) <= 0) continue;
    char message[1024];
    const ssize_t got = recv(notifications_.get(), message, sizeof message, 0);
    if (got > 0 && std::string_view(message, static_cast<size_t>(got)).find("READY=1") !=
                       std::string_view::npos)
      return {};
  }
  return Error(ErrorCode::Timeout, "stormdoord did not become ready:\n" + end_of_log());
}

Result<void> DemoDaemon::open_office() {
  office_.call = [socket =
                      control_socket()](const ControlRequest& request) -> Result<ControlResponse> {
    ControlClient client = TRY(ControlClient::connect(socket));
    ControlResponse answer = TRY(client.call(request));
    if (answer.outcome != Outcome::Done) return Error(ErrorCode::Conflict, answer.message);
    return answer;
  };
  ControlRequest status;
  status.command = "status";
  const ControlResponse answer = TRY(office_.call(status));
  for (const auto& listener : answer.data["listeners"]) {
    const Endpoint endpoint = TRY(Endpoint::parse(listener.value("address", "")));
    const std::string service = listener.value("service", "");
    if (service == "tftp") office_.target.tftp = endpoint;
    if (service == "http") office_.target.http = endpoint;
    if (service == "https") office_.target.https = endpoint;
    if (service == "status") office_.status = endpoint;
    if (service == "portal") office_.portal = endpoint;
  }
  ControlRequest admin;
  admin.command = "admin.add";
  office_.administrator = "admin";
  office_.password = crypto::random_token(9);
  admin.arguments = {
      {"name", office_.administrator}, {"role", "administrator"}, {"password", office_.password}};
  TRY(office_.call(admin));
  if (!office_.target.tftp || !office_.target.https)
    return Error(ErrorCode::Unavailable, "stormdoord listens neither for TFTP nor for HTTPS");
  // A copy of its authority for whoever wants to look around.
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ + "/state", error))
    if (entry.path().filename() == "authority.pem")
      fs::copy_file(entry.path(), authority_file(), fs::copy_options::overwrite_existing, error);
  storm::TlsClient::Options options;
  options.ca_file = authority_file();
  tls_ = TRY(storm::TlsClient::create(options));
  office_.target.tls = tls_.get();
  return {};
}

bool DemoDaemon::running() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

std::string DemoDaemon::end_of_log() const {
  const auto log = read_file(folder_ + "/log");
  if (!log) return "(no log)";
  return log->size() > 2000 ? log->substr(log->size() - 2000) : *log;
}

DemoDaemon::~DemoDaemon() {
  if (running()) {
    kill(pid_, SIGTERM);
    const SteadyTime give_up = read_clocks().steady + kStopPatience;
    while (running() && read_clocks().steady < give_up) poll(nullptr, 0, 20);
    if (running()) kill(pid_, SIGKILL);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

}  // namespace stormdoor::edge
