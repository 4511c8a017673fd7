#include "edge/user_name.hpp"

#include <fmt/format.h>
#include <pwd.h>

#include <array>
#include <cstdio>
#include <memory>

#include "base/text.hpp"

namespace stormdoor::edge {

std::string user_name(uid_t uid, const std::string& passwd_file) {
  const auto close = [](FILE* file) { fclose(file); };
  const std::unique_ptr<FILE, decltype(close)> file(fopen(passwd_file.c_str(), "re"), close);
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  while (file && fgetpwent_r(file.get(), &entry, room.data(), room.size(), &found) == 0)
    if (found->pw_uid == uid) return printable(found->pw_name, 40);
  return fmt::format("uid {}", uid);
}

}  // namespace stormdoor::edge
