#pragma once

#include <string_view>

namespace stormdoor::portal {

// One file of the web pages, as the browser gets it. All of it lives as long as the program.
struct Asset {
  std::string_view path;  // "/assets/app-1a2b3c.js"; "/" is the page itself
  std::string_view content_type;
  std::string_view bytes;
  std::string_view gzip;   // the same, compressed; may be empty
  bool immutable = false;  // its name changes with its content
};

}  // namespace stormdoor::portal
