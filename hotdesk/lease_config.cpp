#include "hotdesk/lease_config.hpp"

namespace stormdoor::hotdesk {

LeaseTerms read_lease_config(const ConfigTable& lease) {
  using namespace std::chrono_literals;
  LeaseTerms terms;
  terms.within = lease.duration("within", terms.within, 1min, 24h);
  terms.budget = uint32_t(lease.integer("budget", terms.budget, 1, 10'000));
  terms.keep_old_secrets =
      lease.duration("keep_old_secrets", terms.keep_old_secrets, 1h, std::chrono::days(365));
  terms.most = size_t(lease.integer("most", int64_t(terms.most), 16, 100'000));
  return terms;
}

}  // namespace stormdoor::hotdesk
