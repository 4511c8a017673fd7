#include "edge/shell.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>

namespace stormdoor::edge {
namespace {

// The terminal without echo for as long as this lives, also when the person gives up.
class EchoOff {
 public:
  EchoOff() {
    tcgetattr(STDIN_FILENO, &before_);
    termios silent = before_;
    silent.c_lflag &= ~tcflag_t{ECHO};
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~EchoOff() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  termios before_{};
};

std::string ask(const std::string& prompt) {
  std::cerr << prompt << ": " << std::flush;
  std::string line;
  const EchoOff quiet;
  std::getline(std::cin, line);
  std::cerr << '\n';
  return line;
}

}  // namespace

std::string read_file(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream in(path, std::ios::binary);
  if (!in) throw CLI::ValidationError(path, "cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<std::string> read_hidden(const std::string& prompt) {
  std::string line;
  if (isatty(STDIN_FILENO) == 0) {
    if (!std::getline(std::cin, line))
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("{}: nothing on standard input", prompt));
    return line;
  }
  line = ask(prompt);
  if (ask(prompt + ", again") != line)
    return Error(ErrorCode::InvalidArgument, "the two entries differ; nothing was changed");
  return line;
}

Shell::Added Shell::add(CLI::App& parent, const std::string& name, const std::string& command,
                        const std::string& help, const std::string& example, Renderer render) {
  auto made = std::make_shared<ShellCommand>();
  made->request.command = command;
  made->render = std::move(render);
  CLI::App* sub = parent.add_subcommand(name, help);
  sub->footer("Example:\n  " + example);
  sub->callback([this, made] { chosen_ = made; });
  return {*sub, std::move(made)};
}

Shell::Added& Shell::Added::text(const std::string& flags, const std::string& key,
                                 const std::string& help, bool required) {
  app.add_option_function<std::string>(
         flags,
         [made = command, key](const std::string& value) { made->request.arguments[key] = value; },
         help)
      ->required(required)
      ->type_name("TEXT");
  return *this;
}

Shell::Added& Shell::Added::texts(const std::string& flags, const std::string& key,
                                  const std::string& help, bool required) {
  app.add_option_function<std::vector<std::string>>(
         flags,
         [made = command, key](const std::vector<std::string>& values) {
           made->request.arguments[key] = values;
         },
         help)
      ->required(required)
      ->type_name("TEXT");
  return *this;
}

Shell::Added& Shell::Added::number(const std::string& flags, const std::string& key,
                                   const std::string& help) {
  app.add_option_function<int64_t>(
         flags,
         [made = command, key](const int64_t& value) { made->request.arguments[key] = value; },
         help)
      ->type_name("NUMBER");
  return *this;
}

Shell::Added& Shell::Added::flag(const std::string& flags, const std::string& key,
                                 const std::string& help) {
  app.add_flag_callback(
      flags, [made = command, key] { made->request.arguments[key] = true; }, help);
  return *this;
}

Shell::Added& Shell::Added::pairs(const std::string& flags, const std::string& key,
                                  const std::string& help) {
  app.add_option_function<std::vector<std::string>>(
         flags,
         [made = command, key, flags](const std::vector<std::string>& values) {
           for (const auto& value : values) {
             const auto equals = value.find('=');
             if (equals == std::string::npos || equals == 0)
               throw CLI::ValidationError(flags, "expected name=value, got \"" + value + "\"");
             made->request.arguments[key][value.substr(0, equals)] = value.substr(equals + 1);
           }
         },
         help)
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  return *this;
}

Shell::Added& Shell::Added::hidden(const std::string& flag, const std::string& key,
                                   const std::string& prompt, const std::string& help) {
  app.add_flag_callback(
      flag,
      [made = command, key, prompt, flag] {
        auto line = read_hidden(prompt);
        if (!line) throw CLI::ValidationError(flag, line.error().message());
        made->request.arguments[key] = *line;
      },
      help);
  return *this;
}

Shell::Added& Shell::Added::further_file(const std::string& flag, const std::string& key,
                                         const std::string& help) {
  app.add_option_function<std::string>(
         flag,
         [made = command, key](const std::string& path) {
           made->request.arguments[key] = read_file(path);
         },
         help)
      ->type_name("FILE");
  return *this;
}

Shell::Added& Shell::Added::file(const std::string& name, const std::string& key,
                                 const std::string& help, bool required) {
  app.add_option_function<std::string>(
         name,
         [made = command, key](const std::string& path) {
           made->request.arguments[key] = read_file(path);
           made->request.arguments["file"] = path == "-" ? "standard input" : path;
         },
         help)
      ->required(required)
      ->type_name("FILE");
  return *this;
}

}  // namespace stormdoor::edge
