#include "tftp-http/provisioning_pace.hpp"

#include <algorithm>

namespace stormdoor::http {
namespace {

constexpr uint64_t kLeastPaced = uint64_t{64} << 10;

// Half of what the phone waits for one piece; without a profile, what most phones are assumed to.
FirmwarePatience patience_of(const PhoneProfile* vendor, Transport transport) {
  const bool tftp = transport == Transport::Tftp;
  const milliseconds timeout = vendor ? vendor->patience.timeout : seconds(tftp ? 1 : 10);
  const int tries = vendor ? vendor->patience.tries : tftp ? 5 : 3;
  // TFTP clients' time-outs are short, whatever is known of the phone as a whole.
  const milliseconds most = tftp ? milliseconds(2000) : milliseconds(5000);
  return {std::clamp(timeout / 2, milliseconds(500), most), timeout * tries};
}

}  // namespace

void pace(FileAnswer& answer, const FirmwareLinks& links, const TreeFile& file) {
  if (answer.content->size() <= (file.is_firmware ? kLeastPaced : file.small_file)) return;
  answer.link = links.find(file.request.source);
  if (!answer.link) return;
  answer.patience = patience_of(file.vendor, file.request.transport);
  answer.retries_after_503 = file.vendor && file.vendor->retries_after_503;
}

}  // namespace stormdoor::http
