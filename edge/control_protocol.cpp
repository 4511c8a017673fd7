#include "edge/control_protocol.hpp"

#include <array>

namespace stormdoor::edge {
namespace {

using nlohmann::json;

constexpr int kMostDepth = 32;

// The parser throws on request only; nesting is bounded because its destructor recurses.
Result<json> parse_json(std::string_view text) {
  bool too_deep = false;
  const auto watch_depth = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kMostDepth;
    return !too_deep;
  };
  json parsed = json::parse(text, watch_depth, false);
  if (parsed.is_discarded() || too_deep)
    return Error(ErrorCode::InvalidArgument, "a control message is not valid JSON");
  return parsed;
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

constexpr std::array kOutcomeNames = {"done", "refused", "usage"};

}  // namespace

std::string ControlRequest::encode() const {
  return dump(json{{"command", command}, {"arguments", arguments}});
}

Result<ControlRequest> ControlRequest::decode(std::string_view text) {
  json parsed = TRY(parse_json(text));
  if (!parsed.is_object() || !parsed.contains("command") || !parsed["command"].is_string())
    return Error(ErrorCode::InvalidArgument, "a control request names no command");
  ControlRequest request{parsed["command"].get<std::string>(), json::object()};
  if (request.command.size() > 64)
    return Error(ErrorCode::InvalidArgument, "a control request's command is too long");
  if (parsed.contains("arguments")) {
    if (!parsed["arguments"].is_object())
      return Error(ErrorCode::InvalidArgument, "a control request's arguments are not an object");
    request.arguments = std::move(parsed["arguments"]);
  }
  return request;
}

ControlResponse ControlResponse::done(std::string message, json data) {
  return {Outcome::Done, std::move(message), std::move(data), false};
}

ControlResponse ControlResponse::refused(const Error& error) {
  json data = {{"error", to_string(error.code())}};
  for (const ErrorDetail& detail : error.details())
    data["details"].push_back(
        {{"field", detail.field}, {"row", detail.row}, {"message", detail.message}});
  return {Outcome::Refused, error.message(), std::move(data), false};
}

std::string ControlResponse::encode() const {
  json object{{"outcome", kOutcomeNames[size_t(outcome)]}, {"message", message}, {"data", data}};
  if (more) object["more"] = true;
  return dump(object);
}

Result<ControlResponse> ControlResponse::decode(std::string_view text) {
  json parsed = TRY(parse_json(text));
  const Error malformed(ErrorCode::Corrupt,
                        "the daemon's answer is not one this client understands");
  if (!parsed.is_object() || !parsed.value("outcome", json()).is_string() ||
      !parsed.value("message", json()).is_string())
    return malformed;
  ControlResponse response;
  const auto name = parsed["outcome"].get<std::string>();
  size_t index = 0;
  while (index < kOutcomeNames.size() && name != kOutcomeNames[index]) ++index;
  if (index == kOutcomeNames.size()) return malformed;
  response.outcome = static_cast<Outcome>(index);
  response.message = parsed["message"].get<std::string>();
  if (parsed.contains("data")) response.data = std::move(parsed["data"]);
  response.more = parsed.contains("more") && parsed["more"] == true;
  return response;
}

std::string frame(std::string_view payload) {
  const auto size = uint32_t(payload.size());
  std::string framed;
  framed.reserve(payload.size() + 4);
  for (const int shift : {24, 16, 8, 0}) framed += char(size >> shift);
  framed += payload;
  return framed;
}

Result<std::optional<std::string>> FrameReader::next() {
  if (buffer_.size() < 4) return std::optional<std::string>{};
  size_t size = 0;
  for (size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(buffer_[i]);
  if (size > most_bytes_)
    return Error(ErrorCode::ResourceExhausted, "a control message is longer than allowed");
  if (buffer_.size() < 4 + size) return std::optional<std::string>{};
  std::string payload = buffer_.substr(4, size);
  buffer_.erase(0, 4 + size);
  return std::optional<std::string>(std::move(payload));
}

}  // namespace stormdoor::edge
