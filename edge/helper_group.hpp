#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "edge/child.hpp"
#include "edge/child_policy.hpp"
#include "edge/messages.hpp"

namespace stormdoor::edge {

// The helpers that the parent starts beside the server: stormdoor-watch, stormdoor-enforce, both or
// none. They are connected to the server and to each other by packet channels that are made anew at
// every start, so they live and die together: when one of them or the server ends, the others are
// ended too, and all begin again. What they enforce stays in force meanwhile: it is the kernel's.
// They are ended by closing their channels; who is still there after kPatience is killed.
//
// Descriptor 3 of a helper leads to the server, 4 to the other helper (absent when it is alone).
// In the parent, on its one thread.
class HelperGroup {
 public:
  static constexpr milliseconds kPatience{1'000};

  // The order is that of `programs`; at most two.
  explicit HelperGroup(std::vector<ChildProgram> programs, milliseconds patience = kPatience);
  ~HelperGroup();
  HelperGroup(const HelperGroup&) = delete;
  HelperGroup& operator=(const HelperGroup&) = delete;

  using Send = std::function<void(const Message&)>;
  // Starts all of them if it is time and they do not run; the server gets its ends by `send`.
  void start_if_due(SteadyTime now, const Send& send);
  // The server says that this one works, or that it is silent.
  void on_ready(std::string_view name, SteadyTime now);
  void on_silent(std::string_view name, SteadyTime now);
  // Whoever has ended is reaped; the others are ended.
  void reap(SteadyTime now);
  void end_all(SteadyTime now);

  // When start_if_due() has something to do; nothing while they run or when there are none.
  [[nodiscard]] std::optional<SteadyTime> due() const;

 private:
  struct Helper {
    ChildProgram program;
    ChildPolicy policy;
    pid_t pid = -1;
    UniqueFd channel;  // the helper's own end to the server, to close it for both
  };
  Result<void> start_all(const Send& send, SteadyTime now);
  void ended(Helper& helper, int status, SteadyTime now);

  std::vector<Helper> helpers_;
  milliseconds patience_;
  SteadyTime start_at_{};
  bool running_ = false;
};

}  // namespace stormdoor::edge
