#pragma once

#include <functional>
#include <string_view>

#include "portal/assets.hpp"
#include "tftp-http/http_request.hpp"
#include "tftp-http/http_response.hpp"

namespace stormdoor::portal {

// The file of that path, or nullptr.
using FindAsset = std::function<const Asset*(std::string_view path)>;

// What a browser gets for a path that is not the API's: the file, else the page itself, which knows
// what its paths mean. Below /assets/ there is nothing but files.
[[nodiscard]] http::HttpResponse page_for(const http::HttpRequest& request, const FindAsset& find);

// Says to browsers what our pages are made of and that nobody else may show or read them; on every
// answer of the portal.
void add_security_headers(http::HttpResponse& response);

}  // namespace stormdoor::portal
