#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the screens of desk pages look like, and how each kind of phone is told so: XML objects of
// the vendors' browsers, HTML for microbrowsers and people's own phones, and JSON for the app that
// Digium phones run instead of a browser. Pure.
namespace stormdoor::http {

// Which objects a phone's browser understands.
enum class ScreenFormat : uint8_t { Html, Yealink, Cisco, Aastra, Snom, Digium };

// Something to press.
struct ScreenKey {
  std::string label;  // short: soft keys show about eight characters
  std::string url;
};

// One thing to type.
struct ScreenField {
  std::string prompt;
  std::string parameter;
  bool hidden = false;  // shown as dots
};

// What is typed goes to `url`, which has no query: phones append one (GET), browsers of people send
// a body (POST).
struct ScreenForm {
  std::string url;
  std::string cancel;  // where to go when nothing is typed
  std::vector<ScreenField> fields;
};

struct Screen {
  std::string title;
  std::vector<std::string> lines;
  std::vector<ScreenKey> keys;
  std::optional<ScreenForm> form;
  bool restart = false;  // the phone has to fetch its configuration anew: those that can be told
                         // so here are, and show no more than that
  bool refused = false;  // something went wrong: some browsers show that otherwise
};

struct RenderedScreen {
  std::string content_type;
  std::string text;
};

// Vendors' bounds (facts they publish are named at each renderer): an object of a Yealink phone has
// at most 10,000 bytes, a Cisco form five fields. A Snom form has one field: give it one at a time.
[[nodiscard]] RenderedScreen render(const Screen& screen, ScreenFormat format);
// Whether a form may have more than one field.
[[nodiscard]] bool takes_whole_forms(ScreenFormat format);

}  // namespace stormdoor::http
