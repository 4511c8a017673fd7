#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "tests/tftp-http/xml_check.hpp"
#include "tftp-http/desk_address.hpp"
#include "tftp-http/desk_form.hpp"
#include "tftp-http/desk_screens.hpp"

namespace {

using namespace stormdoor;
using namespace stormdoor::http;

void check(const DeskFields& fields) {
  STORMDOOR_CHECK(fields.size() <= kMostDeskFields, "a phone has few things to type");
  for (const auto& [name, value] : fields) {
    STORMDOOR_CHECK(name.size() <= kMostTyped && value.size() <= kMostTyped,
                    "what is typed is short");
    STORMDOOR_CHECK(value_of(fields, name).size() <= value.size(), "blanks are taken, not added");
  }
}

// Whatever stands on a screen, a phone's browser can read the screen.
void check_screens(const std::string& text) {
  Screen screen;
  screen.title = text;
  screen.lines = {text};
  screen.keys = {{text, text}};
  Screen form;
  form.title = text;
  form.form = {text, text, {{text, "ext", false}}};
  for (const auto format :
       {ScreenFormat::Yealink, ScreenFormat::Cisco, ScreenFormat::Aastra, ScreenFormat::Snom})
    for (const Screen* shown : {&screen, &form})
      STORMDOOR_CHECK(xml_problem(render(*shown, format).text).empty(), "text is no markup");
}

}  // namespace

// A request for a desk's pages: path, query and body, with a line's end between them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t first = std::min(bytes.find('\n'), size);
  const size_t second = std::min(bytes.find('\n', std::min(first + 1, size)), size);
  const std::string_view path = bytes.substr(0, first);
  if (const auto address = parse_desk_path(path)) {
    STORMDOOR_CHECK(address->key.size() == kDeskKeyCharacters, "a key has its length");
    size_t all = kDeskPrefix.size() + 12 + 1;  // the MAC
    for (const auto part : {address->key, address->page, address->form, address->extension}) {
      STORMDOOR_CHECK(part.find('/') == std::string_view::npos, "parts of a path");
      all += part.size();
    }
    STORMDOOR_CHECK(all <= path.size() + 1, "nothing is made up");
    check_screens(std::string(address->extension));
  }
  const auto query = read_desk_fields(
      bytes.substr(std::min(first + 1, size), second - std::min(first + 1, second)));
  check(query);
  check(read_desk_fields(bytes.substr(std::min(second + 1, size))));
  for (const auto& [name, value] : query) check_screens(value);
  return 0;
}
