#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/config_tree.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor {
namespace {

constexpr size_t kMostFileBytes = size_t{1} << 20;
constexpr size_t kMostConfigBytes = size_t{4} << 20;
constexpr size_t kMostFiles = 256;
constexpr int kMostDepth = 8;
constexpr std::string_view kPatternSigns = "*?[";

using Kind = ConfigNode::Kind;
using FileId = std::pair<dev_t, ino_t>;

struct OpenedFile {
  FileId id;
  std::string text;
};

Result<OpenedFile> read_file(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return system_error("open " + path, errno);
  struct stat status;
  if (fstat(file.get(), &status) != 0) return system_error("look at " + path, errno);
  if (!S_ISREG(status.st_mode))
    return Error(ErrorCode::InvalidArgument, path + " is not a regular file");
  std::string text;
  char buffer[65536];
  while (text.size() <= kMostFileBytes) {  // one more read than fits: parse_toml() refuses it
    const ssize_t count = read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read " + path, errno);
    if (count == 0) break;
    text.append(buffer, static_cast<size_t>(count));
  }
  return OpenedFile{{status.st_dev, status.st_ino}, std::move(text)};
}

// The files that `pattern` names, sorted; `folder` stands for itself even with signs in it.
Result<std::vector<std::string>> expand(const std::filesystem::path& folder,
                                        const std::string& pattern) {
  const bool absolute = pattern.starts_with('/');
  if (pattern.find_first_of(kPatternSigns) == std::string::npos)
    return std::vector<std::string>{absolute ? pattern : (folder / pattern).string()};
  std::string full;
  if (!absolute && !folder.empty()) {
    for (const char c : folder.string()) {
      if (kPatternSigns.contains(c) || c == '\\') full += '\\';
      full += c;
    }
    full += '/';
  }
  full += pattern;
  glob_t found{};
  // A folder that does not exist has no files; one that may not be read might hold rules.
  const auto stop_at = [](const char*, int failure) noexcept { return failure == ENOENT ? 0 : 1; };
  const int outcome = glob(full.c_str(), 0, stop_at, &found);
  std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  if (outcome != 0 && outcome != GLOB_NOMATCH)
    return Error(ErrorCode::Unavailable,
                 fmt::format("the folder of \"{}\" cannot be read", printable(pattern)));
  return paths;
}

class Loader {
 public:
  explicit Loader(ConfigState& state) : state_(state) {}

  // `from` is the place that includes the file; its line is 0 for the first one.
  void load(const std::string& path, const SourceLocation& from, int depth) {
    const std::string key = depth == 0 ? "" : "include";
    if (depth > kMostDepth)
      return fail(from, key,
                  fmt::format("included more than {} deep; include it from nearer the "
                              "first file",
                              kMostDepth));
    if (state_.files.size() >= kMostFiles)
      return fail(from, key, fmt::format("more than {} files; join some", kMostFiles));
    auto opened = read_file(path);
    if (!opened) return fail(from, key, opened.error().message());
    const auto [earlier, is_new] = seen_.emplace(opened->id, path);
    if (!is_new)
      return fail(from, key,
                  fmt::format("{} is included a second time (or includes itself); "
                              "include it once",
                              path));
    bytes_ += opened->text.size();
    if (bytes_ > kMostConfigBytes)
      return fail(
          from, key,
          fmt::format("more than {} of configuration in all", format_size(kMostConfigBytes)));
    parse(opened->text, path, depth);
  }

  void parse(std::string_view text, const std::string& name, int depth) {
    const auto file = static_cast<uint32_t>(state_.files.size());
    state_.files.push_back(name);
    TomlParse parsed = parse_toml(text, file);
    if (!parsed.root) return fail(state_.locate(parsed.where), "", parsed.problem);
    const auto include = parsed.root->members.extract("include");
    merge(*state_.root, *parsed.root, "");
    if (include) follow(*include.mapped(), name, depth);
  }

  bool allow_includes = true;

 private:
  void fail(const SourceLocation& where, std::string_view key, std::string_view message) {
    state_.incomplete = true;
    state_.problem_at(where, key, message);
  }

  void follow(const ConfigNode& include, const std::string& file, int depth) {
    const auto where = state_.locate(include.where);
    if (!allow_includes) return fail(where, "include", "a text by itself cannot include files");
    bool right = include.kind == Kind::Array;
    for (const auto& item : include.items) right = right && item.kind == Kind::String;
    if (!right)
      return fail(where, "include",
                  "not a list of file names; write something like [\"conf.d/*.toml\"]");
    const auto folder = std::filesystem::path(file).parent_path();
    for (const auto& item : include.items) {
      const auto from = state_.locate(item.where);
      if (item.text.empty() || item.text.find('\0') != std::string::npos) {
        fail(from, "include", "not a file name; write something like \"conf.d/*.toml\"");
        continue;
      }
      const auto paths = expand(folder, item.text);
      if (!paths) {
        fail(from, "include", paths.error().message());
        continue;
      }
      for (const auto& path : *paths) load(path, from, depth + 1);
    }
  }

  void merge(ConfigNode& into, ConfigNode& from, const std::string& path) {
    if (into.where.line == 0) into.where = from.where;
    for (auto& [key, value] : from.members) {
      const auto [present, is_new] = into.members.try_emplace(key, nullptr);
      if (is_new) {
        present->second = std::move(value);
        continue;
      }
      ConfigNode& there = *present->second;
      if (there.kind == Kind::Table && value->kind == Kind::Table)
        merge(there, *value, config_path(path, key));
      else if (there.is_array_of_tables() && value->is_array_of_tables())
        std::ranges::move(value->items, std::back_inserter(there.items));
      else
        state_.problem_at(state_.locate(value->key_where), config_path(path, key),
                          fmt::format("already set at {}; keep one of them",
                                      state_.locate(there.key_where).to_string()));
    }
  }

  ConfigState& state_;
  std::map<FileId, std::string> seen_;
  size_t bytes_ = 0;
};

}  // namespace

void load_config_files(ConfigState& state, const std::string& file) {
  Loader(state).load(file, SourceLocation{file, 0, 0}, 0);
  if (state.files.empty()) state.files.push_back(file);
}

void load_config_text(ConfigState& state, std::string_view text, std::string_view name) {
  Loader loader(state);
  loader.allow_includes = false;
  loader.parse(text, std::string(name), 0);
}

}  // namespace stormdoor
