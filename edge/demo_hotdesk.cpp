#include "edge/demo_hotdesk.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/csv.hpp"
#include "base/loop/socket_address.hpp"
#include "base/unique_fd.hpp"
#include "bench/storm/http_client.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;
using storm::PhoneSpec;

constexpr size_t kOldTries = 5;  // of each phone
constexpr milliseconds kForgivenWithin{10'000};
constexpr size_t kMostGuesses = 60;
constexpr size_t kStoryWidth = 96;
constexpr const char* kMovesAbout = "2001";

// POST over plain HTTP, as a PBX on this machine would; waits for the answer.
Result<json> post(const DemoOffice& office, std::string_view path, const json& body) {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const loop::SocketAddress remote(office.status);
  const timeval patience{30, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(socket.get(), remote.get(), remote.length) != 0)
    return system_error("connect to the status listener", errno);
  const std::string text = body.dump();
  const std::string request = fmt::format(
      "POST {} HTTP/1.1\r\nHost: stormdoor\r\nConnection: close\r\nAuthorization: Bearer {}\r\n"
      "Content-Length: {}\r\n\r\n{}",
      path, office.api_token, text.size(), text);
  if (send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != ssize_t(request.size()))
    return system_error("ask the API", errno);
  std::string answer;
  char buffer[4096];
  for (ssize_t got = 0; (got = recv(socket.get(), buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, size_t(got));
  const size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos || answer.find(" 200 ") > answer.find("\r\n"))
    return Error(ErrorCode::Unavailable, "the API refused: " + answer.substr(0, 200));
  return json::parse(answer.substr(head + 4), nullptr, false);
}

json report(const IpAddress& source, const std::string& kind, const std::string& account,
            uint16_t port) {
  return {{"service", "sip"}, {"source", source.to_string()},
          {"kind", kind},     {"account", account},
          {"port", port},     {"transport", "udp"}};
}

Result<json> call(const DemoOffice& office, const std::string& command, json arguments = {}) {
  ControlRequest request;
  request.command = command;
  if (!arguments.is_null()) request.arguments = std::move(arguments);
  const ControlResponse answer = TRY_WHILE(command, office.call(request));
  return answer.data.is_null() ? json(answer.message) : answer.data;
}

// Whose account each phone has in the sample, and everybody's PIN.
struct People {
  std::map<MacAddress, std::string> extensions;
  std::map<std::string, std::string> pins;
};

Result<People> people_of(const SampleOffice& sample) {
  People people;
  const CsvTable phones = CsvTable::parse(sample.phones);
  for (const CsvRow& row : phones.rows())
    if (const auto extension = phones.field(row, "extension"); !extension.empty())
      people.extensions[TRY(MacAddress::parse(phones.field(row, "mac")))] = extension;
  const CsvTable users = CsvTable::parse(sample.users);
  for (const CsvRow& row : users.rows())
    people.pins[std::string(users.field(row, "extension"))] = users.field(row, "pin");
  return people;
}

// One act after the other.
class Act {
 public:
  Act(const DemoOffice& office, People people, std::vector<PhoneSpec> phones, loop::EventLoop& loop)
      : office_(office),
        people_(std::move(people)),
        phones_(std::move(phones)),
        storm_(loop),
        loop_(loop) {}

  Result<HotDeskStory> run(const SampleOffice& sample) {
    TRY(convert());
    TRY(try_old_passwords());
    TRY(guess());
    TRY(count_blocks());
    TRY(boot_again(sample));
    TRY(people_move());
    return std::move(story_);
  }

 private:
  [[nodiscard]] bool is_converted(const PhoneSpec& phone) const {
    return people_.extensions.contains(phone.mac);
  }

  Result<void> convert() {
    json registered = json::array();
    json macs = json::array();
    for (size_t i = 0; i < phones_.size(); ++i) {
      if (!is_converted(phones_[i])) continue;
      macs.push_back(phones_[i].mac.to_string());
      registered.push_back(
          report(phones_[i].source, "success", people_.extensions.at(phones_[i].mac), port_of(i)));
    }
    story_.converted = macs.size();
    TRY(post(office_, "/api/v1/failures", registered));
    TRY(call(office_, "convert", {{"macs", macs}}));
    return {};
  }

  Result<void> try_old_passwords() {
    for (size_t round = 0; round < kOldTries; ++round) {
      json refused = json::array();
      for (size_t i = 0; i < phones_.size(); ++i)
        if (is_converted(phones_[i]))
          refused.push_back(report(phones_[i].source, "wrong-password",
                                   people_.extensions.at(phones_[i].mac), port_of(i)));
      story_.old_passwords += refused.size();
      TRY(post(office_, "/api/v1/failures", refused));
    }
    // What the guard forgave stands in the registry a moment later.
    const SteadyTime give_up = storm_.now().steady + kForgivenWithin;
    do {
      loop_.run_once(milliseconds(100));
      const json leases = TRY(call(office_, "lease.list"));
      story_.forgiven = 0;
      for (const auto& lease : leases) story_.forgiven += lease.value("spent", size_t{0});
    } while (story_.forgiven < story_.old_passwords && storm_.now().steady < give_up);
    return {};
  }

  // Behind the address of the first phone, one unknown account after the other.
  Result<void> guess() {
    const PhoneSpec& cover = phones_.front();
    story_.guesser = cover.source.to_string();
    while (story_.guesses < kMostGuesses && story_.guesser_stopped.empty()) {
      const json answer = TRY(post(office_, "/api/v1/failures",
                                   json::array({report(cover.source, "wrong-password",
                                                       fmt::format("{}", 1000 + story_.guesses),
                                                       uint16_t(40'000 + story_.guesses))})));
      ++story_.guesses;
      for (const auto& block : answer.value("blocks", json::array()))
        story_.guesser_stopped = block.value("reason", "");
    }
    return {};
  }

  // A phone is refused when its address is, or its old account: but for the one who hides a
  // guesser.
  Result<void> count_blocks() {
    const json blocks = TRY(call(office_, "blocks.list"));
    std::set<std::string> accounts;
    for (const auto& [mac, extension] : people_.extensions) accounts.insert(extension);
    for (const auto& block : blocks) {
      if (block.value("service", "") != "sip") continue;
      const bool is_guesser = block.value("source", "").starts_with(story_.guesser);
      if (!is_guesser || accounts.contains(block.value("account", ""))) ++story_.phones_blocked;
    }
    return {};
  }

  Result<void> boot_again(const SampleOffice& sample) {
    auto fresh = TRY(plan_phones(sample));
    std::set<std::string> names;
    const CsvTable users = CsvTable::parse(sample.users);
    for (const CsvRow& row : users.rows()) names.insert(std::string(users.field(row, "name")));
    const CsvTable locations = CsvTable::parse(sample.locations);
    std::map<std::string, std::string> labels;  // by emergency number
    for (const CsvRow& row : locations.rows())
      labels[std::string(locations.field(row, "emergency_number"))] = locations.field(row, "label");
    for (PhoneSpec& phone : phones_) {
      if (!is_converted(phone)) continue;
      const std::string number = phone.expected.front();
      phone.expected = {number, labels[number]};
      phone.forbidden.assign(names.begin(), names.end());
    }
    storm::StormPlan plan;
    plan.target = office_.target;
    plan.phones = phones_;
    storm::Storm storm(storm_, std::move(plan));
    bool done = false;
    storm.begin([&] { done = true; });
    while (!done) loop_.run_once(milliseconds(100));
    const auto all = storm.report().total();
    story_.back = all.served;
    story_.phones = all.phones;
    return {};
  }

  Result<void> people_move() {
    std::vector<const PhoneSpec*> desks;  // two, at different places, whose phones have pages
    for (const PhoneSpec& phone : phones_) {
      if (!is_converted(phone) || phone.transport == storm::Transport::Tftp) continue;
      if (!desks.empty() && desks.front()->expected.front() == phone.expected.front()) continue;
      if (desks.size() < 2) desks.push_back(&phone);
    }
    if (desks.size() < 2)
      return Error(ErrorCode::NotFound, "the sample office has no two desks to sit down at");
    const std::string wrong = TRY(log_in(*desks[0], "99009900"));
    story_.desks.push_back(fmt::format("{} mistypes the PIN at {}: \"{}\"", kMovesAbout,
                                       desks[0]->mac.to_string(), wrong));
    story_.numbers_follow = true;
    for (const PhoneSpec* desk : desks) {
      const std::string said = TRY(log_in(*desk, people_.pins[kMovesAbout]));
      const json number = TRY(call(office_, "emergency", {{"what", kMovesAbout}}));
      story_.desks.push_back(
          fmt::format("{} logs in at {}: \"{}\" An emergency call carries {}, {}.", kMovesAbout,
                      desk->mac.to_string(), said, number[0].value("number", ""),
                      number[0].value("label", "")));
      if (number[0].value("number", "") != desk->expected.front()) story_.numbers_follow = false;
    }
    const json sitting = TRY(call(office_, "desk.list"));
    for (const auto& desk : sitting)
      if (desk.value("phone", "") == desks[0]->mac.to_string() &&
          desk.value("extension", "").empty())
        story_.moved = true;
    if (story_.moved)
      story_.desks.push_back(
          fmt::format("and is logged out at {} by that.", desks[0]->mac.to_string()));
    return {};
  }

  // As the phone's browser would: the form, then what is typed. Returns what the screen says.
  Result<std::string> log_in(const PhoneSpec& desk, const std::string& pin) {
    const json link = TRY(call(office_, "desk.link", {{"mac", desk.mac.to_string()}}));
    const std::string url = link.value("url", "");
    const std::string path = url.substr(url.find("/d/"));
    const std::string form = TRY(fetch(desk, path + "login"));
    const std::string mark = "/login/";
    const size_t at = form.find(mark);
    if (at == std::string::npos) return Error(ErrorCode::NotFound, "there is no form: " + form);
    const std::string id = form.substr(at + mark.size(), 24);
    const std::string page =
        TRY(fetch(desk, fmt::format("{}login/{}?ext={}&pin={}", path, id, kMovesAbout, pin)));
    const size_t from = page.find("<p");
    const size_t text = page.find('>', from) + 1;
    return from == std::string::npos ? page : page.substr(text, page.find("</p>") - text);
  }

  Result<std::string> fetch(const PhoneSpec& desk, const std::string& path) {
    storm::HttpClient client(storm_, desk.source);
    storm::HttpRequest request;
    request.server = *office_.target.https;
    request.tls = office_.target.tls;
    request.path = path;
    request.user_agent = "the demo's person";
    std::optional<storm::FetchResult> result;
    client.fetch(std::move(request),
                 [&](storm::FetchResult answer) { result.emplace(std::move(answer)); });
    while (!result) loop_.run_once(milliseconds(100));
    if (result->outcome != storm::FetchResult::Outcome::Found)
      return Error(ErrorCode::Unavailable, "a desk page: " + result->reason);
    return result->body.text();
  }

  static uint16_t port_of(size_t phone) { return uint16_t(5060 + phone); }

  const DemoOffice& office_;
  People people_;
  std::vector<PhoneSpec> phones_;
  storm::StormLoop storm_;
  loop::EventLoop& loop_;
  HotDeskStory story_;
};

}  // namespace

bool HotDeskStory::went_well() const {
  return converted > 0 && forgiven == old_passwords && phones_blocked == 0 &&
         !guesser_stopped.empty() && back == phones && moved && numbers_follow;
}

Result<HotDeskStory> convert_office(const DemoOffice& office, const SampleOffice& sample,
                                    std::vector<PhoneSpec> phones) {
  const auto loop = TRY(loop::EventLoop::create());
  Act act(office, TRY(people_of(sample)), std::move(phones), *loop);
  return act.run(sample);
}

std::string story_text(const HotDeskStory& story) {
  std::string text = fmt::format(
      "Hot desking (there is no PBX here: the demo tells in its place which logins it refused)\n"
      "  {} desk phones are converted in one change; each tries its old password {} times more:\n"
      "  {} refused logins, {} forgiven, {} phones blocked.\n"
      "  Somebody guesses from {}, which is the address of one of them:\n",
      story.converted, kOldTries, story.old_passwords, story.forgiven, story.phones_blocked,
      story.guesser);
  const std::string stopped =
      story.guesser_stopped.empty()
          ? "not stopped at all"
          : fmt::format("stopped after {} tries: {}", story.guesses, story.guesser_stopped);
  for (const auto& line : wrapped(stopped, kStoryWidth)) text += fmt::format("  {}\n", line);
  text += fmt::format("  {} of {} phones have booted again and show whose they are now.\n",
                      story.back, story.phones);
  for (const auto& sentence : story.desks)
    for (const auto& line : wrapped(sentence, kStoryWidth)) text += fmt::format("  {}\n", line);
  return text;
}

}  // namespace stormdoor::edge
