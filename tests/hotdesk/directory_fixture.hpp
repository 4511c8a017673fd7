#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "hotdesk/directory.hpp"
#include "tests/hotdesk/office.hpp"

namespace stormdoor::hotdesk {

// A draft over the small office (office.hpp).
class DirectoryTest : public testing::Test {
 protected:
  [[nodiscard]] const Tools& tools() const { return test_.tools(); }
  [[nodiscard]] const Registry& registry() const { return draft_.registry(); }
  [[nodiscard]] std::shared_ptr<const PhoneRecord> phone(std::string_view text) const {
    return registry().phone(mac(text));
  }

  // "done", or "field: message" of each problem, one per line. A refusal must not touch the draft.
  std::string outcome(const Problems& problems) {
    std::string text;
    for (const Problem& problem : problems.all())
      text += (text.empty() ? "" : "\n") + problem.field + ": " + problem.message;
    if (!text.empty()) {
      EXPECT_EQ(draft_.change().operations.size(), operations_) << "a refusal changed the draft";
    }
    operations_ = draft_.change().operations.size();
    return text.empty() ? "done" : text;
  }

  TestTools test_;
  std::shared_ptr<const Registry> office_ = Registry::from(office_contents());
  Draft draft_{*office_};
  size_t operations_ = 0;
};

}  // namespace stormdoor::hotdesk
