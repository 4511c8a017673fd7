#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mac_address.hpp"
#include "bench/storm/http_client.hpp"
#include "bench/storm/storm_loop.hpp"
#include "bench/storm/target.hpp"
#include "bench/storm/tftp_client.hpp"

namespace stormdoor::storm {

enum class AttackKind : uint8_t {
  SweepHttps,      // one MAC after another: harvesting configurations
  SweepTftp,       // the same over TFTP
  GuessPasswords,  // one phone's file, a new password each time
  GuessTokens,     // one phone's file, a new token in the path each time
};
[[nodiscard]] std::string_view to_string(AttackKind kind);  // "sweeps MACs over HTTPS"

struct AttackPlan {
  AttackKind kind = AttackKind::SweepHttps;
  IpAddress source;
  MacAddress first;                // where the sweep starts, or whose file is guessed for
  std::string path = "{mac}.cfg";  // {mac}, {MAC}, and for tokens {token}
  uint32_t most = 1000;            // gives up after so many tries
  milliseconds pause{0};           // between tries
  milliseconds timeout{1000};      // without an answer
  // What it hopes for: texts that are a harvest when an answer contains one.
  std::vector<std::string> trophies;
};

struct AttackResult {
  uint32_t asked = 0;
  uint32_t found = 0;      // answers with content
  uint32_t harvested = 0;  // of those, with a trophy
  uint32_t missing = 0;
  uint32_t refused = 0;  // 401, 403, TFTP error 2
  uint32_t silent = 0;   // no answer, reset, refused connection
  bool blocked = false;
  uint32_t answers_until_blocked = 0;  // how many tries were answered before the first was not
  std::string how;                     // what being blocked looked like: "connection reset"
};

// Somebody who should be stopped. Asks one thing after another from one address until kSure tries
// in a row have been turned away: by silence, a hang-up, a "later" (503, TFTP error 0), or a
// refusal in other words than the first try got (a wrong token is refused, too, but whoever is
// blocked is told something else). On its loop's thread.
class Attacker {
 public:
  static constexpr uint32_t kSure = 3;

  Attacker(StormLoop& storm, const Target& target, AttackPlan plan);
  ~Attacker();
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;

  // `on_done` is called once, from the loop.
  void begin(std::function<void()> on_done);
  [[nodiscard]] const AttackPlan& plan() const { return plan_; }
  [[nodiscard]] const AttackResult& result() const { return result_; }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  void try_next();
  void try_http(const std::string& path);
  void try_tftp(const std::string& path);
  [[nodiscard]] std::string next_path() const;
  void on_answer(const FetchResult& answer);
  [[nodiscard]] bool turned_away_by(const FetchResult& answer);
  void end();

  StormLoop& storm_;
  const Target& target_;
  AttackPlan plan_;
  AttackResult result_;
  StormLoop::Deadline pause_;
  std::unique_ptr<TftpClient> tftp_;
  std::unique_ptr<HttpClient> http_;
  std::function<void()> on_done_;
  std::string first_refusal_;  // how the first try was refused; empty: it was not
  uint32_t turned_away_ = 0;   // in a row
  bool ended_ = false;
};

}  // namespace stormdoor::storm
