#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "acl/guard.hpp"
#include "base/loop/event_loop.hpp"
#include "edge/call_book.hpp"
#include "edge/disk_thread.hpp"
#include "edge/event_feed.hpp"
#include "edge/notifier.hpp"
#include "edge/pbx_config.hpp"
#include "edge/phone_activity.hpp"
#include "edge/phone_reach.hpp"
#include "edge/phone_restarts.hpp"
#include "edge/restart_config.hpp"
#include "hotdesk/registry.hpp"
#include "tftp-http/profile_set.hpp"

namespace stormdoor::edge {

// What a phone of this profile is told, but for its name and place: the NOTIFY for this, else the
// one for the other (most phones know one for both). No event: there is none.
[[nodiscard]] SipNotify notify_for(const http::PhoneProfile::Reprovision& reprovision,
                                   RestartHow how);

// Tells phones to fetch their configuration again: finds the ways to each, tries one after the
// other, remembers what came of it, tells those that are not back once more. Main thread only; the
// command runs on a thread of its own, for one phone after the other.
class Restarter {
 public:
  // What it borrows, for as long as it lives.
  struct World {
    loop::EventLoop& loop;
    acl::Guard& guard;
    EventFeed& events;
    const PhoneActivity& activity;
    std::function<std::shared_ptr<const hotdesk::Registry>()> registry;
    std::function<std::shared_ptr<const http::ProfileSet>()> profiles;
    // What keeps a phone from being told now: a call that must not be cut off.
    std::function<std::optional<PhoneHold>(const MacAddress&)> hold;
  };
  // As many phones as can be remembered.
  static constexpr size_t kMostPhones = 200'000;

  Restarter(World world, const RestartConfig& config, const PbxConfig& pbx);

  // `excused`: a change took something from them and opened their leases.
  void tell(std::span<const MacAddress> phones, RestartHow how, bool excused);
  // Phones whose leases were open when we started.
  void resume(std::span<const MacAddress> phones);
  // Every second or so.
  void tick();

  // What became of them.
  [[nodiscard]] PhoneRestarts& restarts() { return restarts_; }
  [[nodiscard]] const PhoneRestarts& restarts() const { return restarts_; }

 private:
  using Ways = std::deque<PhoneWay>;
  void tell_due();
  [[nodiscard]] PhoneWhereabouts whereabouts_of(const MacAddress& mac, RestartHow how) const;
  void try_next(const MacAddress& mac, RestartHow how, Ways ways, std::string trouble);
  Result<void> notify(const MacAddress& mac, RestartHow how, const Ways& ways);
  void on_answer(const MacAddress& mac, RestartHow how, Ways ways,
                 const std::optional<SipAnswer>& answer);
  void run_next_command();
  void note_told(const MacAddress& mac, const PhoneWay& way);
  void tell_people();

  World world_;
  RestartConfig config_;
  ReachTerms terms_;
  PhoneRestarts restarts_;
  Notifier notifier_;
  struct Command {
    MacAddress mac;
    PhoneWay way;
  };
  std::deque<Command> commands_;  // waiting; the first one runs
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  DiskThread hooks_;  // last: it finishes before anything it uses goes
};

}  // namespace stormdoor::edge
