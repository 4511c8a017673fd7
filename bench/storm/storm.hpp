#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/storm/attacker.hpp"
#include "bench/storm/phone.hpp"
#include "bench/storm/storm_report.hpp"

namespace stormdoor::storm {

// In which order and at what distances phones arrive.
enum class ArrivalCurve : uint8_t {
  Evenly,    // models mixed
  PowerCut,  // each model takes its own time to start, and its phones scatter around that
  Rolling,   // evenly, in the plan's order: one model, one floor after another
};

// A boot storm: which phones, when, against whom, and who attacks meanwhile.
struct StormPlan {
  Target target;
  std::vector<PhoneSpec> phones;
  // The phones arrive over this time; 0: all at once.
  milliseconds arrival{0};
  ArrivalCurve curve = ArrivalCurve::Evenly;
  uint32_t seed = 1;  // of everything that is drawn: the same seed, the same storm
  // At most so many boot at once, the others wait for their turn; 0: no limit.
  size_t most_at_once = 0;
  std::vector<AttackPlan> attacks;
  std::vector<BootScript> scripts = built_in_scripts();
};

// Runs one plan on one loop. The plan's phones that have no script, or whose transport the target
// does not offer, fail at once and are counted.
class Storm {
 public:
  Storm(StormLoop& storm, StormPlan plan);
  ~Storm();
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

  // `on_done` is called once, from the loop, when every phone and every attacker has ended.
  void begin(std::function<void()> on_done);
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] StormReport report() const;
  // What the phones have stored, to let them boot again: the specs with their addresses.
  [[nodiscard]] std::vector<PhoneSpec> phones_after() const;

 private:
  struct Arrival {
    size_t phone;
    SteadyTime when;
  };
  void plan_arrivals();
  void scatter_arrivals(std::mt19937& random);
  void admit();
  void start(size_t index);
  void on_phone(size_t index, const Phone& phone);
  void check_end();
  ReportRow& row_of(const PhoneSpec& spec);
  [[nodiscard]] uint32_t milliseconds_since_begin() const;

  StormLoop& storm_;
  StormPlan plan_;
  std::vector<Arrival> arrivals_;
  size_t next_ = 0;
  std::vector<std::unique_ptr<Phone>> running_;  // by index in the plan; nullptr: not running
  size_t running_count_ = 0;
  std::vector<std::unique_ptr<Attacker>> attackers_;
  size_t attackers_left_ = 0;
  StormReport so_far_;                       // its rows and reasons
  std::map<std::string, size_t> row_index_;  // into its rows
  SteadyTime begun_{};
  SteadyTime last_{};
  StormLoop::Deadline arrive_;
  std::function<void()> on_done_;
  bool ended_ = false;
};

}  // namespace stormdoor::storm
