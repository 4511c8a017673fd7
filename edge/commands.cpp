#include "edge/commands.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace stormdoor::edge {

void CommandTable::run(const ControlRequest& request, const Responder& responder) const {
  const auto found = handlers_.find(request.command);
  if (found == handlers_.end()) {
    responder.respond(ControlResponse::refused(Error(
        ErrorCode::NotFound, fmt::format("this stormdoord knows no command \"{}\"; is the shell of "
                                         "the same version?",
                                         printable(request.command, 40)))));
    return;
  }
  Arguments arguments(request.arguments);
  if (const auto handled = found->second(arguments, responder); !handled)
    responder.respond(ControlResponse::refused(handled.error()));
}

}  // namespace stormdoor::edge
