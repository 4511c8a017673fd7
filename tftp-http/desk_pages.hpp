#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "acl/guard.hpp"
#include "base/bounded_map.hpp"
#include "base/guarded.hpp"
#include "base/ip_address.hpp"
#include "base/secret.hpp"
#include "hotdesk/phone_view.hpp"
#include "hotdesk/registry.hpp"
#include "tftp-http/desk_address.hpp"
#include "tftp-http/desk_form.hpp"
#include "tftp-http/desk_screens.hpp"
#include "tftp-http/http_handler.hpp"
#include "tftp-http/profile_set.hpp"

namespace stormdoor::http {

// The ids of forms that are out: each is good once, for the phone it was made for, for five
// minutes, and a phone has one at a time. Any thread. At most `capacity`; the oldest goes.
class DeskForms {
 public:
  static constexpr milliseconds kLasts{300'000};
  explicit DeskForms(size_t capacity = 20'000) : forms_(capacity) {}

  [[nodiscard]] std::string issue(const MacAddress& mac, SteadyTime now);
  // Whether it is the one that is out; then it is used up.
  bool take(const MacAddress& mac, std::string_view id, SteadyTime now);
  // The same without using it up.
  bool is_out(const MacAddress& mac, std::string_view id, SteadyTime now);
  [[nodiscard]] size_t size();

 private:
  struct Form {
    std::string id;
    SteadyTime made{};
  };
  Guarded<BoundedMap<MacAddress, Form>> forms_;
};

// What somebody at a phone asks for.
struct DeskAsk {
  enum class What : uint8_t { LogIn, LogOut };
  What what = What::LogIn;
  MacAddress phone;
  std::string extension;  // LogIn: as typed, at most kMostTyped characters
  Secret pin;
  IpAddress source;
};
struct DeskAnswer {
  bool done = false;
  std::string sentence;  // for the person at the phone
};

// The pages that a hot-desk phone shows: its place and who is logged in, the form for extension and
// PIN, the question before logging out. Each vendor's browser gets its own objects, a person's own
// phone HTML. The address proves the phone (desk_address.hpp); a wrong key is a failure of the
// service desk-login, a wrong PIN is not: whoever decides slows that down (promise 5).
//
// Refusals are screens, too (promise 6), with status 200 where a phone would show only a number
// otherwise. Nothing here is stored by caches, logged, or answered to HEAD with more than a head.
// One per worker, on its thread; `forms` are shared.
class DeskPages final : public HttpHandler {
 public:
  // `answer` is to be called once, on this worker's thread.
  using Decide = std::function<void(DeskAsk ask, std::function<void(const DeskAnswer&)> answer)>;
  struct Parts {
    acl::Guard& guard;
    DeskForms& forms;
    Decide decide;
    // What the Guard made of a wrong key.
    std::function<void(const acl::Failure&, const acl::Verdict&)> on_verdict;
  };
  DeskPages(std::shared_ptr<const hotdesk::Registry> registry,
            std::shared_ptr<const ProfileSet> profiles, Parts parts);

  [[nodiscard]] static bool is_ours(std::string_view path) { return path.starts_with(kDeskPrefix); }
  void handle(HttpExchange& exchange) override;
  [[nodiscard]] std::string_view allowed_methods() const override { return "GET, HEAD, POST"; }

  void replace(std::shared_ptr<const hotdesk::Registry> registry,
               std::shared_ptr<const ProfileSet> profiles);

 private:
  struct Visit;  // one request on its way through

  [[nodiscard]] std::optional<Screen> refuse(const Visit& visit, const HttpExchange& exchange);
  void login(Visit& visit, HttpExchange& exchange);
  void logout(Visit& visit, HttpExchange& exchange);
  void ask(const Visit& visit, HttpExchange& exchange, DeskAsk ask);

  std::shared_ptr<const hotdesk::Registry> registry_;
  std::shared_ptr<const ProfileSet> profiles_;
  Parts parts_;
};

}  // namespace stormdoor::http
