#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "base/clock.hpp"
#include "base/text.hpp"

namespace stormdoor {
namespace {

// The log is the one thing that every layer reaches without being handed it: a parameter of every
// function would say nothing, and there is only one stderr.
std::atomic<LogLevel> least_level{LogLevel::Info};
std::atomic<LogFormat> log_format{LogFormat::KeyValue};

spdlog::logger& sink() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("stormdoor",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

constexpr std::string_view kLevelNames[] = {"debug", "info", "warning", "error"};

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" =") != std::string_view::npos;
}

// JSON needs \u00NN where printable() writes \xNN.
std::string json_string(std::string_view value) {
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      quoted += fmt::format("\\u{:04x}", int{c});
    else
      quoted += c;
  }
  return quoted + '"';
}

}  // namespace

LogField::LogField(std::string_view key_, int64_t number)
    : key(key_), value(fmt::to_string(number)) {}
LogField::LogField(std::string_view key_, uint64_t number)
    : key(key_), value(fmt::to_string(number)) {}

void Log::configure(LogLevel least, LogFormat format) {
  least_level = least;
  log_format = format;
}

bool Log::enabled(LogLevel level) {
  return level >= least_level.load(std::memory_order_relaxed);
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!enabled(level)) return;
  const bool json = log_format == LogFormat::Json;
  const std::string time = format_time(read_clocks().wall);
  const auto name = kLevelNames[size_t(level)];
  std::string line =
      json ? fmt::format(R"({{"time":"{}","level":"{}","event":"{}")", time, name, event)
           : fmt::format("{} {} {}", time, name, event);
  for (const auto& field : fields) {
    const std::string value = printable(field.value, 500);
    if (json)
      line += fmt::format(",\"{}\":{}", field.key, json_string(value));
    else
      line += fmt::format(fmt::runtime(needs_quotes(value) ? " {}=\"{}\"" : " {}={}"), field.key,
                          value);
  }
  if (json) line += '}';
  sink().info("{}", line);
}

}  // namespace stormdoor
