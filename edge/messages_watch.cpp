#include "edge/messages_watch.hpp"

#include "edge/messages_codec.hpp"

namespace stormdoor::edge {
namespace {

// The first byte of a packet. Reports and orders share no number, so that one that comes back to
// its sender is not mistaken for an answer.
enum class Kind : uint8_t {
  BindingSeen = 1,
  SipOutcome = 2,
  Counters = 3,
  Alive = 4,
  CallSeen = 5,
  Blame = 65,
  Settings = 66,
};

// Writer and Reader have the same members, so that each message lists its fields once, below, and
// both sides agree.
class Writer {
 public:
  explicit Writer(Kind kind) { writer_.number(static_cast<uint8_t>(kind)); }

  template <std::integral T>
  void number(const T& value) {
    writer_.number(value);
  }
  void flag(const bool& value) { writer_.number(static_cast<uint8_t>(value)); }
  template <typename Enum>
  void choice(const Enum& value, Enum) {
    writer_.number(static_cast<uint8_t>(value));
  }
  void text(const std::string& value, size_t most) { writer_.text(value, most); }
  void address(const IpAddress& value) { writer_.address(value); }
  void mac(const MacAddress& value) { writer_.mac(value); }
  void prefix(const IpPrefix& value) {
    writer_.address(value.address());
    writer_.number(static_cast<uint8_t>(value.length()));
  }
  void ports(const std::vector<uint16_t>& value) {
    STORMDOOR_CHECK(value.size() <= kMostWatchPorts, "the configuration bounds the ports");
    writer_.number(static_cast<uint8_t>(value.size()));
    for (const uint16_t port : value) writer_.number(port);
  }
  [[nodiscard]] std::string take() { return writer_.take(); }

 private:
  PacketWriter writer_;
};

class Reader {
 public:
  explicit Reader(std::string_view packet) : reader_(packet) {}

  Kind kind() { return Kind{reader_.number<uint8_t>()}; }
  template <std::integral T>
  void number(T& value) {
    value = reader_.number<T>();
  }
  void flag(bool& value) {
    const auto byte = reader_.number<uint8_t>();
    valid_ = valid_ && byte <= 1;
    value = byte == 1;
  }
  template <typename Enum>
  void choice(Enum& value, Enum last) {
    value = reader_.choice(last);
  }
  void text(std::string& value, size_t most) { value = reader_.text(most); }
  void address(IpAddress& value) { value = reader_.address(); }
  void mac(MacAddress& value) { value = reader_.mac(); }
  void prefix(IpPrefix& value) {
    const IpAddress address = reader_.address();
    const int length = reader_.number<uint8_t>();
    valid_ = valid_ && length <= (address.is_v4() ? 32 : 128);
    if (!valid_) return;
    value = IpPrefix(address, length);
    valid_ = value.address() == address && value.is_v4() == address.is_v4();
  }
  void ports(std::vector<uint16_t>& value) {
    const size_t count = reader_.number<uint8_t>();
    valid_ = valid_ && count <= kMostWatchPorts;
    for (size_t i = 0; valid_ && i < count; ++i) value.push_back(reader_.number<uint16_t>());
  }
  [[nodiscard]] bool whole() const { return valid_ && reader_.whole(); }

 private:
  PacketReader reader_;
  bool valid_ = true;
};

template <typename Coder, typename Message>
void code_fields(Coder& coder, Message& message)
  requires std::same_as<std::remove_const_t<Message>, BindingSeen>
{
  coder.mac(message.mac);
  coder.address(message.address);
  coder.choice(message.source, BindingSeen::Source::Dhcp);
  coder.number(message.interface);
  coder.number(message.vlan);
  coder.flag(message.foreign_frame);
  coder.text(message.vendor_class, 64);
  coder.text(message.relay, 128);
}

template <typename Coder, typename Message>
void code_fields(Coder& coder, Message& message)
  requires std::same_as<std::remove_const_t<Message>, SipOutcome>
{
  coder.choice(message.result, SipOutcome::Result::Probed);
  coder.address(message.client);
  coder.number(message.client_port);
  coder.address(message.server);
  coder.number(message.server_port);
  coder.flag(message.tcp);
  coder.number(message.status);
  coder.flag(message.nonce_was_sent_there);
  coder.flag(message.connected);
  coder.number(message.cseq);
  coder.number(message.expires_seconds);
  coder.number(message.time_us);
  coder.text(message.method, 16);
  coder.text(message.account, kMostAccountText);
  coder.number(message.fingerprint);
  coder.flag(message.alone);
  coder.text(message.username, 64);
  coder.text(message.realm, 128);
  coder.text(message.nonce, 128);
  coder.text(message.uri, 256);
  coder.text(message.qop, 16);
  coder.text(message.nc, 8);
  coder.text(message.cnonce, 128);
  coder.text(message.algorithm, 16);
  coder.text(message.response, 64);
  coder.text(message.user_agent, 128);
  coder.text(message.call_id, 128);
}

template <typename Coder, typename Message>
void code_fields(Coder& coder, Message& message)
  requires std::same_as<std::remove_const_t<Message>, CallSeen>
{
  coder.choice(message.what, CallSeen::What::Over);
  coder.address(message.caller);
  coder.number(message.caller_port);
  coder.address(message.callee);
  coder.number(message.callee_port);
  coder.flag(message.tcp);
  coder.number(message.time_us);
  coder.number(message.until_us);
  coder.text(message.from, kMostAccountText);
  coder.text(message.called, kMostAccountText);
  coder.text(message.call_id, 128);
}

template <typename Coder, typename Message>
void code_fields(Coder& coder, Message& message)
  requires std::same_as<std::remove_const_t<Message>, WatchCounters>
{
  for (auto* number : {&message.frames, &message.kernel_drops, &message.malformed,
                       &message.fragments, &message.sip_messages, &message.evictions,
                       &message.unsent, &message.queue_accepted, &message.queue_refused})
    coder.number(*number);
}

template <typename Coder, typename Message>
void code_fields(Coder&, Message&)
  requires std::same_as<std::remove_const_t<Message>, WatchAlive>
{}

template <typename Coder, typename Message>
void code_fields(Coder& coder, Message& message)
  requires std::same_as<std::remove_const_t<Message>, WatchBlame>
{
  coder.flag(message.add);
  coder.prefix(message.source);
  coder.text(message.account, kMostAccountText);
}

template <typename Coder, typename Message>
void code_fields(Coder& coder, Message& message)
  requires std::same_as<std::remove_const_t<Message>, WatchSettings>
{
  coder.ports(message.sip_ports);
}

template <typename Message>
std::string write(Kind kind, const Message& message) {
  Writer writer(kind);
  code_fields(writer, message);
  return writer.take();
}

Error malformed() {
  return Error(ErrorCode::Corrupt, "a message of or to stormdoor-watch is malformed");
}

template <typename Message, typename Any>
Result<Any> read(Reader& reader) {
  Message message;
  code_fields(reader, message);
  if (!reader.whole()) return malformed();
  return Any(std::move(message));
}

Kind kind_of(const BindingSeen&) {
  return Kind::BindingSeen;
}
Kind kind_of(const SipOutcome&) {
  return Kind::SipOutcome;
}
Kind kind_of(const CallSeen&) {
  return Kind::CallSeen;
}
Kind kind_of(const WatchCounters&) {
  return Kind::Counters;
}
Kind kind_of(const WatchAlive&) {
  return Kind::Alive;
}
Kind kind_of(const WatchBlame&) {
  return Kind::Blame;
}
Kind kind_of(const WatchSettings&) {
  return Kind::Settings;
}

}  // namespace

std::string encode(const WatchReport& report) {
  return std::visit([](const auto& message) { return write(kind_of(message), message); }, report);
}

std::string encode(const WatchOrder& order) {
  return std::visit([](const auto& message) { return write(kind_of(message), message); }, order);
}

Result<WatchReport> decode_watch_report(std::string_view packet) {
  Reader reader(packet);
  switch (reader.kind()) {
    case Kind::BindingSeen:
      return read<BindingSeen, WatchReport>(reader);
    case Kind::SipOutcome:
      return read<SipOutcome, WatchReport>(reader);
    case Kind::CallSeen:
      return read<CallSeen, WatchReport>(reader);
    case Kind::Counters:
      return read<WatchCounters, WatchReport>(reader);
    case Kind::Alive:
      return read<WatchAlive, WatchReport>(reader);
    default:
      return malformed();
  }
}

Result<WatchOrder> decode_watch_order(std::string_view packet) {
  Reader reader(packet);
  switch (reader.kind()) {
    case Kind::Blame:
      return read<WatchBlame, WatchOrder>(reader);
    case Kind::Settings:
      return read<WatchSettings, WatchOrder>(reader);
    default:
      return malformed();
  }
}

}  // namespace stormdoor::edge
