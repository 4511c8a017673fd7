#pragma once

#include <span>
#include <string_view>

namespace stormdoor::portal {

// One file of the web pages, compiled into the program. Everything points into constants and lives
// as long as the program.
struct Asset {
  std::string_view path;  // "/index.html", "/assets/index-1a2b3c.js"
  std::string_view content_type;
  std::string_view bytes;
  std::string_view gzip;   // the same compressed; empty where that saves nothing
  bool immutable = false;  // its name changes with its content: may be kept for ever
};

// All of them, sorted by path. Made by the build from portal/web (cmake/portal.cmake).
[[nodiscard]] std::span<const Asset> all_assets();

// The file at this path, "/" being the page itself; nullptr: there is none. Paths are compared as
// they are: nothing is decoded, and no path leaves the table.
[[nodiscard]] const Asset* find_asset(std::string_view path);

}  // namespace stormdoor::portal
