#include "edge/messages_enforce.hpp"

#include "edge/messages_codec.hpp"

namespace stormdoor::edge {
namespace {

// The first byte of a packet. Orders, news and questions never share a number, so that one that
// arrives on the wrong channel is Corrupt.
enum class Kind : uint8_t {
  Settings = 1,
  Batch = 2,
  Flows = 3,
  Sync = 4,
  Applied = 16,
  Report = 17,
  Problem = 18,
  Alive = 19,
  QueuedPacket = 32,
  QueueAnswer = 33,
};

Error corrupt() {
  return {ErrorCode::Corrupt, "a message about enforcement is malformed"};
}

PacketWriter start(Kind kind) {
  PacketWriter writer;
  writer.number(static_cast<uint8_t>(kind));
  return writer;
}

// Not only 0 and 1 would be true: what is read must be what was written.
bool read_flag(PacketReader& reader, bool& valid) {
  const auto value = reader.number<uint8_t>();
  if (value > 1) valid = false;
  return value == 1;
}

// ---- elements and flows ----

void write(PacketWriter& writer, const EnforceElement& element) {
  writer.number(static_cast<uint8_t>(element.set));
  writer.address(element.prefix.address());
  writer.number(static_cast<uint8_t>(element.prefix.is_v4()));
  writer.number(static_cast<uint8_t>(element.prefix.length()));
  writer.number(element.timeout_seconds);
}

bool read(PacketReader& reader, EnforceElement& element) {
  bool valid = true;
  element.set = reader.choice(EnforceSet::Metered);
  const auto address = reader.address();
  const bool v4 = read_flag(reader, valid);
  const auto length = reader.number<uint8_t>();
  element.timeout_seconds = reader.number<uint32_t>();
  if (reader.broken() || !valid || length > (v4 ? 32 : 128) || v4 != address.is_v4() ||
      element.timeout_seconds > kMostEnforceSeconds)
    return false;
  element.prefix = IpPrefix(address, length);
  return element.prefix.address() == address && element.prefix.is_v4() == v4;
}

void write(PacketWriter& writer, const EnforceFlow& flow) {
  writer.address(flow.address);
  writer.number(flow.port);
  writer.number(static_cast<uint8_t>(flow.tcp));
  writer.number(flow.timeout_seconds);
}

bool read(PacketReader& reader, EnforceFlow& flow) {
  bool valid = true;
  flow.address = reader.address();
  flow.port = reader.number<uint16_t>();
  flow.tcp = read_flag(reader, valid);
  flow.timeout_seconds = reader.number<uint32_t>();
  return !reader.broken() && valid && flow.timeout_seconds <= kMostEnforceSeconds;
}

// ---- orders ----

void write_ports(PacketWriter& writer, const std::vector<uint16_t>& ports) {
  STORMDOOR_CHECK(ports.size() <= kMostEnforcePorts, "the configuration bounds its ports");
  writer.number(static_cast<uint8_t>(ports.size()));
  for (const uint16_t port : ports) writer.number(port);
}

bool read_ports(PacketReader& reader, std::vector<uint16_t>& ports) {
  const size_t count = reader.number<uint8_t>();
  if (count > kMostEnforcePorts) return false;
  for (size_t i = 0; i < count; ++i) ports.push_back(reader.number<uint16_t>());
  return !reader.broken();
}

std::string encode_order(const EnforceSettings& settings) {
  auto writer = start(Kind::Settings);
  for (const auto& ports : settings.services) {
    write_ports(writer, ports.udp);
    write_ports(writer, ports.tcp);
  }
  writer.number(static_cast<uint8_t>(settings.action));
  for (const bool flag : {settings.hook_input, settings.hook_forward, settings.use_queue})
    writer.number(static_cast<uint8_t>(flag));
  writer.number(settings.queue_number);
  writer.number(settings.metered_per_minute);
  writer.number(settings.metered_burst);
  return writer.take();
}

Result<EnforceOrder> decode_settings(PacketReader& reader) {
  EnforceSettings settings;
  bool valid = true;
  for (auto& ports : settings.services)
    valid = valid && read_ports(reader, ports.udp) && read_ports(reader, ports.tcp);
  if (!valid) return corrupt();
  settings.action = reader.choice(EnforceAction::Reject);
  settings.hook_input = read_flag(reader, valid);
  settings.hook_forward = read_flag(reader, valid);
  settings.use_queue = read_flag(reader, valid);
  settings.queue_number = reader.number<uint16_t>();
  settings.metered_per_minute = reader.number<uint32_t>();
  settings.metered_burst = reader.number<uint32_t>();
  for (const uint32_t rate : {settings.metered_per_minute, settings.metered_burst})
    if (rate < 1 || rate > 60'000) valid = false;
  if (!valid || !reader.whole()) return corrupt();
  return EnforceOrder(std::move(settings));
}

std::string encode_order(const EnforceBatch& batch) {
  STORMDOOR_CHECK(batch.ops.size() <= kMostEnforceOps, "whoever fills a batch keeps to its bound");
  auto writer = start(Kind::Batch);
  writer.number(batch.sequence);
  writer.number(static_cast<uint16_t>(batch.ops.size()));
  for (const auto& op : batch.ops) {
    writer.number(static_cast<uint8_t>(op.op));
    write(writer, op.element);
  }
  return writer.take();
}

Result<EnforceOrder> decode_batch(PacketReader& reader) {
  EnforceBatch batch;
  batch.sequence = reader.number<uint64_t>();
  const size_t count = reader.number<uint16_t>();
  if (reader.broken() || count > kMostEnforceOps) return corrupt();
  batch.ops.resize(count);
  for (auto& op : batch.ops) {
    op.op = reader.choice(EnforceOp::Remove);
    if (!read(reader, op.element)) return corrupt();
  }
  if (!reader.whole()) return corrupt();
  return EnforceOrder(std::move(batch));
}

std::string encode_order(const EnforceFlows& flows) {
  STORMDOOR_CHECK(flows.ops.size() <= kMostEnforceOps, "whoever fills a batch keeps to its bound");
  auto writer = start(Kind::Flows);
  writer.number(flows.sequence);
  writer.number(static_cast<uint16_t>(flows.ops.size()));
  for (const auto& op : flows.ops) {
    writer.number(static_cast<uint8_t>(op.op));
    write(writer, op.flow);
  }
  return writer.take();
}

Result<EnforceOrder> decode_flows(PacketReader& reader) {
  EnforceFlows flows;
  flows.sequence = reader.number<uint64_t>();
  const size_t count = reader.number<uint16_t>();
  if (reader.broken() || count > kMostEnforceOps) return corrupt();
  flows.ops.resize(count);
  for (auto& op : flows.ops) {
    op.op = reader.choice(EnforceOp::Remove);
    if (!read(reader, op.flow)) return corrupt();
  }
  if (!reader.whole()) return corrupt();
  return EnforceOrder(std::move(flows));
}

std::string encode_order(const EnforceSync& sync) {
  STORMDOOR_CHECK(sync.elements.size() + sync.flows.size() <= kMostEnforceOps,
                  "whoever fills a part keeps to its bound");
  auto writer = start(Kind::Sync);
  writer.number(sync.generation);
  writer.number(static_cast<uint8_t>(sync.stage));
  writer.number(static_cast<uint16_t>(sync.elements.size()));
  writer.number(static_cast<uint16_t>(sync.flows.size()));
  for (const auto& element : sync.elements) write(writer, element);
  for (const auto& flow : sync.flows) write(writer, flow);
  return writer.take();
}

Result<EnforceOrder> decode_sync(PacketReader& reader) {
  EnforceSync sync;
  sync.generation = reader.number<uint64_t>();
  sync.stage = reader.choice(EnforceSync::Stage::End);
  const size_t elements = reader.number<uint16_t>();
  const size_t flows = reader.number<uint16_t>();
  if (reader.broken() || elements + flows > kMostEnforceOps) return corrupt();
  sync.elements.resize(elements);
  sync.flows.resize(flows);
  for (auto& element : sync.elements)
    if (!read(reader, element)) return corrupt();
  for (auto& flow : sync.flows)
    if (!read(reader, flow)) return corrupt();
  if (!reader.whole()) return corrupt();
  return EnforceOrder(std::move(sync));
}

// ---- news ----

std::string encode_news(const EnforceApplied& applied) {
  auto writer = start(Kind::Applied);
  writer.number(applied.sequence);
  writer.number(applied.microseconds);
  return writer.take();
}

Result<EnforceNews> decode_applied(PacketReader& reader) {
  EnforceApplied applied;
  applied.sequence = reader.number<uint64_t>();
  applied.microseconds = reader.number<uint32_t>();
  if (!reader.whole()) return corrupt();
  return EnforceNews(applied);
}

std::string encode_news(const EnforceReport& report) {
  auto writer = start(Kind::Report);
  writer.number(report.generation);
  for (const uint64_t count : report.elements) writer.number(count);
  writer.number(report.flows);
  writer.number(report.missing);
  writer.number(report.foreign);
  for (const uint64_t count : {report.missing_ever, report.foreign_ever, report.adopted})
    writer.number(count);
  writer.number(static_cast<uint8_t>(report.queue_in_use));
  for (const uint64_t count : {report.queued, report.refused_by_verdict, report.unanswered})
    writer.number(count);
  return writer.take();
}

Result<EnforceNews> decode_report(PacketReader& reader) {
  EnforceReport report;
  bool valid = true;
  report.generation = reader.number<uint64_t>();
  for (uint64_t& count : report.elements) count = reader.number<uint64_t>();
  report.flows = reader.number<uint64_t>();
  report.missing = reader.number<uint32_t>();
  report.foreign = reader.number<uint32_t>();
  for (uint64_t* count : {&report.missing_ever, &report.foreign_ever, &report.adopted})
    *count = reader.number<uint64_t>();
  report.queue_in_use = read_flag(reader, valid);
  for (uint64_t* count : {&report.queued, &report.refused_by_verdict, &report.unanswered})
    *count = reader.number<uint64_t>();
  if (!valid || !reader.whole()) return corrupt();
  return EnforceNews(report);
}

std::string encode_news(const EnforceProblem& problem) {
  auto writer = start(Kind::Problem);
  writer.text(problem.text, kMostEnforceText);
  writer.number(problem.sequence);
  return writer.take();
}

Result<EnforceNews> decode_problem(PacketReader& reader) {
  EnforceProblem problem;
  problem.text = reader.text(kMostEnforceText);
  problem.sequence = reader.number<uint64_t>();
  if (!reader.whole()) return corrupt();
  return EnforceNews(std::move(problem));
}

std::string encode_news(const EnforceAlive& /*alive*/) {
  return start(Kind::Alive).take();
}

}  // namespace

std::string encode(const EnforceOrder& order) {
  return std::visit([](const auto& kind) { return encode_order(kind); }, order);
}

std::string encode(const EnforceNews& news) {
  return std::visit([](const auto& kind) { return encode_news(kind); }, news);
}

std::string encode(const QueuedPacket& packet) {
  auto writer = start(Kind::QueuedPacket);
  writer.number(packet.id);
  writer.text(packet.bytes, kMostQueuedBytes);
  return writer.take();
}

std::string encode(const QueueAnswer& answer) {
  auto writer = start(Kind::QueueAnswer);
  writer.number(answer.id);
  writer.number(static_cast<uint8_t>(answer.accept));
  return writer.take();
}

Result<EnforceOrder> decode_enforce_order(std::string_view packet) {
  PacketReader reader(packet);
  switch (Kind(reader.number<uint8_t>())) {
    case Kind::Settings:
      return decode_settings(reader);
    case Kind::Batch:
      return decode_batch(reader);
    case Kind::Flows:
      return decode_flows(reader);
    case Kind::Sync:
      return decode_sync(reader);
    default:
      return corrupt();
  }
}

Result<EnforceNews> decode_enforce_news(std::string_view packet) {
  PacketReader reader(packet);
  switch (Kind(reader.number<uint8_t>())) {
    case Kind::Applied:
      return decode_applied(reader);
    case Kind::Report:
      return decode_report(reader);
    case Kind::Problem:
      return decode_problem(reader);
    case Kind::Alive:
      if (!reader.whole()) return corrupt();
      return EnforceNews(EnforceAlive{});
    default:
      return corrupt();
  }
}

Result<QueuedPacket> decode_queued_packet(std::string_view packet) {
  PacketReader reader(packet);
  if (Kind(reader.number<uint8_t>()) != Kind::QueuedPacket) return corrupt();
  QueuedPacket queued;
  queued.id = reader.number<uint32_t>();
  queued.bytes = reader.text(kMostQueuedBytes);
  if (!reader.whole()) return corrupt();
  return queued;
}

Result<QueueAnswer> decode_queue_answer(std::string_view packet) {
  PacketReader reader(packet);
  if (Kind(reader.number<uint8_t>()) != Kind::QueueAnswer) return corrupt();
  QueueAnswer answer;
  bool valid = true;
  answer.id = reader.number<uint32_t>();
  answer.accept = read_flag(reader, valid);
  if (!valid || !reader.whole()) return corrupt();
  return answer;
}

}  // namespace stormdoor::edge
