#include "edge/enforce/saved_state.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "edge/messages_codec.hpp"

namespace stormdoor::edge::enforce {
namespace {

constexpr uint32_t kMagic = 0x31454453;  // "SDE1"
constexpr size_t kHeaderBytes = 4 + 8 + 8;

Error corrupt() {
  return {ErrorCode::Corrupt, "the saved state of enforcement is not whole"};
}

// FNV-1a: against torn writes, not against forgers, who could only write what we allow anyway.
uint64_t checksum(std::string_view bytes) {
  uint64_t sum = 0xcbf29ce484222325;
  for (const char byte : bytes) sum = (sum ^ uint8_t(byte)) * 0x100000001b3;
  return sum;
}

void append_packet(std::string& payload, const std::string& packet) {
  PacketWriter size;
  size.number(uint32_t(packet.size()));
  payload += size.bytes() + packet;
}

uint32_t seconds_left(SteadyTime expiry, SteadyTime now) {
  if (expiry == kForever) return 0;
  const auto left = std::chrono::ceil<seconds>(expiry - now).count();
  return uint32_t(std::clamp<int64_t>(left, 1, kMostEnforceSeconds));
}

std::optional<std::string_view> payload_of(std::string_view bytes) {
  PacketReader reader(bytes);
  if (reader.number<uint32_t>() != kMagic) return {};
  (void)reader.number<int64_t>();
  const auto sum = reader.number<uint64_t>();
  if (reader.broken()) return {};
  const auto payload = bytes.substr(kHeaderBytes);
  if (checksum(payload) != sum) return {};
  return payload;
}

// False when nothing is left of it.
bool shorten(uint32_t& timeout, int64_t elapsed) {
  if (timeout == 0) return true;
  if (timeout <= elapsed) return false;
  timeout -= uint32_t(elapsed);
  return true;
}

Result<void> take_packet(std::string_view packet, int64_t elapsed, SavedState& state) {
  auto order = TRY(decode_enforce_order(packet));
  if (auto* settings = std::get_if<EnforceSettings>(&order)) state.settings = std::move(*settings);
  if (auto* part = std::get_if<EnforceSync>(&order)) {
    for (auto& element : part->elements)
      if (shorten(element.timeout_seconds, elapsed)) state.elements.push_back(element);
    for (auto& flow : part->flows)
      if (shorten(flow.timeout_seconds, elapsed)) state.flows.push_back(flow);
  }
  return {};
}

Result<std::string> read_file(int fd) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return system_error("look at the saved state", errno);
  if (status.st_size < 0 || size_t(status.st_size) > kMostStateBytes) return corrupt();
  std::string bytes(size_t(status.st_size), '\0');
  const ssize_t got = pread(fd, bytes.data(), bytes.size(), 0);
  if (got < 0) return system_error("read the saved state", errno);
  bytes.resize(size_t(got));
  return bytes;
}

}  // namespace

std::string encode_state(const EnforceSettings& settings, const Contents& contents, Now now) {
  std::string payload;
  append_packet(payload, encode(EnforceOrder(settings)));
  EnforceSync part{0, EnforceSync::Stage::Part, {}, {}};
  const auto finish_part = [&] {
    append_packet(payload, encode(EnforceOrder(part)));
    part.elements.clear();
    part.flows.clear();
  };
  for (const auto& [entry, expiry] : contents.entries()) {
    if (expiry <= now.steady) continue;
    if (auto element = entry.element()) {
      element->timeout_seconds = seconds_left(expiry, now.steady);
      part.elements.push_back(*element);
    } else if (auto flow = entry.flow()) {
      flow->timeout_seconds = seconds_left(expiry, now.steady);
      part.flows.push_back(*flow);
    }
    if (part.elements.size() + part.flows.size() == kMostEnforceOps) finish_part();
  }
  finish_part();
  PacketWriter header;
  header.number(kMagic);
  header.number(int64_t(now.wall.time_since_epoch().count()));
  header.number(checksum(payload));
  return header.take() + payload;
}

WallTime written_at(std::string_view bytes) {
  if (!payload_of(bytes)) return WallTime::min();
  PacketReader reader(bytes);
  (void)reader.number<uint32_t>();
  return WallTime(milliseconds(reader.number<int64_t>()));
}

Result<SavedState> decode_state(std::string_view bytes, WallTime now) {
  const auto payload = payload_of(bytes);
  if (!payload) return corrupt();
  const auto elapsed =
      std::max<int64_t>(0, now.time_since_epoch().count() / 1'000 -
                               written_at(bytes).time_since_epoch().count() / 1'000);
  SavedState state;
  for (std::string_view rest = *payload; !rest.empty();) {
    PacketReader reader(rest);
    const size_t size = reader.number<uint32_t>();
    if (reader.broken() || size > rest.size() - sizeof(uint32_t)) return corrupt();
    TRY(take_packet(rest.substr(sizeof(uint32_t), size), elapsed, state));
    rest.remove_prefix(sizeof(uint32_t) + size);
  }
  return state;
}

Result<StateFiles> StateFiles::open(const std::string& path) {
  const auto open_one = [&](const char* which) {
    return UniqueFd(
        ::open((path + which).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  };
  UniqueFd a = open_one(".a");
  UniqueFd b = open_one(".b");
  if (!a.valid() || !b.valid()) return system_error("open the saved state " + path, errno);
  const auto first = read_file(a.get());
  const auto second = read_file(b.get());
  const bool b_is_older = first && (!second || written_at(*second) < written_at(*first));
  return StateFiles(std::move(a), std::move(b), b_is_older);
}

Result<void> StateFiles::write(std::string_view state) {
  const int fd = files_[next_ ? 1 : 0].get();
  next_ = !next_;
  if (ftruncate(fd, 0) != 0) return system_error("empty the saved state", errno);
  for (size_t at = 0; at < state.size();) {
    const ssize_t wrote = pwrite(fd, state.data() + at, state.size() - at, off_t(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return system_error("write the saved state", errno);
    at += size_t(wrote);
  }
  (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
  return {};
}

Result<SavedState> StateFiles::read(const std::string& path, WallTime now) {
  std::string newest;
  for (const char* which : {".a", ".b"}) {
    const UniqueFd file(::open((path + which).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.valid()) continue;
    auto bytes = read_file(file.get());
    if (bytes && written_at(*bytes) > written_at(newest)) newest = *std::move(bytes);
  }
  if (newest.empty())
    return Error(ErrorCode::NotFound, "there is no saved state of enforcement at " + path);
  return decode_state(newest, now);
}

}  // namespace stormdoor::edge::enforce
