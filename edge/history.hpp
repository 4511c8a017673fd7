#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "acl/story_of.hpp"
#include "edge/event_feed.hpp"

namespace stormdoor::edge {

// Whom an administrator means: an address, a MAC, or else an extension.
[[nodiscard]] acl::Subject subject_named(const std::string& text);
[[nodiscard]] bool is_anybody(const acl::Subject& subject);
// Whether a live event is part of the subject's story.
[[nodiscard]] bool is_about(const Event& event, const acl::Subject& subject);

// A live event as the shell and the API show it.
[[nodiscard]] nlohmann::json event_row(uint64_t number, const Event& event);
// One of the journal, in the same words; without a number.
[[nodiscard]] nlohmann::json event_row(const acl::JournalEvent& event);
// The last `most` of both, oldest first: what the journal tells, and those of the live events of
// which it knows nothing (changes, logins at desks, restarts).
[[nodiscard]] nlohmann::json merged_rows(const std::vector<acl::JournalEvent>& journal,
                                         const std::vector<std::pair<uint64_t, Event>>& live,
                                         size_t most);

}  // namespace stormdoor::edge
