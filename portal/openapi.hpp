#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace stormdoor::portal {

// The OpenAPI 3.1 document of the API, made from the table of routes.
[[nodiscard]] nlohmann::json openapi(const std::string& version);

}  // namespace stormdoor::portal
