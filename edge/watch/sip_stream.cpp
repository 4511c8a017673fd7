#include "edge/watch/sip_stream.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "edge/watch/sip_fields.hpp"

namespace stormdoor::edge::watch {
namespace {

// A segment further away belongs to nothing that we know (RFC 7323 aside).
constexpr int32_t kMostAhead = 1 << 20;

bool is_line_end(char c) {
  return c == '\r' || c == '\n';
}

bool looks_like_start(std::string_view line) {
  constexpr std::string_view kVersion = "SIP/2.0";
  line = trim_sip(line);
  return line.size() > kVersion.size() &&
         (equals_ignoring_case(line.substr(0, kVersion.size()), kVersion) ||
          equals_ignoring_case(line.substr(line.size() - kVersion.size()), kVersion));
}

// The first line and its end; 0 when it has not ended.
size_t line_length(std::string_view text) {
  const auto end = std::ranges::find_if(text, is_line_end);
  return end == text.end() ? 0 : size_t(end - text.begin()) + 1;
}

}  // namespace

void SipStream::on_segment(uint32_t seq, bool syn, std::string_view bytes, const Use& use) {
  if (syn) {
    ++seq;
    restart(seq);
    synced_ = true;
  }
  if (bytes.empty()) return;
  if (!known_) restart(seq);
  const auto ahead = int32_t(seq - next_);
  if (ahead > kMostAhead || ahead < -kMostAhead) {
    restart(seq);
    accept(bytes, use);
  } else if (ahead > 0) {
    keep(seq, bytes, use);
  } else if (size_t(-int64_t{ahead}) < bytes.size()) {
    accept(bytes.substr(size_t(-int64_t{ahead})), use);
  }
  take_waiting(use);
}

void SipStream::restart(uint32_t next) {
  known_ = true;
  synced_ = false;
  next_ = next;
  skip_ = scanned_ = waiting_bytes_ = 0;
  buffer_.clear();
  waiting_.clear();
}

// For take_waiting(), when its turn comes.
void SipStream::keep(uint32_t seq, std::string_view bytes, const Use& use) {
  const auto same = [&](const Segment& other) {
    return other.seq == seq && other.bytes.size() >= bytes.size();
  };
  if (std::ranges::any_of(waiting_, same)) return;  // sent again
  bytes = bytes.substr(0, kMostBytes / 2);
  while (!waiting_.empty() &&
         (waiting_.size() >= kMostWaiting || held() + bytes.size() > kMostBytes))
    give_up_gap(use);
  waiting_.push_back({seq, std::string(bytes)});
  waiting_bytes_ += bytes.size();
}

// Goes on with the earliest of those that wait.
void SipStream::give_up_gap(const Use& use) {
  const auto first = std::ranges::min_element(
      waiting_, {}, [&](const Segment& segment) { return int32_t(segment.seq - next_); });
  const size_t gap = first->seq - next_;
  next_ = first->seq;
  if (gap <= skip_) {  // all of it was body
    skip_ -= gap;
  } else {
    synced_ = false;
    skip_ = scanned_ = 0;
    buffer_.clear();
  }
  take_waiting(use);
}

void SipStream::take_waiting(const Use& use) {
  for (bool took = true; took;) {
    took = false;
    for (size_t i = 0; i < waiting_.size(); ++i) {
      const auto ahead = int32_t(waiting_[i].seq - next_);
      if (ahead > 0) continue;
      const Segment segment = std::move(waiting_[i]);
      waiting_.erase(waiting_.begin() + ptrdiff_t(i));
      waiting_bytes_ -= segment.bytes.size();
      const auto known = size_t(-int64_t{ahead});
      if (known < segment.bytes.size()) accept(std::string_view(segment.bytes).substr(known), use);
      took = true;
      break;
    }
  }
}

void SipStream::accept(std::string_view bytes, const Use& use) {
  next_ += uint32_t(bytes.size());
  while (!bytes.empty()) {
    const size_t skipped = std::min(skip_, bytes.size());
    skip_ -= skipped;
    bytes.remove_prefix(skipped);
    const size_t part = std::min(bytes.size(), kMostSipHeadBytes);
    buffer_.append(bytes.substr(0, part));
    bytes.remove_prefix(part);
    read_messages(use);
  }
}

// Leaves less than a head in the buffer.
void SipStream::read_messages(const Use& use) {
  size_t used = 0;
  for (bool more = true; more && used < buffer_.size();) {
    const auto rest = std::string_view(buffer_).substr(used);
    if (is_line_end(rest.front()) && synced_ && scanned_ == 0)
      ++used;  // keep-alive, or between messages (RFC 3261 section 7.5)
    else
      more = synced_ ? read_message(rest, used, use) : find_start(rest, used);
  }
  buffer_.erase(0, used);
}

// Reads the message that `rest` begins with; false when it is not all there.
bool SipStream::read_message(std::string_view rest, size_t& used, const Use& use) {
  const auto end = find_sip_head_end(rest, scanned_);
  if (!end && rest.size() < kMostSipHeadBytes) return false;
  scanned_ = 0;
  const auto message = parse_sip(rest.substr(0, end.value_or(0)), SipFraming::Stream);
  const size_t body = message ? (*message).content_length.value_or(0) : 0;
  if (message) use(*message);
  if (!message || body > kMostBodyBytes) {
    ++malformed_;
    synced_ = false;
    used += std::max<size_t>(line_length(rest), 1);
    return true;
  }
  used += *end;
  const size_t there = std::min(body, rest.size() - *end);
  used += there;
  skip_ = body - there;
  return true;
}

// Drops lines up to one that may begin a message; false when there is none.
bool SipStream::find_start(std::string_view rest, size_t& used) {
  const size_t length = line_length(rest);
  if (length == 0) {
    if (rest.size() >= kMostSipHeadBytes) used += rest.size();
    return false;
  }
  synced_ = looks_like_start(rest.substr(0, length));
  if (!synced_) used += length;
  return true;
}

}  // namespace stormdoor::edge::watch
