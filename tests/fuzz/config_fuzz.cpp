#include <chrono>

#include "base/config_reader.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace {

using stormdoor::ConfigReader;
using stormdoor::ConfigTable;

// Asks for a key of every kind; whatever stands there, what comes back is in range.
void read_table(const ConfigTable& table) {
  using namespace std::chrono_literals;
  (void)table.boolean("b", false);
  const int64_t integer = table.integer("i", 5, 1, 10);
  STORMDOOR_CHECK(integer >= 1 && integer <= 10, "integers are in range");
  const auto duration = table.duration("d", 5s, 1s, 10s);
  STORMDOOR_CHECK(duration >= 1s && duration <= 10s, "durations are in range");
  const uint64_t size = table.size("s", 5, 1, 10);
  STORMDOOR_CHECK(size >= 1 && size <= 10, "sizes are in range");
  (void)table.string("t", "");
  (void)table.secret("secret");
  (void)table.path("f", "");
  (void)table.strings("l");
  (void)table.prefixes("p");
  (void)table.endpoints("e");
  (void)table.variables("v");
  (void)table.choice("c", 0, {{"one", 1}, {"two", 2}});
  (void)table.choice_list<int>("cl", {}, {{"one", 1}, {"two", 2}});
  (void)table.require("must", "say so");
  table.error_at("at", "wrong; make it right");
}

}  // namespace

// A configuration file from anywhere: no crash, no hang, no value out of range, and errors that can
// be shown.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto reader = ConfigReader::parse({reinterpret_cast<const char*>(data), size});
  read_table(reader.root());
  read_table(reader.table("tftp"));
  for (const auto& table : reader.tables("network")) {
    read_table(table);
    read_table(table.table("repeat"));
  }
  for (const auto& [name, table] : reader.root().named_tables("vendor")) read_table(table);
  STORMDOOR_CHECK(!reader.finish(), "we complained ourselves");
  STORMDOOR_CHECK(reader.errors().size() <= 201, "the bound on errors holds");
  for (const auto& error : reader.errors()) {
    STORMDOOR_CHECK(stormdoor::is_valid_utf8(error), "errors can be shown");
    STORMDOOR_CHECK(error.find_first_of("\n\x1b") == std::string::npos, "an error is one line");
  }
  (void)reader.known_keys();
  (void)reader.keys_in_files();
  return 0;
}
