#include "edge/notifier.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/crypto/crypto.hpp"
#include "base/loop/socket_address.hpp"

namespace stormdoor::edge {
namespace {

constexpr size_t kDatagramsAtOnce = 64;
constexpr size_t kMostNotifyBytes = 4096;

// Which of our addresses a datagram to there leaves from.
Result<IpAddress> address_towards(const Endpoint& to) {
  const loop::SocketAddress there(to);
  const UniqueFd probe(socket(there.get()->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!probe.valid()) return system_error("open a socket", errno);
  if (connect(probe.get(), there.get(), there.length) != 0)
    return system_error("find the way to " + to.to_string(), errno);
  const Endpoint local = TRY(loop::local_endpoint(probe.get()));
  return local.address;
}

}  // namespace

struct Notifier::Socket {
  explicit Socket(loop::UdpSocket opened) : udp(std::move(opened)) {}
  loop::UdpSocket udp;
  std::unique_ptr<loop::IoEvent> readable;
};

Notifier::Notifier(loop::EventLoop& loop)
    : loop_(loop),
      inbox_(kDatagramsAtOnce, kMostAnswerBytes),
      outbox_(kDatagramsAtOnce, kMostNotifyBytes),
      timer_(loop, [this] { work(); }) {}

Notifier::~Notifier() = default;

Result<Notifier::Socket*> Notifier::socket_for(const IpAddress& address) {
  auto& socket = address.is_v4() ? v4_ : v6_;
  if (socket) return socket.get();
  const Endpoint any{address.is_v4() ? IpAddress::v4(0) : IpAddress(), 0};
  auto opened = TRY(loop::UdpSocket::bind(any, {}));
  socket = std::make_unique<Socket>(std::move(opened));
  socket->readable = std::make_unique<loop::IoEvent>(
      loop_, socket->udp.fd(), [this, to = socket.get()](loop::Readiness) { receive(*to); });
  socket->readable->wait_for({.read = true, .write = false});
  return socket.get();
}

Result<void> Notifier::send(const SipNotify& notify, const Endpoint& to, Done done) {
  Socket* socket = TRY(socket_for(to.address));
  NotifyIdentity identity;
  identity.local.address = TRY(address_towards(to));
  identity.local.port = socket->udp.local().port;
  // base64url: both "-" and "_" may stand in a token of SIP.
  identity.branch = crypto::random_token();
  identity.call_id = crypto::random_token();
  identity.tag = crypto::random_token();
  std::string datagram = write_notify(notify, identity);
  if (datagram.size() > kMostNotifyBytes)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the NOTIFY would be {} bytes long; at most {} fit", datagram.size(),
                             kMostNotifyBytes));
  TRY(transactions_.start(identity.branch, to, std::move(datagram), loop_.now().steady));
  waiting_.emplace(identity.branch, std::move(done));
  timer_.start_once(milliseconds{0});
  return {};
}

void Notifier::receive(Socket& socket) {
  for (const auto& datagram : socket.udp.receive(inbox_))
    if (!datagram.truncated)
      transactions_.on_datagram(
          {reinterpret_cast<const char*>(datagram.payload.data()), datagram.payload.size()},
          loop_.now().steady);
  work();
}

void Notifier::work() {
  const auto flush = [this](Socket* socket) {
    if (!outbox_.empty()) socket->udp.send(outbox_);
  };
  const auto due = transactions_.take_due(loop_.now().steady);
  for (Socket* socket : {v4_.get(), v6_.get()}) {
    if (socket == nullptr) continue;
    for (const auto& datagram : due) {
      if (datagram.to.address.is_v4() != socket->udp.local().address.is_v4()) continue;
      if (outbox_.full()) flush(socket);
      const auto room = outbox_.room();
      std::memcpy(room.data(), datagram.bytes.data(), datagram.bytes.size());
      outbox_.add({datagram.to, {}}, datagram.bytes.size());
    }
    flush(socket);
  }
  for (const auto& outcome : transactions_.take_outcomes()) {
    const auto found = waiting_.find(outcome.branch);
    if (found == waiting_.end()) continue;
    const Done done = std::move(found->second);
    waiting_.erase(found);
    done(outcome.answer);
  }
  if (const auto next = transactions_.next())
    timer_.start_once(
        std::max(std::chrono::ceil<milliseconds>(*next - loop_.now().steady), milliseconds{0}));
  else
    timer_.cancel();
}

}  // namespace stormdoor::edge
