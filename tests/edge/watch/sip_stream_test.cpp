#include "edge/watch/sip_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/sip_text.hpp"

namespace stormdoor::edge::watch {
namespace {

using test::SipRequestText;
using testing::ElementsAre;

struct Reader {
  void segment(uint32_t seq, std::string_view bytes, bool syn = false) {
    stream.on_segment(seq, syn, bytes,
                      [&](const SipMessage& message) { seen.push_back(message.cseq); });
  }
  SipStream stream;
  std::vector<uint32_t> seen;
};

std::string message(uint32_t cseq, const std::string& body = {}) {
  SipRequestText request;
  request.cseq = cseq;
  std::string text = request.text();
  text.replace(text.rfind("0\r\n\r\n"), 5, std::to_string(body.size()) + "\r\n\r\n" + body);
  return text;
}

TEST(SipStream, ReadsMessagesThatShareASegment) {
  Reader reader;
  reader.segment(99, {}, true);
  reader.segment(100, message(1) + "\r\n\r\n" + message(2, "v=0\r\n") + message(3));
  EXPECT_THAT(reader.seen, ElementsAre(1, 2, 3));
  EXPECT_EQ(reader.stream.held(), 0U);
}

TEST(SipStream, ReadsAMessageThatComesByteByByte) {
  Reader reader;
  const std::string text = message(1, "body\r\n\r\n") + message(2);
  for (size_t i = 0; i < text.size(); ++i)
    reader.segment(uint32_t(1000 + i), std::string_view(text).substr(i, 1));
  EXPECT_THAT(reader.seen, ElementsAre(1, 2));
}

TEST(SipStream, PutsSegmentsInOrderAcrossTheEndOfTheNumbers) {
  Reader reader;
  const std::string text = message(1) + message(2) + message(3);
  const auto part = [&](size_t from, size_t to) {
    reader.segment(uint32_t(0xffffff00U + from), std::string_view(text).substr(from, to - from));
  };
  reader.segment(0xffffff00U - 1, {}, true);
  part(400, text.size());
  part(100, 250);
  part(250, 400);
  EXPECT_TRUE(reader.seen.empty());
  part(0, 120);
  EXPECT_THAT(reader.seen, ElementsAre(1, 2, 3));
}

TEST(SipStream, WhatIsSentAgainIsReadOnce) {
  Reader reader;
  const std::string text = message(1) + message(2);
  reader.segment(0, std::string_view(text).substr(0, 300));
  reader.segment(0, std::string_view(text).substr(0, 300));
  reader.segment(200, std::string_view(text).substr(200));
  reader.segment(200, std::string_view(text).substr(200));
  EXPECT_THAT(reader.seen, ElementsAre(1, 2));
}

TEST(SipStream, GoesOnAtTheNextStartLineAfterAGap) {
  Reader reader;
  const std::string text = message(1) + message(2) + message(3);
  const size_t second = message(1).size();
  reader.segment(0, std::string_view(text).substr(0, second + 20));
  // 100 bytes are lost; what follows waits until there is too much of it.
  uint32_t seq = uint32_t(second) + 120;
  reader.segment(seq, std::string_view(text).substr(seq));
  EXPECT_THAT(reader.seen, ElementsAre(1));
  seq = uint32_t(text.size());
  for (uint32_t i = 0; i < SipStream::kMostWaiting; ++i) {
    reader.segment(seq, message(10 + i));
    seq += uint32_t(message(10 + i).size());
  }
  EXPECT_EQ(reader.seen.size(), 2 + SipStream::kMostWaiting);
  EXPECT_EQ(reader.seen.at(1), 3U);
}

TEST(SipStream, AGapWithinABodyLosesNothing) {
  Reader reader;
  const std::string text = message(1, std::string(4000, 'x'));
  reader.segment(0, std::string_view(text).substr(0, 1000));
  uint32_t seq = 3000;  // 2000 bytes of the body are lost
  reader.segment(seq, std::string_view(text).substr(seq));
  seq = uint32_t(text.size());
  for (uint32_t i = 0; i < SipStream::kMostWaiting; ++i) {
    reader.segment(seq, message(10 + i));
    seq += uint32_t(message(10 + i).size());
  }
  EXPECT_EQ(reader.seen.size(), 1 + SipStream::kMostWaiting);
}

TEST(SipStream, BeginsInTheMiddleOfAConnection) {
  Reader reader;
  reader.segment(5000, "the end of a header\r\nContent-Length: 0\r\n\r\n" + message(7));
  EXPECT_THAT(reader.seen, ElementsAre(7));
}

TEST(SipStream, GoesOnAfterWhatIsNoSip) {
  Reader reader;
  reader.segment(0, "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + message(1));
  EXPECT_THAT(reader.seen, ElementsAre(1));
}

TEST(SipStream, ABodyOfTheLargestSizeIsSkippedAndALargerOneIsALie) {
  Reader reader;
  reader.segment(0, {}, true);
  const std::string whole = message(1, std::string(SipStream::kMostBodyBytes, 'x')) + message(2);
  reader.segment(1, whole);
  EXPECT_THAT(reader.seen, ElementsAre(1, 2));
  EXPECT_EQ(reader.stream.malformed(), 0U);
  std::string lie = message(3);
  lie.replace(lie.rfind("0\r\n\r\n"), 1, std::to_string(SipStream::kMostBodyBytes + 1));
  reader.segment(uint32_t(1 + whole.size()), lie + message(4));
  EXPECT_THAT(reader.seen, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(reader.stream.malformed(), 1U);
}

TEST(SipStream, ASegmentFarAwayBeginsAnew) {
  Reader reader;
  reader.segment(0, message(1));
  reader.segment(1U << 30, message(2));
  EXPECT_THAT(reader.seen, ElementsAre(1, 2));
}

TEST(Promise12_Bounded, AStreamNeverHoldsMoreThanItsBytes) {
  Reader reader;
  uint32_t seq = 0;
  for (int i = 0; i < 4000; ++i) {
    const bool early = i % 3 == 0;
    reader.segment(seq + (early ? 3000 : 0), std::string(1 + size_t(i) * 7 % 1400, 'x'));
    EXPECT_LE(reader.stream.held(), SipStream::kMostBytes);
    seq += uint32_t(i) * 5 % 900;
  }
}

}  // namespace
}  // namespace stormdoor::edge::watch
