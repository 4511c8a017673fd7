#include "base/error.hpp"
#include "edge/asterisk_log.hpp"

// Lines of a log that strangers have a hand in: foreign text in a whole line never moves the
// address, and what is read is bounded.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stormdoor;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  edge::AsteriskLog log;
  const std::string prefix = "[2026-03-01 08:15:30] SECURITY[1] res_security_log.c: ";
  for (size_t from = 0; from < text.size();) {
    const size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, end - from);
    from = end + 1;
    const auto login = log.read(line, WallTime{});
    STORMDOOR_CHECK(!login || (login->account.size() <= 64 && login->session.size() <= 64),
                    "foreign text is cut");
    // The same bytes as a Call-ID and as an account, in a line that Asterisk would write.
    for (const bool as_account : {false, true}) {
      const std::string foreign(line);
      const std::string whole =
          prefix + "SecurityEvent=\"ChallengeResponseFailed\",EventTV=\"1-0\",Severity=\"Error\"," +
          "Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"" + (as_account ? foreign : "301") +
          "\",SessionID=\"" + (as_account ? "1" : foreign) +
          "\",LocalAddress=\"IPV4/TLS/192.0.2.1/5061\",RemoteAddress=\"IPV4/TLS/198.51.100.7/9\"," +
          "Challenge=\"n\",Response=\"r\",ExpectedResponse=\"\"";
      const auto event = edge::parse_security_event(whole);
      STORMDOOR_CHECK(event && event->source == IpAddress::v4(0xc633'6407) && event->port == 9,
                      "the address is the PBX's word");
    }
  }
  return 0;
}
