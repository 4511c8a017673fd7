#include "edge/conversions.hpp"

#include <fmt/format.h>

namespace stormdoor::edge {
namespace {

using nlohmann::json;

bool is_over(const hotdesk::ConversionRecord& conversion) {
  return conversion.ended != WallTime::max();
}

std::shared_ptr<const hotdesk::ConversionRecord> find(const hotdesk::Registry& registry,
                                                      uint64_t number) {
  for (auto& conversion : registry.conversions())
    if (conversion->number == number) return conversion;
  return nullptr;
}

std::string time_or_empty(WallTime time) {
  return time == WallTime::max() ? std::string() : format_time(time);
}

json phone_row(const hotdesk::ConversionPhoneRecord& phone) {
  const bool came = phone.step == store::ConversionStep::Back && !phone.extension.empty();
  const auto took =
      came ? std::chrono::duration_cast<seconds>(phone.ended - phone.started).count() : int64_t{-1};
  return {{"phone", phone.mac.to_string()},
          {"step", hotdesk::to_string(phone.step)},
          {"extension", phone.extension},
          {"started", time_or_empty(phone.started)},
          {"ended", time_or_empty(phone.ended)},
          {"seconds", took < 0 ? json(nullptr) : json(took)},
          {"forgiven", phone.forgiven},
          {"old_password_tries", phone.stale},
          {"note", phone.note}};
}

}  // namespace

json conversion_row(const hotdesk::Registry& registry, const hotdesk::ConversionRecord& conversion,
                    bool phones) {
  const auto counts = hotdesk::counts_of(registry, conversion.number);
  json row = {{"number", conversion.number},
              {"location", conversion.location},
              {"at_once", conversion.at_once},
              {"state", is_over(conversion) ? "over"
                        : conversion.paused ? "paused"
                                            : "running"},
              {"opened", format_time(conversion.opened)},
              {"ended", time_or_empty(conversion.ended)},
              {"phones", counts.phones},
              {"waiting", counts.waiting},
              {"away", counts.away},
              {"back", counts.back},
              {"not_back", counts.not_back},
              {"undone", counts.undone},
              {"refused", counts.refused},
              {"forgiven", counts.forgiven},
              {"old_password_tries", counts.stale}};
  if (!phones) return row;
  row["list"] = json::array();
  registry.for_each_conversion_phone(
      conversion.number, [&](const auto& phone) { row["list"].push_back(phone_row(*phone)); });
  return row;
}

std::string sentence_of(const hotdesk::Registry& registry,
                        const hotdesk::ConversionRecord& conversion) {
  const auto counts = hotdesk::counts_of(registry, conversion.number);
  std::string text = fmt::format("conversion {} is over: {} of {} phones are back",
                                 conversion.number, counts.back, counts.phones);
  if (counts.not_back > 0) text += fmt::format(", {} are not", counts.not_back);
  if (counts.refused > 0) text += fmt::format(", {} could not be converted", counts.refused);
  if (counts.undone > 0) text += fmt::format(", {} were left as they were", counts.undone);
  return text + fmt::format("; {} old failures were forgiven", counts.forgiven);
}

Result<void> Conversions::watch(uint64_t number, const Responder& responder) {
  if (watchers_.size() >= kMostWatchers)
    return Error(ErrorCode::ResourceExhausted,
                 "too many shells watch conversions already; \"stormdoor conversions\" tells");
  const uint64_t id = next_watcher_++;
  watchers_.emplace(id, Watcher{number, responder, {}});
  responder.on_gone([this, id] { watchers_.erase(id); });
  tell();
  return {};
}

void Conversions::tell() {
  const auto registry = office_.registry();
  std::map<uint64_t, bool> now;
  for (const auto& conversion : registry->conversions()) {
    const bool over = is_over(*conversion);
    now[conversion->number] = over;
    const auto before = known_.find(conversion->number);
    if (over && began_ && (before == known_.end() || !before->second))
      office_.events().add({.time = office_.now().wall,
                            .kind = "conversion",
                            .text = sentence_of(*registry, *conversion),
                            .source = {},
                            .phone = {},
                            .extension = {}});
  }
  known_ = std::move(now);
  began_ = true;
  for (auto at = watchers_.begin(); at != watchers_.end();) {
    Watcher& watcher = at->second;
    const auto conversion = find(*registry, watcher.number);
    const bool over = !conversion || is_over(*conversion);
    auto response = ControlResponse::done(
        "", conversion ? conversion_row(*registry, *conversion, over) : json(nullptr));
    response.more = !over;
    const std::string text = response.encode();
    const bool is_news = std::exchange(watcher.told, text) != text;
    const Responder responder = watcher.responder;
    at = over ? watchers_.erase(at) : std::next(at);
    if (is_news) responder.respond(response);
  }
}

}  // namespace stormdoor::edge
