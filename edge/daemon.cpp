#include "edge/daemon.hpp"

#include <fcntl.h>

#include "base/log.hpp"
#include "base/loop/event_loop.hpp"
#include "edge/privileges.hpp"
#include "edge/server.hpp"

namespace stormdoor::edge {
namespace {

// What the parent hands over before it says start. Blocking: nothing else runs yet.
Result<std::vector<NamedDescriptor>> receive_descriptors(MessageChannel& channel) {
  std::vector<NamedDescriptor> descriptors;
  for (;;) {
    auto message = TRY(channel.receive());
    if (!message) return Error(ErrorCode::Unavailable, "the parent went away before the start");
    if (message->type == MessageType::Start) return descriptors;
    if (message->type == MessageType::Refused) return Error(ErrorCode::Unavailable, message->text);
    if (message->type != MessageType::Descriptor)
      return Error(ErrorCode::Corrupt, "the parent sent something else than descriptors");
    descriptors.push_back({std::move(message->text), std::move(message->descriptor)});
  }
}

Result<void> serve(const std::string& config_file, MessageChannel& channel) {
  TRY(harden_process());
  raise_descriptor_limit();
  auto descriptors = TRY(receive_descriptors(channel));
  const auto loop = TRY(loop::EventLoop::create());
  // The channel's other copy stays with us, to say what went wrong.
  MessageChannel own(UniqueFd(fcntl(channel.descriptor(), F_DUPFD_CLOEXEC, 0)));
  const auto server =
      TRY(Server::create(*loop, config_file, std::move(own), std::move(descriptors)));
  loop->run();
  return {};
}

}  // namespace

int run_server(const std::string& config_file, MessageChannel channel) {
  const auto served = serve(config_file, channel);
  if (served) return 0;
  log_error("start-failed", {{"why", served.error()}});
  (void)channel.send(MessageType::Failed, served.error().message().substr(0, kMostMessageText));
  return 1;
}

}  // namespace stormdoor::edge
