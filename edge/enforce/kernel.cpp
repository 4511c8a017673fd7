#include "edge/enforce/kernel.hpp"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <sys/socket.h>

#include <cerrno>
#include <map>

#include "base/text.hpp"

namespace stormdoor::edge::enforce {
namespace {

constexpr int kSocketBytes = 64 << 20;  // a transaction is one datagram
constexpr size_t kReadBytes = 256 << 10;
constexpr int kMostInterrupted = 10;

// A question that the kernel has taken is answered while we wait, or never.
constexpr timeval kPatience{10, 0};

Result<UniqueFd> open_netlink() {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!socket.valid()) return system_error("open a netlink socket", errno);
  for (const auto& [force, plain] :
       {std::pair{SO_SNDBUFFORCE, SO_SNDBUF}, std::pair{SO_RCVBUFFORCE, SO_RCVBUF}})
    if (setsockopt(socket.get(), SOL_SOCKET, force, &kSocketBytes, sizeof kSocketBytes) != 0)
      (void)setsockopt(socket.get(), SOL_SOCKET, plain, &kSocketBytes, sizeof kSocketBytes);
  const int short_errors = 1;  // without the message that they are about
  (void)setsockopt(socket.get(), SOL_NETLINK, NETLINK_CAP_ACK, &short_errors, sizeof short_errors);
  if (setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience) != 0)
    return system_error("limit a netlink socket's patience", errno);
  return socket;
}

// What one set is to lose and get within a transaction.
struct SetChanges {
  std::vector<KernelElement> fresh, renewed, gone;
};

KernelElement kernel_element(const Entry& entry, SteadyTime expiry, SteadyTime now) {
  KernelElement element{std::string(entry.bytes()), {}};
  if (expiry != kForever)
    element.remaining = std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(expiry - now));
  return element;
}

}  // namespace

void Kernel::FreeContext::operator()(nft_ctx* context) const {
  nft_ctx_free(context);
}

Kernel::Kernel(std::unique_ptr<nft_ctx, FreeContext> context, UniqueFd socket)
    : context_(std::move(context)), socket_(std::move(socket)), buffer_(kReadBytes, '\0') {}

Result<Kernel> Kernel::open() {
  std::unique_ptr<nft_ctx, FreeContext> context(nft_ctx_new(NFT_CTX_DEFAULT));
  if (context == nullptr) return Error(ErrorCode::Unavailable, "libnftables does not start");
  nft_ctx_buffer_output(context.get());
  nft_ctx_buffer_error(context.get());
  Kernel kernel(std::move(context), TRY(open_netlink()));
  kernel.generation_ = TRY_WHILE("ask for nftables", kernel.ask_generation_now());
  return kernel;
}

Result<void> Kernel::run(const std::string& text) {
  touched_ = TRY(changed_by_others());
  const int failure = nft_run_cmd_from_buffer(context_.get(), text.c_str());
  (void)nft_ctx_get_output_buffer(context_.get());
  const std::string complaint = nft_ctx_get_error_buffer(context_.get());
  if (failure != 0)
    return Error(ErrorCode::Unavailable,
                 fmt::format("nftables refuses: {}",
                             printable(complaint.substr(0, complaint.find('\n')), 300)));
  return note_own_change();
}

// A question or a transaction.
Result<void> Kernel::send(std::string_view question) {
  ssize_t sent;
  do sent = ::send(socket_.get(), question.data(), question.size(), 0);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return system_error("talk to nftables", errno);
  return {};
}

Result<void> Kernel::receive(Answer& answer) {
  ssize_t got;
  do got = recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
  while (got < 0 && errno == EINTR);
  if (got < 0) return system_error("hear from nftables", errno);
  return read_answer(std::string_view(buffer_).substr(0, size_t(got)), answer);
}

Result<Answer> Kernel::exchange(std::string_view question, bool until_done) {
  TRY(send(question));
  Answer answer;
  while (!answer.done && (until_done || !answer.generation)) TRY(receive(answer));
  return answer;
}

// Not done when the set has more than `most` elements.
Result<Answer> Kernel::list(const SetId& set, size_t most) {
  Answer answer;
  int attempts = 0;
  do {
    answer = {};
    TRY(send(ask_elements(kTable, set.name())));
    while (!answer.done && answer.elements.size() <= most) TRY(receive(answer));
    // The rest of a listing ends with its socket.
    if (!answer.done) socket_ = TRY(open_netlink());
  } while (answer.done && answer.interrupted && ++attempts < kMostInterrupted);
  return answer;
}

Result<void> Kernel::commit(Transaction transaction) {
  if (transaction.empty()) return {};
  const auto answer = TRY(exchange(transaction.finish(), true));
  // A refused transaction may answer for several of its messages.
  for (ssize_t more = 0; more >= 0 && answer.error != 0;)
    more = recv(socket_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (answer.error != 0) return system_error("change nftables' sets", answer.error);
  return note_own_change();
}

Result<void> Kernel::apply(const Changes& changes, const Layout& layout, const Contents* known,
                           SteadyTime now) {
  std::map<SetId, SetChanges> sets;
  for (const auto& [entry, expiry] : changes) {
    auto& set = sets[layout.set_of(entry)];
    if (!expiry)
      set.gone.push_back({std::string(entry.bytes()), {}});
    else
      (known == nullptr || known->contains(entry) ? set.renewed : set.fresh)
          .push_back(kernel_element(entry, *expiry, now));
  }
  Transaction transaction(kTable);
  for (const auto& [id, set] : sets) {
    const auto name = id.name();
    // Adding first: removing what has just ended by itself would fail.
    transaction.add(name, set.gone);
    transaction.remove(name, set.gone);
    transaction.add(name, set.renewed);
    transaction.remove(name, set.renewed);
    transaction.add(name, set.renewed);
    transaction.add(name, set.fresh);
  }
  return commit(std::move(transaction));
}

Result<void> Kernel::replace(const Contents& contents, const Layout& layout, SteadyTime now) {
  std::map<SetId, std::vector<KernelElement>> sets;
  for (const auto& set : layout.sets()) sets[set];
  for (const auto& [entry, expiry] : contents.entries())
    sets[layout.set_of(entry)].push_back(kernel_element(entry, expiry, now));
  Transaction transaction(kTable);
  for (const auto& [id, elements] : sets) {
    transaction.clear(id.name());
    transaction.add(id.name(), elements);
  }
  return commit(std::move(transaction));
}

Result<void> Kernel::ask_queue(uint16_t queue) {
  const auto attempt = [&](bool native) {
    Transaction transaction(kTable);
    transaction.replace_with_queue(kAskChain, queue, native);
    return commit(std::move(transaction));
  };
  auto done = attempt(native_queue_);
  if (done || !native_queue_) return done;
  auto other = attempt(false);
  if (other) native_queue_ = false;
  return other;
}

Result<std::vector<SetId>> Kernel::sets() {
  std::vector<SetId> sets;
  const auto answer = TRY(exchange(ask_sets(kTable), true));
  if (answer.error == ENOENT) return sets;
  if (answer.error != 0) return system_error("list nftables' sets", answer.error);
  for (const auto& name : answer.sets)
    if (const auto id = SetId::parse(name)) sets.push_back(*id);
  return sets;
}

Result<void> Kernel::read(const std::vector<SetId>& sets, SteadyTime now, size_t most,
                          Found& found) {
  for (const auto& set : sets) {
    auto answer = TRY(list(set, most));
    most -= std::min(most, answer.elements.size());
    found.whole = found.whole && answer.done;
    if (!found.whole) return {};
    if (answer.error == ENOENT) continue;
    if (answer.error != 0) return system_error("list a set of nftables", answer.error);
    for (auto& element : answer.elements) {
      if (const auto entry = Entry::from_kernel(set, element.key))
        found.contents.set(*entry, element.remaining ? now + *element.remaining : kForever);
      else
        found.strange.emplace_back(set, std::move(element.key));
    }
  }
  return {};
}

Result<void> Kernel::remove_strange(const Found& found) {
  Transaction transaction(kTable);
  for (const auto& [set, key] : found.strange) {
    transaction.add(set.name(), {{key, {}}});
    transaction.remove(set.name(), {{key, {}}});
  }
  return commit(std::move(transaction));
}

Result<uint32_t> Kernel::ask_generation_now() {
  const auto answer = TRY(exchange(ask_generation(), false));
  if (!answer.generation)
    return system_error("ask nftables for its generation", answer.error != 0 ? answer.error : EIO);
  return *answer.generation;
}

// A transaction moves the generation by one, and one that changes nothing by none.
Result<void> Kernel::note_own_change() {
  const auto now = TRY(ask_generation_now());
  if (now - std::exchange(generation_, now) > 1) touched_ = true;
  return {};
}

Result<bool> Kernel::changed_by_others() {
  const auto now = TRY(ask_generation_now());
  if (std::exchange(generation_, now) != now) touched_ = true;
  return std::exchange(touched_, false);
}

Result<void> Kernel::remove_table() {
  // Adding first: deleting a table that is not there fails.
  return run(fmt::format("add table inet {0}\ndelete table inet {0}\n", kTable));
}

}  // namespace stormdoor::edge::enforce
