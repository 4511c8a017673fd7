#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop/event_loop.hpp"
#include "edge/app_installs.hpp"
#include "edge/app_upload.hpp"
#include "edge/disk_thread.hpp"
#include "edge/event_feed.hpp"
#include "edge/phone_activity.hpp"
#include "edge/phone_app_config.hpp"
#include "hotdesk/registry.hpp"
#include "tftp-http/profile_set.hpp"

namespace stormdoor::edge {

// A phone that is to have an app, and how far that is.
struct PhoneAppRow {
  MacAddress phone;
  std::string model;
  std::string location;
  std::string wanted, installed;  // versions
  std::string state;              // a sentence
  std::optional<IpAddress> address;
};

// Gives hot-desk phones that run apps theirs, once they have fetched their configuration: at the
// address that it was delivered to whole, so that whoever is there has the password already, unless
// another phone was last seen there as well (behind one address there may be anybody). Main thread
// only; kAtOnce threads of its own wait for phones. An end while phones are being sent to is an end
// within a second.
class AppPusher {
 public:
  static constexpr size_t kAtOnce = 4;
  static constexpr size_t kMostPhones = 200'000;

  // What it borrows, for as long as it lives.
  struct World {
    loop::EventLoop& loop;
    EventFeed& events;
    const PhoneActivity& activity;
    std::function<std::shared_ptr<const hotdesk::Registry>()> registry;
    std::function<std::shared_ptr<const http::ProfileSet>()> profiles;
  };
  // `kept`: what take_text() gave before we were last stopped.
  AppPusher(World world, const PhoneAppConfig& config, std::string_view kept);
  ~AppPusher();

  // A phone's own configuration was delivered there, whole.
  void note_fetched(const MacAddress& mac, const IpAddress& address);
  void profiles_changed();
  void tick();  // every second or so

  // By hand: soon, whatever it has. Why not, as a sentence.
  Result<void> push(const MacAddress& mac);

  // What the phone's own menus ask for.
  [[nodiscard]] Result<Secret> password_of(const MacAddress& mac) const;

  // Every phone that is to have an app, in the registry's order.
  [[nodiscard]] std::vector<PhoneAppRow> rows() const;
  struct Count {
    size_t wanted = 0, installed = 0;
  };
  [[nodiscard]] Count count() const;
  // For a file that outlives a restart; nothing when it did not change.
  [[nodiscard]] std::optional<std::string> take_text() { return installs_.take_text(); }

 private:
  struct Line {
    DiskThread thread;
    bool busy = false;
  };
  [[nodiscard]] std::shared_ptr<const http::PhoneApp> app_of(const MacAddress& mac) const;
  [[nodiscard]] std::string wanted(const MacAddress& mac) const;
  [[nodiscard]] Result<void> runs_an_app(const MacAddress& mac) const;
  [[nodiscard]] Result<AppUploader::Upload> upload_to(const MacAddress& mac) const;
  void send(Line& line, const MacAddress& mac);
  void note_sent(const MacAddress& mac, const std::string& version, const Result<void>& done);
  void note_trouble(const MacAddress& mac, const std::string& trouble);

  World world_;
  PhoneAppConfig config_;
  AppInstalls installs_;
  AppUploader uploader_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::atomic<bool> stop_ = false;
  std::array<Line, kAtOnce> lines_;  // last: they finish before anything they use goes
};

}  // namespace stormdoor::edge
