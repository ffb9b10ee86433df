// The agent's own messages, on stderr: stdout belongs to alerts.
//
// One line per message, through the sanitizer (text.h), so that no byte of a container's name can
// steer a terminal. A message that repeats within 10 s is counted, not printed again.
// Thread: any.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace cgsentry::log {

enum class Level { debug, info, warning, error };

/// Messages below `level` are dropped. Default: info.
void set_level(Level level);

void write(Level level, std::string_view message);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace cgsentry::log
