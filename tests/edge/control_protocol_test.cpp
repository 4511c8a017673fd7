#include "edge/control_protocol.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

TEST(FrameReader, CutsAStreamWhereverItIsSplit) {
  const std::string stream = frame("one") + frame("") + frame("three");
  for (size_t split = 0; split <= stream.size(); ++split) {
    FrameReader reader(100);
    std::vector<std::string> frames;
    for (const auto& piece : {stream.substr(0, split), stream.substr(split)}) {
      reader.feed(piece);
      for (auto next = reader.next(); next && *next; next = reader.next()) frames.push_back(**next);
    }
    EXPECT_EQ(frames, (std::vector<std::string>{"one", "", "three"})) << split;
  }
}

TEST(FrameReader, RefusesAFrameLongerThanAllowedBeforeItArrives) {
  FrameReader exact(5);
  exact.feed(frame("12345"));
  EXPECT_EQ(**exact.next(), "12345");
  FrameReader reader(5);
  reader.feed(frame("123456").substr(0, 4));
  EXPECT_FALSE(reader.next());
}

TEST(ControlRequest, SurvivesTheWire) {
  const ControlRequest request{"phone.add", {{"macs", {"00:0F:D3:05:48:48"}}}};
  const auto decoded = ControlRequest::decode(request.encode());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->command, "phone.add");
  EXPECT_EQ(decoded->arguments, request.arguments);
}

TEST(ControlRequest, RefusesWhatIsNotOne) {
  for (const char* text : {"", "[]", "{}", R"({"command":7})", R"({"command":"x","arguments":[]})",
                           "{", R"({"command":"x"} trailing)"})
    EXPECT_FALSE(ControlRequest::decode(text)) << text;
  EXPECT_FALSE(
      ControlRequest::decode(R"({"command":"x","arguments":{"a":)" + std::string(10000, '[')));
  EXPECT_FALSE(ControlRequest::decode(R"({"command":"x","arguments":{"a":)" +
                                      std::string(100, '[') + std::string(100, ']') + "}}"));
}

TEST(ControlResponse, SurvivesTheWireEvenWithForeignBytes) {
  auto response =
      ControlResponse::refused(Error(ErrorCode::Conflict, "the label \xff is not UTF-8"));
  const auto decoded = ControlResponse::decode(response.encode());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->outcome, Outcome::Refused);
  EXPECT_EQ(decoded->data["error"], "conflict");
  EXPECT_FALSE(ControlResponse::decode(R"({"outcome":"maybe","message":""})"));
}

}  // namespace
}  // namespace stormdoor::edge
