#include "edge/enforce/sandbox.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <vector>

namespace stormdoor::edge::enforce {
namespace {

Result<void> become(const std::string& user) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  const int failure = getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (failure != 0) return system_error(fmt::format("look up the user {}", user), failure);
  if (found == nullptr)
    return Error(ErrorCode::NotFound, fmt::format("there is no user \"{}\"", user));
  if (getuid() == entry.pw_uid && geteuid() == entry.pw_uid) return {};
  if (setgroups(0, nullptr) != 0) return system_error("drop supplementary groups", errno);
  if (setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid) != 0)
    return system_error("change the group", errno);
  if (setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid) != 0)
    return system_error("change the user", errno);
  return {};
}

Result<void> set_capabilities(uint32_t mask) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  data[0].effective = data[0].permitted = mask;
  if (syscall(SYS_capset, &header, data.data()) != 0)
    return system_error("give up capabilities", errno);
  return {};
}

void drop_bounding_set() {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    if (capability != CAP_NET_ADMIN) (void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_KILL_PROCESS)) {}
  ~Filter() { seccomp_release(context_); }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  void allow(std::initializer_list<int> calls) {
    for (const int call : calls) keep(seccomp_rule_add(context_, SCMP_ACT_ALLOW, call, 0));
  }
  void allow_if(int call, const scmp_arg_cmp& condition) {
    keep(seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, 1, &condition));
  }
  Result<void> load() {
    keep(seccomp_load(context_));
    if (failure_ != 0) return system_error("load the system call filter", -failure_);
    return {};
  }

 private:
  void keep(int failure) {
    if (failure_ == 0 && failure != 0) failure_ = failure;
  }
  scmp_filter_ctx context_;
  int failure_ = 0;
};

}  // namespace

Result<void> keep_only_net_admin(const std::string& user) {
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return system_error("keep capabilities", errno);
  drop_bounding_set();
  if (!user.empty()) TRY(become(user));
  TRY(set_capabilities(1U << CAP_NET_ADMIN));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("set no_new_privs", errno);
  STORMDOOR_CHECK(user.empty() || user == "root" || setuid(0) != 0,
                  "privileges once dropped do not come back");
  return {};
}

Result<void> enter_sandbox() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return {};
#else
  Filter filter;
  filter.allow({SCMP_SYS(read),
                SCMP_SYS(write),
                SCMP_SYS(writev),
                SCMP_SYS(close),
                SCMP_SYS(poll),
                SCMP_SYS(ppoll),
                SCMP_SYS(select),
                SCMP_SYS(pselect6),
                SCMP_SYS(recvmsg),
                SCMP_SYS(recvfrom),
                SCMP_SYS(sendmsg),
                SCMP_SYS(sendto),
                SCMP_SYS(bind),
                SCMP_SYS(getsockname),
                SCMP_SYS(getsockopt),
                SCMP_SYS(setsockopt),
                SCMP_SYS(munmap),
                SCMP_SYS(mremap),
                SCMP_SYS(brk),
                SCMP_SYS(madvise),
                SCMP_SYS(futex),
                SCMP_SYS(clock_gettime),
                SCMP_SYS(gettimeofday),
                SCMP_SYS(time),
                SCMP_SYS(getpid),
                SCMP_SYS(gettid),
                SCMP_SYS(getuid),
                SCMP_SYS(geteuid),
                SCMP_SYS(exit),
                SCMP_SYS(exit_group),
                SCMP_SYS(rt_sigreturn),
                SCMP_SYS(rt_sigaction),
                SCMP_SYS(rt_sigprocmask),
                SCMP_SYS(tgkill),
                SCMP_SYS(restart_syscall),
                SCMP_SYS(fstat),
                SCMP_SYS(newfstatat),
                SCMP_SYS(lseek),
                SCMP_SYS(fcntl),
                SCMP_SYS(getrandom),
                SCMP_SYS(pread64),
                SCMP_SYS(pwrite64),
                SCMP_SYS(ftruncate),
                SCMP_SYS(sync_file_range),
                SCMP_SYS(sched_yield)});
  const int writes = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  filter.allow_if(SCMP_SYS(socket), {0, SCMP_CMP_EQ, AF_NETLINK, 0});
  filter.allow_if(SCMP_SYS(openat), {2, SCMP_CMP_MASKED_EQ, scmp_datum_t(writes), 0});
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    filter.allow_if(call, {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0});
  return filter.load();
#endif
}

}  // namespace stormdoor::edge::enforce
