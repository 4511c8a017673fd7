#include "edge/watch/queue_judge.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace stormdoor::edge::watch {
namespace {

std::string_view text_of(const SipPacket& packet) {
  return {reinterpret_cast<const char*>(packet.payload.data()), packet.payload.size()};
}

}  // namespace

QueueJudge::QueueJudge(const QueueJudgeSettings& settings)
    : settings_(settings),
      blamed_(settings.blamed, settings.blamed_per_source),
      buckets_(settings.sources, 1) {}

void QueueJudge::blame(const IpPrefix& source, std::string_view account) {
  blamed_.insert(key(source, account), source.address()).source = source;
  count_prefixes();
}

void QueueJudge::forgive(const IpPrefix& source, std::string_view account) {
  blamed_.erase(key(source, account));
  count_prefixes();
}

// Blame is rare and packets are many: so that is_blamed() asks for few prefixes.
void QueueJudge::count_prefixes() {
  v4_lengths_.clear();
  v6_lengths_.clear();
  blamed_.for_each([&](uint64_t, const Blamed& blamed) {
    ++(blamed.source.is_v4() ? v4_lengths_ : v6_lengths_)[blamed.source.length()];
  });
}

QueueJudge::Verdict QueueJudge::judge(const SipPacket& packet) {
  switch (read(packet)) {
    case Reading::Clean:
      return Verdict::Accept;
    case Reading::Blamed:
      return Verdict::Refuse;
    case Reading::Unclear:
      break;
  }
  return take_token(packet) ? Verdict::Accept : Verdict::Refuse;
}

// One datagram is one message; a segment may hold several, and each must be all there.
QueueJudge::Reading QueueJudge::read(const SipPacket& packet) const {
  auto rest = text_of(packet);
  bool unclear = false;
  while (rest.find_first_not_of("\r\n") != std::string_view::npos) {
    const auto framing = packet.tcp ? SipFraming::Stream : SipFraming::Datagram;
    const auto message = parse_sip(rest, framing);
    if (!message) return Reading::Unclear;
    if (message->is_request() && names_blamed(*message, packet.source)) return Reading::Blamed;
    if (message->irregular) unclear = true;
    if (!packet.tcp) break;
    const size_t length = message->head_bytes + message->content_length.value_or(0);
    if (length > rest.size()) return Reading::Unclear;
    rest.remove_prefix(length);
  }
  return unclear ? Reading::Unclear : Reading::Clean;
}

bool QueueJudge::names_blamed(const SipMessage& message, const IpAddress& source) const {
  const auto blamed = [&](std::string_view account) { return is_blamed(source, account); };
  return blamed(message.from_user) || blamed(message.to_user) || blamed(message.request_user) ||
         std::ranges::any_of(message.contacts, blamed, &SipContact::user) ||
         std::ranges::any_of(message.digests, [&](const SipDigest& digest) {
           const std::string_view name = digest.username;
           return blamed(name) || blamed(name.substr(0, name.find('@')));
         });
}

bool QueueJudge::is_blamed(const IpAddress& source, std::string_view account) const {
  if (account.empty()) return false;
  const auto& lengths = source.is_v4() ? v4_lengths_ : v6_lengths_;
  return std::ranges::any_of(lengths, [&](const auto& length) {
    return blamed_.contains(key(IpPrefix(source, length.first), account));
  });
}

uint64_t QueueJudge::key(const IpPrefix& source, std::string_view account) const {
  std::string bytes(reinterpret_cast<const char*>(source.address().bytes().data()),
                    source.address().bytes().size());
  bytes += char(source.length());
  bytes += source.is_v4() ? '4' : '6';
  bytes += ascii_lower(account.substr(0, kMostBlamedAccount));
  return keyed_hash(hash_key_, bytes);
}

bool QueueJudge::take_token(const SipPacket& packet) {
  const int64_t token_us = 1'000'000 / std::max<int64_t>(1, settings_.unreadable_per_second);
  Bucket& bucket = buckets_.insert(source_of(packet.source).address(), packet.source);
  const int64_t passed = std::max<int64_t>(0, packet.time_us - bucket.time_us);
  bucket.time_us = std::max(bucket.time_us, packet.time_us);
  bucket.spent_us = std::max<int64_t>(0, bucket.spent_us - passed);
  if (bucket.spent_us + token_us > token_us * int64_t{settings_.unreadable_burst}) return false;
  bucket.spent_us += token_us;
  return true;
}

}  // namespace stormdoor::edge::watch
