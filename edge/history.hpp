#pragma once

#include <string>
#include <string_view>

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

}  // namespace stormdoor::edge
