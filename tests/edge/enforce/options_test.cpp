#include "edge/enforce/options.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge::enforce {
namespace {

TEST(EnforceOptions, AreRead) {
  const auto options =
      parse_options({"--channel", "3", "--watch-channel", "4", "--user", "stormdoor"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mode, Options::Mode::Serve);
  EXPECT_EQ(options->channel, 3);
  EXPECT_EQ(options->watch_channel, 4);
  EXPECT_EQ(options->user, "stormdoor");
  EXPECT_EQ(parse_options({})->mode, Options::Mode::Help);
  const auto printed = parse_options({"--print-ruleset", "--port", "desk-login/tcp/443", "--reject",
                                      "--rate", "10/5", "--queue", "7"});
  ASSERT_TRUE(printed);
  EXPECT_EQ(printed->settings.services[1].tcp, std::vector<uint16_t>{443});
  EXPECT_EQ(printed->settings.action, EnforceAction::Reject);
  EXPECT_EQ(printed->settings.metered_per_minute, 10U);
  EXPECT_TRUE(printed->settings.use_queue);
}

TEST(EnforceOptions, WrongOnesAreRefused) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--channel"},
                                             {"--channel", "x"},
                                             {"--channel", "-1"},
                                             {"--port", "sip/udp"},
                                             {"--port", "sip/sctp/1"},
                                             {"--port", "sip/udp/0"},
                                             {"--port", "sip/udp/65536"},
                                             {"--port", "fax/udp/1"},
                                             {"--rate", "0/1"},
                                             {"--rate", "1"},
                                             {"--queue", "65536"},
                                             {"--restore"},
                                             {"--nonsense", "1"},
                                             {"nonsense"}})
    EXPECT_FALSE(parse_options(wrong)) << wrong[0];
}

}  // namespace
}  // namespace stormdoor::edge::enforce
