#include "edge/privileges.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace stormdoor::edge {

Result<Identity> find_account(const std::string& user) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  const int failure = getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (failure != 0) return system_error(fmt::format("look up the user {}", user), failure);
  if (found == nullptr)
    return Error(ErrorCode::NotFound,
                 fmt::format("there is no user \"{0}\" to run as; make one with "
                             "\"adduser --system --group --no-create-home {0}\"",
                             user));
  return Identity{entry.pw_uid, entry.pw_gid};
}

Result<void> become(const Identity& identity) {
  if (getuid() == identity.uid && geteuid() == identity.uid) return {};
  if (setgroups(0, nullptr) != 0) return system_error("drop supplementary groups", errno);
  if (setresgid(identity.gid, identity.gid, identity.gid) != 0)
    return system_error("change the group", errno);
  if (setresuid(identity.uid, identity.uid, identity.uid) != 0)
    return system_error("change the user", errno);
  STORMDOOR_CHECK(identity.uid == 0 || setuid(0) != 0, "privileges once dropped do not come back");
  return {};
}

Result<void> harden_process() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("set no_new_privs", errno);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return system_error("forbid core dumps", errno);
  return {};
}

size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  (void)getrlimit(RLIMIT_NOFILE, &limit);
  return size_t(limit.rlim_cur);
}

}  // namespace stormdoor::edge
