#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace stormdoor {

enum class LogLevel { Debug, Info, Warning, Error };
enum class LogFormat { KeyValue, Json };

// One key=value of a log line. Values are made printable by the log itself; secrets have no way in
// (base/secret.hpp has no conversion to text).
struct LogField {
  LogField(std::string_view key_, std::string_view value_) : key(key_), value(value_) {}
  LogField(std::string_view key_, const char* value_) : key(key_), value(value_) {}
  LogField(std::string_view key_, const std::string& value_) : key(key_), value(value_) {}
  LogField(std::string_view key_, int64_t number);
  LogField(std::string_view key_, uint64_t number);
  LogField(std::string_view key_, int number) : LogField(key_, int64_t{number}) {}
  LogField(std::string_view key_, const Error& error) : key(key_), value(error.message()) {}

  std::string_view key;
  std::string value;
};

// The program's log: one line per event, on stderr (which systemd keeps), as
//   2026-03-01T08:15:30Z info block address=198.51.100.7 service=sip until=2026-03-01T09:15:30Z
// or the same as a JSON object. Any thread. `event` is a fixed word of ours, never foreign text.
class Log {
 public:
  static void configure(LogLevel least, LogFormat format);
  static bool enabled(LogLevel level);
  static void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
};

inline void log_debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
  if (Log::enabled(LogLevel::Debug)) Log::write(LogLevel::Debug, event, fields);
}
inline void log_info(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log::write(LogLevel::Info, event, fields);
}
inline void log_warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log::write(LogLevel::Warning, event, fields);
}
inline void log_error(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log::write(LogLevel::Error, event, fields);
}

}  // namespace stormdoor
