#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "acl/verdict.hpp"
#include "edge/enforcement.hpp"
#include "edge/messages_watch.hpp"

namespace stormdoor::edge {

// What the guard intends, in the words of the helpers. Pure; main thread.
//
// In the kernel: sip, which passes us by, and portal and api. Provisioning and desk logins are
// refused at our own listeners, where the refusal can say why (promise 6) and a phone that proves
// itself still gets its files (promise 5). A source of which only accounts are refused is
// contested: its SIP packets outside registered flows are judged one by one by stormdoor-watch,
// which has to know the accounts.
class EnforcementPlan {
 public:
  struct Steps {
    std::vector<EnforceBatch::Op> elements;
    std::vector<EnforceFlows::Op> flows;
    std::vector<WatchBlame> blames;
  };
  Steps steps(const std::vector<acl::EnforcementChange>& changes, WallTime now);

  // All of it; and what the watch has to unlearn and learn, because blocks that have run out are
  // not told as steps.
  struct Whole {
    Enforcement::Contents contents;
    std::vector<WatchBlame> blames;
  };
  Whole all(const acl::Enforcement& intended, WallTime now);
  // For a watch that has just started.
  [[nodiscard]] std::vector<WatchBlame> blames() const;

  [[nodiscard]] static bool in_kernel(acl::Service service) {
    return service == acl::Service::Sip || service == acl::Service::Portal ||
           service == acl::Service::Api;
  }

 private:
  void refuse(const acl::Refusal& refusal, WallTime now, Steps& steps);
  void release(const acl::Refusal& refusal, Steps& steps);

  std::map<IpPrefix, std::set<std::string>> contested_;
};

}  // namespace stormdoor::edge
