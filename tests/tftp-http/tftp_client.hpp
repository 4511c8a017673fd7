#pragma once

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop/event_loop.hpp"
#include "base/loop/udp_socket.hpp"
#include "tftp-http/tftp_packet.hpp"

namespace stormdoor::tftp {

// A phone on a loopback address of its own that does exactly what a test says. The server runs on
// the same thread: exchange() gives it turns until it has nothing left to do.
class TestClient {
 public:
  struct Packet {
    Endpoint from;
    std::string bytes;
    [[nodiscard]] std::optional<TftpPacket> parsed() const {
      return parse_packet(std::as_bytes(std::span(bytes)));
    }
    // Nothing when it is of another kind.
    template <typename Kind>
    [[nodiscard]] std::optional<Kind> as() const {
      const auto packet = parsed();
      const Kind* kind = packet ? std::get_if<Kind>(&*packet) : nullptr;
      return kind == nullptr ? std::nullopt : std::optional(*kind);
    }
  };

  TestClient(loop::EventLoop& loop, std::string_view address)
      : loop_(loop),
        socket_(*loop::UdpSocket::bind({*IpAddress::parse(address), 0, 0}, {})),
        inbox_(16, 1600),
        outbox_(4, 1600) {}

  [[nodiscard]] const Endpoint& local() const { return socket_.local(); }

  // Sends and returns everything that came back.
  std::vector<Packet> exchange(const Endpoint& to, std::string_view bytes) {
    send(to, bytes);
    return received();
  }
  std::vector<Packet> request(const Endpoint& server, std::string_view file,
                              const Options& options = {}, Mode mode = Mode::Octet,
                              bool write = false) {
    return exchange(server, request_bytes(file, options, mode, write));
  }
  std::vector<Packet> ack(const Endpoint& to, uint16_t block) {
    return exchange(to, ack_bytes(block));
  }
  // Only sends; the server has had no turn yet.
  void send(const Endpoint& to, std::string_view bytes) {
    std::memcpy(outbox_.room().data(), bytes.data(), bytes.size());
    outbox_.add({to, {}}, bytes.size());
    socket_.send(outbox_);
  }
  std::vector<Packet> received() {
    // One turn for the requests and one for what they touch; loopback delivers at once.
    for (int turn = 0; turn < 3; ++turn) loop_.run_once(milliseconds(0));
    std::vector<Packet> packets;
    for (auto got = socket_.receive(inbox_); !got.empty(); got = socket_.receive(inbox_))
      for (const loop::Datagram& datagram : got)
        packets.push_back(
            {datagram.peer,
             {reinterpret_cast<const char*>(datagram.payload.data()), datagram.payload.size()}});
    return packets;
  }
  static std::string ack_bytes(uint16_t block) {
    std::array<std::byte, 4> bytes;
    write_ack(bytes, block);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  static std::string request_bytes(std::string_view file, const Options& options = {},
                                   Mode mode = Mode::Octet, bool write = false) {
    std::array<std::byte, kMostRequestBytes> room;
    const size_t size = write_request(room, {write, file, mode, options});
    return {reinterpret_cast<const char*>(room.data()), size};
  }

 private:
  loop::EventLoop& loop_;
  loop::UdpSocket socket_;
  loop::UdpInbox inbox_;
  loop::UdpOutbox outbox_;
};

}  // namespace stormdoor::tftp
