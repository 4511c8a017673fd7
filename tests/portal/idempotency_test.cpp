#include "portal/idempotency.hpp"

#include <gtest/gtest.h>

namespace stormdoor::portal {
namespace {

using State = IdempotencyBook::State;
constexpr SteadyTime kStart{std::chrono::hours(1)};

TEST(IdempotencyBook, AnswersARepetitionTheSame) {
  IdempotencyBook book;
  EXPECT_EQ(book.begin("key", "request", kStart).state, State::New);
  EXPECT_EQ(book.begin("key", "request", kStart).state, State::Running);
  book.finish("key", {200, "application/json", "{}"});
  const auto found = book.begin("key", "request", kStart);
  EXPECT_EQ(found.state, State::Answered);
  EXPECT_EQ(found.answer.status, 200);
  EXPECT_EQ(found.answer.body, "{}");
  EXPECT_EQ(book.begin("another", "request", kStart).state, State::New);
}

TEST(IdempotencyBook, RefusesAKeyThatWasForSomethingElse) {
  IdempotencyBook book;
  (void)book.begin("key", "request", kStart);
  EXPECT_EQ(book.begin("key", "other request", kStart).state, State::Other);
}

TEST(IdempotencyBook, WhatFailedMayBeTriedAgain) {
  IdempotencyBook book;
  (void)book.begin("key", "request", kStart);
  book.forget("key");
  EXPECT_EQ(book.begin("key", "request", kStart).state, State::New);
}

TEST(IdempotencyBook, ForgetsAfterADay) {
  IdempotencyBook book;
  (void)book.begin("key", "request", kStart);
  book.finish("key", {200, "", ""});
  const auto before = kStart + IdempotencyBook::kKept - milliseconds(1);
  EXPECT_EQ(book.begin("key", "request", before).state, State::Answered);
  EXPECT_EQ(book.begin("key", "request", kStart + IdempotencyBook::kKept).state, State::New);
}

TEST(IdempotencyBook, TheOldestMakesRoom) {
  IdempotencyBook book;
  for (size_t i = 0; i < IdempotencyBook::kMost; ++i)
    (void)book.begin(std::to_string(i), "request", kStart);
  EXPECT_EQ(book.begin("0", "request", kStart).state, State::Running);
  EXPECT_EQ(book.begin("one more", "request", kStart).state, State::New);
  EXPECT_EQ(book.begin("1", "request", kStart).state, State::Running);
  EXPECT_EQ(book.begin("0", "request", kStart).state, State::New);
}

TEST(IdempotencyBook, ALongAnswerIsNotKept) {
  IdempotencyBook book;
  (void)book.begin("key", "request", kStart);
  book.finish("key", {200, "", std::string(IdempotencyBook::kMostBodyBytes + 1, 'x')});
  EXPECT_EQ(book.begin("key", "request", kStart).state, State::Forgotten);
}

}  // namespace
}  // namespace stormdoor::portal
