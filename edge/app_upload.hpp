#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/secret.hpp"
#include "tftp-http/phone_app.hpp"

namespace stormdoor::edge {

// Gives a phone its app, as the vendor's samples do: a multipart form with the archive and
// mode=install to the phone's own web server, then one with mode=start. The one user of libcurl.
//
// The password leaves as a Digest only, unless the configuration allows Basic: what answers at an
// address may be somebody else by now. Redirects are not followed, proxies not asked, nothing but
// http:// is spoken; of an answer at most kMostAnswerBytes are read (more is an error), the whole
// takes at most kMostTime, and whatever the phone says is made printable before it is told.
class AppUploader {
 public:
  static constexpr milliseconds kConnectTime{5'000};
  static constexpr milliseconds kMostTime{30'000};  // for each of the two forms
  static constexpr size_t kMostAnswerBytes = size_t{64} << 10;

  struct Upload {
    Endpoint phone;
    std::shared_ptr<const http::PhoneApp> app;
    Secret password;
    bool basic_login = false;
  };

  AppUploader();  // on the main thread, before any other uses it
  ~AppUploader();
  AppUploader(const AppUploader&) = delete;
  AppUploader& operator=(const AppUploader&) = delete;

  // Blocks until the phone has it or why not is known; ends within a second once `stop` is true.
  // Any thread, several at once.
  Result<void> give(const Upload& upload, const std::atomic<bool>& stop) const;
};

}  // namespace stormdoor::edge
