#pragma once

#include <vector>

#include "portal/route.hpp"

// What the parts of the API's table share: only for routes.cpp and routes_*.cpp.
namespace stormdoor::portal {

inline constexpr Parameter kMac = {"mac", In::Path, Type::Text, true,
                                   "The phone's MAC, in any spelling"};
inline constexpr Parameter kSearch = {"search", In::Query, Type::Text, false,
                                      "Only rows with this text in one of their fields"};
inline constexpr Parameter kSince = {
    "since", In::Query, Type::Text, false,
    "Only what was since then: 7d, 2026-03-01 or 2026-03-01T08:15:30Z"};

void add_locations(std::vector<Route>& table);    // routes_registry.cpp
void add_users(std::vector<Route>& table);        // routes_registry.cpp
void add_phones(std::vector<Route>& table);       // routes_registry.cpp
void add_desks(std::vector<Route>& table);        // routes_desks.cpp
void add_desk_apps(std::vector<Route>& table);    // routes_desks.cpp
void add_conversions(std::vector<Route>& table);  // routes_desks.cpp
void add_security(std::vector<Route>& table);     // routes_security.cpp

}  // namespace stormdoor::portal
