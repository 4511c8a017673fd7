// Counts what a change to a large registry allocates, by replacing this program's operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "hotdesk/draft.hpp"
#include "hotdesk/registry.hpp"
#include "tests/hotdesk/office.hpp"

namespace {
std::atomic<size_t> allocated_bytes{0};
}

// g++ 12 inlines one of the two and then misses the other.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
void* operator new(size_t size) {
  allocated_bytes += size;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace stormdoor::hotdesk {
namespace {

constexpr uint32_t kPhones = 20'000;
constexpr size_t kMostBytes = size_t{64} * 1024;

// Every phone is somebody's main phone; locations of 100 phones each.
store::Contents many_phones() {
  store::Contents contents;
  for (uint32_t i = 0; i < kPhones / 100; ++i) {
    LocationRecord location = head_office();
    location.name = fmt::format("floor-{}", i);
    contents.locations.push_back(location);
  }
  for (uint32_t i = 0; i < kPhones; ++i) {
    const std::string extension = fmt::format("{}", 100'000 + i);
    contents.users.push_back({extension, "Somebody", Secret("somebodys-secret"),
                              std::string(64, 'h'), store::MainPhoneType::DeskPhone});
    contents.phones.push_back(
        phone_record(numbered_mac(i), store::PhoneRole::Desk, fmt::format("floor-{}", i / 100)));
    contents.assignments.push_back({extension, 0, numbered_mac(i)});
  }
  return contents;
}

class RegistrySharing : public testing::Test {
 protected:
  // What publishing `change` allocates in all, whether it is kept or not.
  static size_t bytes_for(const store::Change& change) {
    const size_t before = allocated_bytes;
    const auto after = registry_->with(change, 1);
    return allocated_bytes - before;
  }
  static void SetUpTestSuite() { registry_ = Registry::from(many_phones()); }
  static void TearDownTestSuite() { registry_.reset(); }
  static inline std::shared_ptr<const Registry> registry_;
};

TEST_F(RegistrySharing, AChangedPhoneAmongTwentyThousandCopiesAtMost64Kilobytes) {
  size_t most = 0;
  for (uint32_t i = 0; i < kPhones; i += 97) {
    PhoneRecord phone = *registry_->phone(numbered_mac(i));
    phone.location = "floor-7";
    phone.device_account = fmt::format("moved-{}", i);
    most = std::max(most, bytes_for({{store::PutPhone{phone}}}));
  }
  EXPECT_GT(most, size_t{1000});  // else nothing was counted
  RecordProperty("most_bytes", int(most));
  EXPECT_LE(most, kMostBytes);
}

TEST_F(RegistrySharing, AnUnassignedPhoneAmongTwentyThousandCopiesAtMost64Kilobytes) {
  size_t most = 0;
  for (uint32_t i = 0; i < kPhones; i += 97) {
    const auto change = plan(*registry_, unassign, numbered_mac(i));
    ASSERT_TRUE(change.has_value());
    ASSERT_EQ(change->operations.size(), 3U);
    most = std::max(most, bytes_for(*change));
  }
  EXPECT_LE(most, kMostBytes);
}

TEST_F(RegistrySharing, AnAddedPhoneAmongTwentyThousandCopiesAtMost64Kilobytes) {
  const TestTools test;
  const PhoneRequest request{
      .mac = "000FD3FFFFFF", .location = "floor-3", .extension = "100000", .slot = 1};
  const auto change = plan(*registry_, add_phone, request, test.tools());
  ASSERT_TRUE(change.has_value()) << change.error().message();
  EXPECT_LE(bytes_for(*change), kMostBytes);
}

}  // namespace
}  // namespace stormdoor::hotdesk
