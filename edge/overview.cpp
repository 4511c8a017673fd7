#include "edge/overview.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "acl/service.hpp"
#include "base/text.hpp"
#include "hotdesk/conversion_run.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

constexpr milliseconds kRemembered{1'000};
constexpr size_t kMostStale = 1'000;
constexpr size_t kMostNamed = 5;  // of one kind; more are one sentence
constexpr milliseconds kConversionShown = std::chrono::hours(24);

void forget_before(std::map<std::string, SteadyTime>& seen, SteadyTime then) {
  std::erase_if(seen, [&](const auto& entry) { return entry.second < then; });
}

std::string plural(size_t count, const char* one, const char* many) {
  return count == 1 ? fmt::format("1 {}", one) : fmt::format("{} {}", count, many);
}

json item(const char* kind, std::string text, std::string link) {
  return {{"kind", kind}, {"text", std::move(text)}, {"link", std::move(link)}};
}

}  // namespace

const std::array<Overview::Source, Overview::kSources> Overview::kSourcesShown = {{
    {"tftp_requests", "per second", true},
    {"http_requests", "per second", true},
    {"tftp_bytes", "bytes per second", true},
    {"http_bytes", "bytes per second", true},
    {"phones_booting", "phones", false},
    {"failures", "per second", true},
    {"blocks", "in force", false},
}};

void Overview::note_served(const MacAddress& phone, SteadyTime now) {
  if (served_.size() >= kMostPhones && !served_.contains(phone))
    std::erase_if(served_, [&](const auto& entry) { return now - entry.second >= kBoots; });
  if (served_.size() < kMostPhones || served_.contains(phone)) served_[phone] = now;
}

void Overview::note_stale(const std::string& who, SteadyTime now) {
  if (stale_.size() >= kMostStale) forget_before(stale_, now - kStaleShown);
  if (stale_.size() < kMostStale || stale_.contains(who)) stale_[who] = now;
}

std::array<double, Overview::kSources> Overview::read(Now now) const {
  const auto sum = [&](std::initializer_list<std::pair<const char*, MetricLabels>> metrics) {
    double total = 0;
    for (const auto& [name, labels] : metrics) total += metrics_.value(name, labels).value_or(0);
    return total;
  };
  constexpr const char* kTftp = "stormdoor_tftp_requests_total";
  return {sum({{kTftp, {{"result", "found"}}},
               {kTftp, {{"result", "not-found"}}},
               {kTftp, {{"result", "refused"}}},
               {kTftp, {{"result", "busy"}}}}),
          sum({{"stormdoor_http_requests_total", {}}}),
          sum({{"stormdoor_tftp_sent_bytes_total", {}}}),
          sum({{"stormdoor_http_sent_bytes_total", {}}}),
          double(booting(now.steady)),
          double(office_.guard().counters().failures),
          double(office_.guard().blocks(now).size())};
}

size_t Overview::booting(SteadyTime now) const {
  return size_t(std::ranges::count_if(
      served_, [&](const auto& entry) { return now - entry.second < kBoots; }));
}

void Overview::sample(Now now) {
  std::erase_if(served_, [&](const auto& entry) { return now.steady - entry.second >= kBoots; });
  const auto read_now = read(now);
  Point point;
  point.second = std::chrono::floor<seconds>(now.wall).time_since_epoch().count();
  const double passed = std::chrono::duration<double>(now.steady - sampled_).count();
  for (size_t i = 0; i < kSources; ++i) {
    const bool grows = kSourcesShown[i].per_second;
    if (!grows)
      point.values[i] = read_now[i];
    else if (before_ && passed > 0)
      point.values[i] = std::max(0.0, std::round((read_now[i] - (*before_)[i]) / passed * 10) / 10);
  }
  before_ = read_now;
  sampled_ = now.steady;
  points_.push_back(point);
  if (points_.size() > kPoints) points_.pop_front();
}

json Overview::answer(Now now) {
  if (remembered_.is_null() || now.steady - remembered_at_ >= kRemembered) {
    remembered_ = make(now);
    remembered_at_ = now.steady;
  }
  return remembered_;
}

json Overview::make(Now now) const {
  json answer = json::object();
  json attention = json::array();
  const std::string health = health_();
  for (const auto line : split(health, '\n'))
    if (!line.empty()) attention.push_back(item("health", std::string(line), "/system"));
  add_conversions(attention, now);
  add_phones(answer, attention, now);
  add_stale(attention, now);
  add_blocks(answer, attention, now);
  answer["attention"] = std::move(attention);
  answer["series"] = series();
  return answer;
}

json Overview::series() const {
  json all = json::array();
  for (size_t i = 0; i < kSources; ++i) {
    json points = json::array();
    for (const Point& point : points_) points.push_back({point.second, point.values[i]});
    all.push_back({{"name", kSourcesShown[i].name},
                   {"unit", kSourcesShown[i].unit},
                   {"points", std::move(points)}});
  }
  return all;
}

void Overview::add_conversions(json& attention, Now now) const {
  for (const auto& conversion : office_.registry()->conversions()) {
    const bool over = conversion->ended != WallTime::max();
    if (over && now.wall - conversion->ended > kConversionShown) continue;
    const auto counts = hotdesk::counts_of(*office_.registry(), conversion->number);
    if (counts.not_back > 0)
      attention.push_back(
          item("not-back",
               fmt::format("{} not back from conversion {}",
                           plural(counts.not_back, "phone is", "phones are"), conversion->number),
               fmt::format("/conversions/{}", conversion->number)));
    if (counts.refused > 0)
      attention.push_back(item(
          "not-converted",
          fmt::format("{} not be converted in conversion {}",
                      plural(counts.refused, "phone could", "phones could"), conversion->number),
          fmt::format("/conversions/{}", conversion->number)));
  }
}

void Overview::add_phones(json& answer, json& attention, Now now) const {
  size_t desk = 0, hot_desk = 0, unassigned = 0, seen = 0, restarting = 0;
  std::vector<std::string> by_hand;
  office_.registry()->for_each_phone([&](const auto& phone) {
    desk += phone->role == store::PhoneRole::Desk ? 1 : 0;
    hot_desk += phone->role == store::PhoneRole::HotDesk ? 1 : 0;
    unassigned += phone->role == store::PhoneRole::Unassigned ? 1 : 0;
    seen += office_.activity().of(phone->mac) != nullptr ? 1 : 0;
    const auto* restart = office_.restart_of(phone->mac);
    if (restart == nullptr || restart->back) return;
    ++restarting;
    if (restart->by_hand) by_hand.push_back(phone->mac.to_string());
  });
  const auto misplaced = office_.misplaced().list();
  answer["phones"] = {{"total", office_.registry()->phone_count()},
                      {"desk", desk},
                      {"hot_desk", hot_desk},
                      {"unassigned", unassigned},
                      {"logged_in", office_.registry()->session_count()},
                      {"seen", seen},
                      {"booting", booting(now.steady)},
                      {"restarting", restarting},
                      {"by_hand", by_hand.size()},
                      {"misplaced", misplaced.size()}};
  if (by_hand.size() > kMostNamed)
    attention.push_back(item("restart-by-hand",
                             fmt::format("{} phones have to be restarted by hand", by_hand.size()),
                             "/setup/phones/desk-phones?role=all&restart=by-hand"));
  else
    for (const auto& mac : by_hand)
      attention.push_back(
          item("restart-by-hand", mac + " has to be restarted by hand", "/phones/" + mac));
  if (misplaced.size() > kMostNamed)
    attention.push_back(item("misplaced",
                             fmt::format("{} phones are out of their place", misplaced.size()),
                             "/misplaced"));
  else
    for (const auto& entry : misplaced)
      attention.push_back(
          item("misplaced",
               fmt::format("{} asks from {}, which is no network of {}", entry.phone.to_string(),
                           entry.address.to_string(), entry.location),
               "/phones/" + entry.phone.to_string()));
}

void Overview::add_stale(json& attention, Now now) const {
  std::vector<std::string> recent;
  for (const auto& [who, when] : stale_)
    if (now.steady - when < kStaleShown) recent.push_back(who);
  if (recent.size() > kMostNamed) {
    attention.push_back(item(
        "stale", fmt::format("{} phones still use a secret that they had before", recent.size()),
        "/security/events?kind=stale-phone"));
    return;
  }
  for (const auto& who : recent)
    attention.push_back(item("stale", who + " still uses a secret that it had before",
                             MacAddress::parse(who) ? "/phones/" + who : "/events"));
}

void Overview::add_blocks(json& answer, json& attention, Now now) const {
  const auto blocks = office_.guard().blocks(now);
  answer["blocks"] = blocks.size();
  std::vector<const store::BlockRecord*> made;
  for (const auto& block : blocks)
    if (!block.by_administrator) made.push_back(&block);
  if (made.size() > kMostNamed) {
    attention.push_back(
        item("blocked", fmt::format("{} sources are refused", made.size()), "/blocks"));
    return;
  }
  for (const auto* block : made) {
    const bool single = block->source.length() == (block->source.is_v4() ? 32 : 128);
    const std::string source =
        single ? block->source.address().to_string() : block->source.to_string();
    attention.push_back(item(
        "blocked",
        fmt::format("{}{} is refused for {}: {}",
                    block->account.empty() ? "" : printable(block->account, 40) + " from ", source,
                    acl::to_string(static_cast<acl::Service>(block->service)), block->reason),
        "/blocks"));
  }
}

}  // namespace stormdoor::edge
