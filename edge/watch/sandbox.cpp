#include "edge/watch/sandbox.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <net/if.h>
#include <pwd.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <memory>

namespace stormdoor::edge::watch {
namespace {

constexpr int kMostCapabilities = 64;

Result<void> drop_capabilities() {
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return system_error("clear the ambient capabilities", errno);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  if (syscall(SYS_capset, &header, none.data()) != 0)
    return system_error("drop the capabilities", errno);
  return {};
}

// What could be had again by running a program; needs a capability itself.
Result<void> empty_bounding_set() {
  for (int capability = 0; capability < kMostCapabilities; ++capability)
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EINVAL)
      return system_error("empty the bounding set of capabilities", errno);
  return {};
}

Result<void> become(const Account& account) {
  if (setgroups(0, nullptr) != 0) return system_error("drop supplementary groups", errno);
  if (setresgid(account.gid, account.gid, account.gid) != 0)
    return system_error("change the group", errno);
  if (setresuid(account.uid, account.uid, account.uid) != 0)
    return system_error("change the user", errno);
  return {};
}

// A list of what may be called; everything else kills.
class AllowList {
 public:
  AllowList() : context_(seccomp_init(SCMP_ACT_KILL_PROCESS)) {
    if (context_ == nullptr) failure_ = ENOMEM;
  }
  ~AllowList() { seccomp_release(context_); }
  AllowList(const AllowList&) = delete;
  AllowList& operator=(const AllowList&) = delete;

  void allow(int call, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    if (failure_ != 0) return;
    failure_ =
        -seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call,
                                static_cast<unsigned>(conditions.size()), conditions.begin());
  }
  Result<void> apply() {
    if (failure_ == 0) failure_ = -seccomp_load(context_);
    if (failure_ != 0) return system_error("forbid system calls", failure_);
    return {};
  }

 private:
  scmp_filter_ctx context_;
  int failure_ = 0;
};

constexpr scmp_arg_cmp equals(unsigned argument, uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}
constexpr scmp_arg_cmp without(unsigned argument, uint64_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, 0};
}

void allow_memory(AllowList& list) {
  list.allow(SCMP_SYS(mmap), {without(2, PROT_EXEC)});
  list.allow(SCMP_SYS(mprotect), {without(2, PROT_EXEC)});
  for (const int call : {SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk)})
    list.allow(call);
}

void allow_reading(AllowList& list) {
  for (const int call :
       {SCMP_SYS(read), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(poll), SCMP_SYS(ppoll),
        SCMP_SYS(getsockopt), SCMP_SYS(getsockname), SCMP_SYS(close), SCMP_SYS(lseek)})
    list.allow(call);
}

// What libpcap does to change a filter, and to see whether its interface is still up.
void allow_filters(AllowList& list) {
  for (const int option : {SO_ATTACH_FILTER, SO_DETACH_FILTER})
    list.allow(SCMP_SYS(setsockopt), {equals(1, SOL_SOCKET), equals(2, uint64_t(option))});
  for (const int command : {F_GETFL, F_SETFL})
    list.allow(SCMP_SYS(fcntl), {equals(1, uint64_t(command))});
  list.allow(SCMP_SYS(ioctl), {equals(1, SIOCGIFFLAGS)});
}

void allow_writing(AllowList& list, const std::vector<int>& outputs,
                   const std::vector<int>& channels) {
  for (const int fd : outputs) {
    list.allow(SCMP_SYS(write), {equals(0, uint64_t(fd))});
    list.allow(SCMP_SYS(writev), {equals(0, uint64_t(fd))});
  }
  // Without an address, as a connected socket is.
  for (const int fd : channels)
    list.allow(SCMP_SYS(sendto), {equals(0, uint64_t(fd)), equals(4, 0)});
}

// Clocks, locks, the end, and how it comes about (abort() raises a signal in this thread).
void allow_the_rest(AllowList& list) {
  for (const int call :
       {SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(futex), SCMP_SYS(getrandom),
        SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
        SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield), SCMP_SYS(exit), SCMP_SYS(exit_group)})
    list.allow(call);
  list.allow(SCMP_SYS(tgkill), {equals(0, uint64_t(getpid()))});
}

}  // namespace

Result<Account> find_account(const std::string& user) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  const int failure = getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (failure != 0) return system_error(fmt::format("look up the user {}", user), failure);
  if (found == nullptr)
    return Error(ErrorCode::NotFound, fmt::format("there is no user \"{}\" to run as", user));
  return Account{entry.pw_uid, entry.pw_gid};
}

Result<void> drop_privileges(const Account& account) {
  if (geteuid() == 0) {
    TRY(empty_bounding_set());
    TRY(become(account));
  }
  TRY(drop_capabilities());
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("set no_new_privs", errno);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return system_error("forbid core dumps", errno);
  return {};
}

Result<void> lock_down(const std::vector<int>& outputs, const std::vector<int>& channels) {
  AllowList list;
  allow_memory(list);
  allow_reading(list);
  allow_filters(list);
  allow_writing(list, outputs, channels);
  allow_the_rest(list);
  return list.apply();
}

}  // namespace stormdoor::edge::watch
