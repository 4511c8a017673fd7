#include "edge/enforce/queue.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <sys/socket.h>
#include <sys/time.h>

extern "C" {
#include <libnetfilter_queue/libnetfilter_queue.h>
}

#include <array>
#include <cerrno>

#include "edge/messages_enforce.hpp"

namespace stormdoor::edge::enforce {
namespace {

constexpr int kMostReadsAtOnce = 64;
constexpr int kQueueSocketBytes = 4 << 20;
// A packet, and what the kernel says about it.
constexpr size_t kQueueReadBytes = kMostQueuedBytes + 4096;

}  // namespace

// ---- who waits ----

bool WaitingPackets::add(uint32_t id, SteadyTime now) {
  if (waiting_.size() >= kMostWaiting) return false;
  if (!waiting_.emplace(id, now).second) return false;
  by_age_.emplace_back(now, id);
  return true;
}

bool WaitingPackets::answer(uint32_t id) {
  const bool waited = waiting_.erase(id) > 0;
  while (!by_age_.empty() && !waiting_.contains(by_age_.front().second)) by_age_.pop_front();
  return waited;
}

std::vector<uint32_t> WaitingPackets::expire(SteadyTime now) {
  std::vector<uint32_t> over;
  while (!by_age_.empty() && now - by_age_.front().first >= kPatience) {
    const auto [since, id] = by_age_.front();
    by_age_.pop_front();
    const auto at = waiting_.find(id);
    if (at == waiting_.end() || at->second != since) continue;
    waiting_.erase(at);
    over.push_back(id);
  }
  return over;
}

// ---- the kernel's queue ----

void PacketQueue::Close::operator()(nfq_handle* handle) const {
  nfq_close(handle);
}
void PacketQueue::Destroy::operator()(nfq_q_handle* queue) const {
  nfq_destroy_queue(queue);
}

PacketQueue::~PacketQueue() = default;

Result<std::unique_ptr<PacketQueue>> PacketQueue::open(uint16_t number, Ask ask) {
  std::unique_ptr<PacketQueue> queue(new PacketQueue(number, std::move(ask)));
  TRY_WHILE("open the packet queue", queue->start());
  return queue;
}

Result<void> PacketQueue::start() {
  handle_.reset(nfq_open());
  if (handle_ == nullptr) return system_error("open a netlink socket", errno);
  const auto on_packet = [](nfq_q_handle*, nfgenmsg*, nfq_data* data, void* self) noexcept -> int {
    const nfqnl_msg_packet_hdr* head = nfq_get_msg_packet_hdr(data);
    if (head == nullptr) return 0;
    unsigned char* bytes = nullptr;
    const int size = nfq_get_payload(data, &bytes);
    static_cast<PacketQueue*>(self)->on_packet(
        ntohl(head->packet_id),
        {reinterpret_cast<const char*>(bytes), size > 0 ? size_t(size) : size_t{0}});
    return 0;
  };
  queue_.reset(nfq_create_queue(handle_.get(), number_, on_packet, this));
  if (queue_ == nullptr) return system_error("bind to it", errno);
  if (nfq_set_mode(queue_.get(), NFQNL_COPY_PACKET, kMostQueuedBytes) < 0)
    return system_error("ask for packets", errno);
  if (nfq_set_queue_maxlen(queue_.get(), WaitingPackets::kMostWaiting) < 0)
    return system_error("bound it", errno);
  const int fd = nfq_fd(handle_.get());
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kQueueSocketBytes, sizeof kQueueSocketBytes) != 0)
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kQueueSocketBytes, sizeof kQueueSocketBytes);
  return {};
}

int PacketQueue::descriptor() const {
  return nfq_fd(handle_.get());
}

void PacketQueue::read(SteadyTime now) {
  now_ = now;
  alignas(8) std::array<char, kQueueReadBytes> buffer;
  for (int i = 0; i < kMostReadsAtOnce; ++i) {
    const ssize_t got = recv(descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) return;  // ENOBUFS: the kernel has dropped what did not fit
    (void)nfq_handle_packet(handle_.get(), buffer.data(), int(got));
  }
}

void PacketQueue::on_packet(uint32_t id, std::string_view bytes) {
  ++counts_.queued;
  if (bytes.empty() || !waiting_.add(id, now_)) return drop(id);
  if (ask_(id, bytes)) return;
  (void)waiting_.answer(id);
  drop(id);
}

void PacketQueue::answer(uint32_t id, bool accept) {
  if (!waiting_.answer(id)) return;  // too late, or never asked
  if (!accept) ++counts_.refused;
  // NF_ACCEPT ends this table's part only: the other tables still decide.
  (void)nfq_set_verdict(queue_.get(), id, accept ? NF_ACCEPT : NF_DROP, 0, nullptr);
}

void PacketQueue::drop(uint32_t id) {
  ++counts_.unanswered;
  (void)nfq_set_verdict(queue_.get(), id, NF_DROP, 0, nullptr);
}

void PacketQueue::expire(SteadyTime now) {
  for (const uint32_t id : waiting_.expire(now)) drop(id);
}

}  // namespace stormdoor::edge::enforce
