#include "portal/assets.hpp"

#include <algorithm>

namespace stormdoor::portal {

const Asset* find_asset(std::string_view path) {
  if (path == "/") path = "/index.html";
  const auto assets = all_assets();
  const auto found = std::ranges::lower_bound(assets, path, {}, &Asset::path);
  return found != assets.end() && found->path == path ? &*found : nullptr;
}

}  // namespace stormdoor::portal
