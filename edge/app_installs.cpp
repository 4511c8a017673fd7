#include "edge/app_installs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace stormdoor::edge {
namespace {

using std::chrono_literals::operator""h;

constexpr milliseconds kMostWait = 24h;
constexpr size_t kVersionDigits = 16;

std::string in(WallTime then, WallTime now) {
  return format_duration(
      std::max(std::chrono::ceil<std::chrono::seconds>(then - now), std::chrono::seconds{0}));
}

std::string times(unsigned count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

bool is_version(std::string_view text) {
  return text.size() == kVersionDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string describe(const AppInstall* install, std::string_view wanted, WallTime now) {
  if (install && install->sending) return "being sent";
  if (install && install->installed == wanted && !install->due) return "installed";
  if (!install || !install->address) return "waits until it fetches its configuration";
  if (install->given_up)
    return fmt::format("given up after {}: {}", times(install->attempts), install->trouble);
  if (install->due && install->attempts > 0)
    return fmt::format("tried {}, again in {}: {}", times(install->attempts),
                       in(*install->due, now), install->trouble);
  if (install->due) return fmt::format("to be sent in {}", in(*install->due, now));
  return install->installed.empty() ? "not sent: push is off" : "an older one: push is off";
}

void AppInstalls::plan(const MacAddress& mac, AppInstall& install, WallTime due) {
  if (install.due) due_.erase({*install.due, mac});
  install.due = due;
  due_.emplace(due, mac);
}

void AppInstalls::note_fetched(const MacAddress& mac, const IpAddress& address,
                               std::string_view wanted, bool by_itself, WallTime now) {
  AppInstall& install = phones_[mac];
  install.address = address;
  if (!by_itself || install.sending || install.installed == wanted) return;
  if (std::exchange(install.given_up, false)) install.attempts = 0;
  plan(mac, install, now + pace_.after);
}

bool AppInstalls::push(const MacAddress& mac, WallTime now) {
  AppInstall* install = phones_.find(mac);
  if (!install || !install->address || install->sending) return false;
  install->attempts = 0;
  install->given_up = false;
  plan(mac, *install, now);
  return true;
}

void AppInstalls::want(const std::function<std::string(const MacAddress&)>& wanted, WallTime now) {
  std::vector<MacAddress> outdated;
  phones_.for_each([&](const MacAddress& mac, const AppInstall& install) {
    if (!install.address || install.sending) return;
    const std::string version = wanted(mac);
    if (!version.empty() && install.installed != version) outdated.push_back(mac);
  });
  for (const MacAddress& mac : outdated) {
    AppInstall& install = *phones_.find(mac);
    install.attempts = 0;
    install.given_up = false;
    plan(mac, install, now + pace_.after);
  }
}

std::vector<MacAddress> AppInstalls::take_due(WallTime now, size_t most) {
  std::vector<MacAddress> all;
  while (all.size() < most && !due_.empty() && due_.begin()->first <= now) {
    const auto [due, mac] = *due_.begin();
    due_.erase(due_.begin());
    AppInstall* install = phones_.find(mac);
    if (!install || install->due != due) continue;  // forgotten for want of room
    install->due.reset();
    install->sending = true;
    ++install->attempts;
    all.push_back(mac);
  }
  return all;
}

AppInstall* AppInstalls::sent_to(const MacAddress& mac) {
  AppInstall* install = phones_.find(mac);
  if (!install || !install->sending) return nullptr;
  install->sending = false;
  return install;
}

void AppInstalls::note_installed(const MacAddress& mac, std::string version) {
  AppInstall* install = sent_to(mac);
  if (!install) return;
  install->installed = std::move(version);
  changed_ = true;
  install->attempts = 0;
  install->trouble.clear();
}

bool AppInstalls::note_trouble(const MacAddress& mac, std::string trouble, WallTime now) {
  AppInstall* install = sent_to(mac);
  if (!install) return false;
  install->trouble = std::move(trouble);
  if (install->attempts > pace_.retries) return install->given_up = true;
  milliseconds wait = pace_.again_after;
  for (unsigned i = 1; i < install->attempts && wait < kMostWait; ++i) wait *= 2;
  plan(mac, *install, now + std::min(wait, kMostWait));
  return false;
}

void AppInstalls::note_unwanted(const MacAddress& mac) {
  if (AppInstall* install = sent_to(mac)) install->attempts = 0;
}

std::optional<std::string> AppInstalls::take_text() {
  if (!std::exchange(changed_, false)) return {};
  std::string text;
  phones_.for_each([&](const MacAddress& mac, const AppInstall& install) {
    if (!install.installed.empty())
      text += fmt::format("{} {}\n", mac.to_string(), install.installed);
  });
  return text;
}

void AppInstalls::restore(std::string_view text) {
  size_t lines = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (lines >= phones_.capacity()) return;
    const size_t space = std::min(line.find(' '), line.size());
    const auto mac = MacAddress::parse(line.substr(0, space));
    const std::string_view version = line.substr(std::min(space + 1, line.size()));
    if (!mac || !is_version(version)) continue;
    phones_[*mac].installed = version;
    ++lines;
  }
}

}  // namespace stormdoor::edge
