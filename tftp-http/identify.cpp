#include "tftp-http/identify.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace stormdoor::http {
namespace {

constexpr size_t kMostToken = 128;

void skip_slashes(std::string_view& path) {
  while (path.starts_with('/')) path.remove_prefix(1);
}

// The first segment when something follows it.
std::optional<std::string_view> first_folder(std::string_view path) {
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {};
  return path.substr(0, slash);
}

void leave_folder(std::string_view& path, std::string_view folder) {
  path.remove_prefix(folder.size());
  skip_slashes(path);
}

bool readable_path(std::string_view path) {
  if (path.empty() || path.size() > Pattern::kMostText) return false;
  if (path.find("..") != std::string_view::npos) return false;
  return std::ranges::none_of(
      path, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; });
}

const PhoneProfile* profile_of_folder(const Profiles& profiles, std::string_view folder) {
  for (const auto& profile : profiles)
    for (const std::string& own : profile->folders)
      if (equals_ignoring_case(own, folder)) return profile.get();
  return nullptr;
}

void read_agent(const Profiles& profiles, std::string_view text, Identified& found) {
  if (text.empty()) return;
  text = text.substr(0, Pattern::kMostText);
  for (const auto& profile : profiles) {
    for (const PhoneProfile::Agent& agent : profile->agents) {
      const auto match = agent.pattern.match(text);
      if (!match) continue;
      found.agent = profile.get();
      found.in_agent = *match;
      return;
    }
  }
}

void read_file(const PhoneProfile& profile, std::string_view file, Identified& found) {
  for (const FilePattern& pattern : profile.files) {
    const auto match = pattern.ask.match(file);
    if (!match) continue;
    found.candidates.push_back({&profile, &pattern, *match});
    if (!found.mac) found.mac = match->mac;
    return;
  }
}

const Candidate* likeliest(const Identified& found) {
  if (found.folder) return found.as(found.folder->vendor);
  if (found.agent)
    if (const Candidate* own = found.as(found.agent->vendor)) return own;
  const auto owner = std::ranges::find_if(found.candidates, [](const Candidate& candidate) {
    return candidate.in_path.mac && candidate.profile->owns(*candidate.in_path.mac);
  });
  if (owner != found.candidates.end()) return &*owner;
  // What is ordinarily absent for one vendor may be another's file.
  const Candidate* only = nullptr;
  for (const Candidate& candidate : found.candidates) {
    if (candidate.file->role == FileRole::Ordinary) continue;
    if (only) return nullptr;
    only = &candidate;
  }
  return only;
}

}  // namespace

std::optional<RequestPath> take_apart(std::string_view path) {
  if (!readable_path(path)) return {};
  RequestPath parts;
  skip_slashes(path);
  auto folder = first_folder(path);
  if (folder == "p") {
    leave_folder(path, *folder);
    folder = first_folder(path);
    if (!folder || folder->empty() || folder->size() > kMostToken) return {};
    parts.token = *folder;
    leave_folder(path, *folder);
  } else if (folder && equals_ignoring_case(*folder, "prov")) {
    leave_folder(path, *folder);
  }
  if (path.empty()) return {};
  parts.file = path;
  return parts;
}

const Candidate* Identified::as(std::string_view vendor) const {
  const auto found = std::ranges::find_if(
      candidates, [&](const Candidate& candidate) { return candidate.profile->vendor == vendor; });
  return found == candidates.end() ? nullptr : &*found;
}

std::optional<Identified> identify(const Profiles& profiles, std::string_view path,
                                   std::string_view user_agent) {
  const auto parts = take_apart(path);
  if (!parts) return {};
  Identified found;
  found.path = *parts;
  found.tree_name = parts->file;
  if (const auto folder = first_folder(parts->file)) {
    found.folder = profile_of_folder(profiles, *folder);
    if (found.folder) leave_folder(found.tree_name, *folder);
  }
  read_agent(profiles, user_agent, found);
  if (found.folder) {
    read_file(*found.folder, found.tree_name, found);
  } else {
    for (const auto& profile : profiles) read_file(*profile, found.tree_name, found);
  }
  found.claimed = likeliest(found);
  return found;
}

}  // namespace stormdoor::http
