#pragma once

#include <string>

#include "edge/messages_watch.hpp"

namespace stormdoor::edge::watch {

// One line for people, without the line's end, for `stormdoor-watch --read FILE --print`. Foreign
// text is made printable.
[[nodiscard]] std::string to_text(const BindingSeen& seen);
[[nodiscard]] std::string to_text(const SipOutcome& outcome);
[[nodiscard]] std::string to_text(const CallSeen& call);
[[nodiscard]] std::string to_text(const WatchCounters& counters);
[[nodiscard]] std::string to_text(const WatchAlive& alive);

}  // namespace stormdoor::edge::watch
