#include "tests/support/registrar.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "tests/support/text_files.hpp"

namespace stormdoor::test {
namespace {

constexpr const char* kHead = R"cfg(debug=1
log_stderror=yes
memdbg=5
memlog=5
children=2
tcp_children=1
auto_aliases=no
shm_mem_size=16
listen=udp:203.0.113.1:5060
listen=tcp:203.0.113.1:5060
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("auth", "qop", "auth")
)cfg";

constexpr const char* kTable = R"cfg(
loadmodule "htable.so"
modparam("htable", "htable", "secrets=>size=8;")
)cfg";

constexpr const char* kDatabase = R"cfg(
loadmodule "db_sqlite.so"
loadmodule "auth_db.so"
modparam("auth_db", "db_url", "sqlite:///{}")
modparam("auth_db", "use_domain", 0)
modparam("auth_db", "calculate_ha1", 0)
modparam("auth_db", "password_column", "ha1")
)cfg";

constexpr const char* kDatabaseRoute = R"cfg(
request_route {
  force_rport();
  if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  www_authenticate("office", "subscriber");
  $var(answer) = $rc;
  if ($var(answer) > 0) {
    xlog("L_ERR", "ANSWER registered $tU $si $sp\n");
    save("location");
    exit;
  }
  if ($var(answer) == -3)
    xlog("L_ERR", "ANSWER unknown $tU $si $sp\n");
  else if ($var(answer) == -2)
    xlog("L_ERR", "ANSWER refused $tU $si $sp\n");
  else
    xlog("L_ERR", "ANSWER challenged $tU $si $sp\n");
  www_challenge("office", "1");
}
)cfg";

constexpr const char* kRoute = R"cfg(
request_route {
  force_rport();
  if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if ($sht(secrets=>$tU) == $null) {
    xlog("L_ERR", "ANSWER unknown $tU $si $sp\n");
    sl_send_reply("404", "Not Found");
    exit;
  }
  if (!pv_www_authenticate("office", "$sht(secrets=>$tU)", "0")) {
  if ($au != $null)
    xlog("L_ERR", "ANSWER refused $tU $si $sp\n");
  else
    xlog("L_ERR", "ANSWER challenged $tU $si $sp\n");
  www_challenge("office", "1");
  exit;
}
xlog("L_ERR", "ANSWER registered $tU $si $sp\n");
save("location");
}
)cfg";

constexpr const char* kNoCalls = R"cfg(sl_send_reply("405", "Method Not Allowed"); exit;)cfg";
constexpr const char* kCalls = R"cfg(
    if (has_totag()) { loose_route(); t_relay(); exit; }
    if (is_method("INVITE")) { record_route(); $du = "DESTINATION"; t_relay(); exit; }
    if (is_method("CANCEL")) { t_relay(); exit; }
    sl_send_reply("405", "Method Not Allowed");
    exit;
)cfg";

constexpr const char* kPhone = R"(<?xml version="1.0" encoding="UTF-8"?>
<scenario name="a phone that registers again and again">
  <label id="1"/>
  <send retrans="500"><![CDATA[
REGISTER sip:[remote_ip] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
Max-Forwards: 70
From: <sip:[field0]@[remote_ip]>;tag=[call_number]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: [cseq] REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port]>
Expires: 120
User-Agent: sipp
Content-Length: 0

]]></send>
  <recv response="401" auth="true"/>
  <send retrans="500"><![CDATA[
REGISTER sip:[remote_ip] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
Max-Forwards: 70
From: <sip:[field0]@[remote_ip]>;tag=[call_number]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: [cseq] REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port]>
[field1]
Expires: 120
User-Agent: sipp
Content-Length: 0

]]></send>
  <recv response="200"/>
  <pause milliseconds="500" next="1"/>
</scenario>
)";

}  // namespace

Registrar::Registrar(const OfficeNetwork& network,
                     const std::map<std::string, std::string>& secrets,
                     const std::string& calls_to) {
  std::string table;
  for (const auto& [account, secret] : secrets)
    table += fmt::format("  $sht(secrets=>{}) = \"{}\";\n", account, secret);
  start(network,
        fmt::format(
            "{}{}event_route[htable:mod-init] {{\n{}}}\n{}", kHead, kTable, table,
            replaced(kRoute, kNoCalls,
                     calls_to.empty() ? kNoCalls : replaced(kCalls, "DESTINATION", calls_to))));
}

Registrar::Registrar(const OfficeNetwork& network, const std::string& database) {
  start(network, kHead + fmt::format(kDatabase, database) + kDatabaseRoute);
}

void Registrar::start(const OfficeNetwork& network, const std::string& config) {
  const auto file = directory_.write("kamailio.cfg", config);
  process_ =
      ChildProcess(network.at("edge", {"kamailio", "-f", file, "-DD", "-E", "-w", directory_.path(),
                                       "-Y", directory_.path(), "-P", directory_.file("pid")}),
                   {}, directory_.file("log"));
  const auto listens = [&] {
    return network.run("edge", {"ss", "-Hlun", "sport = :5060"}).out.find("5060") !=
           std::string::npos;
  };
  EXPECT_TRUE(wait_until(listens)) << log();
}

size_t Registrar::answers(const std::string& kind, const std::string& account,
                          const std::string& address) const {
  size_t count = 0;
  std::istringstream lines(log());
  for (std::string line; std::getline(lines, line);) {
    const size_t at = line.find("ANSWER ");
    if (at == std::string::npos) continue;
    std::istringstream words(line.substr(at));
    std::string answer, what, whose, whom;
    words >> answer >> what >> whose >> whom;
    if (what == kind && (account.empty() || whose == account) &&
        (address.empty() || whom == address))
      ++count;
  }
  return count;
}

std::string Registrar::log() const {
  return text_of(directory_.file("log"));
}

bool make_subscriber_database(const std::string& path) {
  const std::string schemas = "/usr/share/kamailio/db_sqlite/";
  return program_exists("sqlite3") &&
         run_program({"sqlite3", path}, text_of(schemas + "standard-create.sql") +
                                            text_of(schemas + "auth_db-create.sql"))
                 .status == 0 &&
         !run_program({"sqlite3", path, ".schema subscriber"}).out.empty();
}

Phones::Phones(const OfficeNetwork& network, const std::map<std::string, std::string>& accounts,
               const std::string& place) {
  std::string rows = "SEQUENTIAL\n";
  for (const auto& [account, secret] : accounts)
    rows += fmt::format("{0};[authentication username={0} password={1}];\n", account, secret);
  const std::string count = fmt::to_string(accounts.size());
  process_ = ChildProcess(
      network.at(place,
                 {"sipp", "203.0.113.1:5060", "-sf", directory_.write("phone.xml", kPhone), "-inf",
                  directory_.write("phones.csv", rows), "-i", network.address(place), "-t", "un",
                  "-max_socket", "100", "-m", count, "-l", count, "-r", "20", "-nostdin"}),
      {}, directory_.file("log"));
}

BaresipPhone::BaresipPhone(const OfficeNetwork& network, const std::string& account,
                           const std::string& secret, const std::string& place)
    : network_(network), place_(place) {
  directory_.write("config",
                   "module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule ausine.so\n"
                   "module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
                   "ctrl_tcp_listen 127.0.0.1:4444\naudio_source ausine,440\nausrc_srate "
                   "48000\nausrc_channels 2\n"
                   "audio_player none,\n");
  directory_.write(
      "accounts",
      fmt::format("<sip:{0}@203.0.113.1>;auth_user={0};auth_pass={1};regint=2\n", account, secret));
  directory_.write("contacts", "");
  process_ = ChildProcess(network.at(place, {"baresip", "-f", directory_.path()}), {},
                          directory_.file("log"));
}

// baresip's ctrl_tcp: JSON in netstrings.
void BaresipPhone::command(const std::string& name, const std::string& parameter) const {
  const std::string json =
      fmt::format(R"({{"command":"{}","params":"{}","token":"t"}})", name, parameter);
  const std::string text = fmt::format("{}:{},", json.size(), json);
  std::string heard;
  network_.within(place_, [&] {
    const UniqueFd connection(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(4444);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* there = reinterpret_cast<const sockaddr*>(&address);
    if (!wait_until([&] { return connect(connection.get(), there, sizeof address) == 0; })) return;
    (void)send(connection.get(), text.data(), text.size(), MSG_NOSIGNAL);
    std::array<char, 4096> room{};
    while (heard.find("\"response\"") == std::string::npos) {
      const ssize_t got = recv(connection.get(), room.data(), room.size(), 0);
      if (got <= 0) break;
      heard.append(room.data(), size_t(got));
    }
  });
  EXPECT_NE(heard.find("\"ok\":true"), std::string::npos)
      << heard << text_of(directory_.file("log"));
}

void BaresipPhone::dial(const std::string& number) const {
  command("dial", "sip:" + number + "@203.0.113.1");
}

void BaresipPhone::hang_up() const {
  command("hangup", "");
}

std::string BaresipPhone::log() const {
  return text_of(directory_.file("log"));
}

}  // namespace stormdoor::test
