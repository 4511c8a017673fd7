#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bench/storm/boot_script.hpp"

namespace stormdoor::storm {

// How one boot went.
struct BootResult {
  bool served = false;
  std::string reason;  // why not; the same words for every phone with the same trouble
  uint32_t asked = 0;
  uint32_t found = 0;
  uint32_t missing = 0;  // ordinary: files that may be missing
  uint64_t bytes = 0;
  uint32_t retries = 0;
  uint32_t most_retries = 0;  // of one file
  uint32_t most_tries = 1;    // of one packet (TFTP) or one file (HTTP)
  std::string url;            // what the configuration says later boots are to use; empty: nothing
};

// One boot as its script tells it, without sockets: which file is asked next, and what the answers
// amount to. After the script comes a second pass through the address that the configuration gave
// (if it gave one), and then the phone's expected files.
class BootRun {
 public:
  // Both must outlive this.
  BootRun(const BootScript& script, const PhoneSpec& phone);

  struct Ask {
    std::string url;   // "https://host:port/folder/"; empty: the server's own address
    std::string path;  // to be appended
    bool hashed = false;
  };
  // What to fetch next; nothing when the boot is over. Each is followed by on_result().
  std::optional<Ask> next();
  void on_result(const FetchResult& answer);
  [[nodiscard]] const BootResult& result() const { return result_; }
  // Whether the configuration is complete; expected files may still be missing.
  [[nodiscard]] bool configured() const { return pass_ == Pass::Files || result_.served; }

 private:
  enum class Pass : uint8_t { First, ThroughUrl, Files, Over };
  struct Named {
    std::string path;
    TextFormat format;
  };
  void fail(std::string reason);
  void count(const FetchResult& answer);
  void on_configuration(const FetchResult& answer, TextFormat format);
  void on_expected_file(const FetchResult& answer);
  void collect_names(std::string_view text, const std::string& marker);
  void collect_url(std::string_view text);
  void end_pass();
  [[nodiscard]] bool skipped(size_t step) const;

  const BootScript& script_;
  const PhoneSpec& phone_;
  Pass pass_ = Pass::First;
  size_t step_ = 0;  // the next one
  bool previous_found_ = false;
  bool has_names_ = false;
  std::deque<Named> named_;
  std::optional<Named> asked_name_;  // the running request is for a named file
  size_t file_ = 0;                  // the next expected file
  std::string texts_;                // of this pass
  BootResult result_;
};

}  // namespace stormdoor::storm
