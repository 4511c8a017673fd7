#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "bench/storm/storm.hpp"

namespace stormdoor::edge {

// The three files of the sample office, as `stormdoor ... import` reads them.
struct SampleOffice {
  std::string locations;
  std::string users;
  std::string phones;
};

// The simulated phones of such an office: vendor, model, an address in its location's network
// (127.20.<location>.<phone>, for phones that boot by TFTP 127.30...), and what its configuration
// must and must not hold: its own account, its own label, the emergency number of its own desk.
// Pure. The files must be such that the daemon accepts them.
[[nodiscard]] Result<std::vector<storm::PhoneSpec>> plan_phones(const SampleOffice& office);

// Who attacks meanwhile, each from an address of 127.66.0.0/16: sweeps of MACs near the office's
// over HTTPS and TFTP, a guesser of passwords and one of tokens. Their trophies are the names of
// the office's users.
[[nodiscard]] Result<std::vector<storm::AttackPlan>> plan_attacks(const SampleOffice& office);

}  // namespace stormdoor::edge
