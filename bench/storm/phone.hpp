#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "bench/storm/boot_run.hpp"
#include "bench/storm/http_client.hpp"
#include "bench/storm/storm_loop.hpp"
#include "bench/storm/target.hpp"
#include "bench/storm/tftp_client.hpp"

namespace stormdoor::storm {

// One simulated phone: boots once from the target, as its script says, from its own source address.
// On its loop's thread. Holds two kilobytes between files, and during TLS what OpenSSL needs.
class Phone {
 public:
  // Everything referred to outlives the phone.
  Phone(StormLoop& storm, const Target& target, const BootScript& script, const PhoneSpec& spec);
  ~Phone();
  Phone(const Phone&) = delete;
  Phone& operator=(const Phone&) = delete;

  // `on_done` is called once, from the loop, and may destroy the phone.
  void boot(std::function<void(const Phone&)> on_done);

  [[nodiscard]] const PhoneSpec& spec() const { return spec_; }
  [[nodiscard]] const BootResult& result() const { return run_.result(); }
  [[nodiscard]] SteadyTime begun() const { return begun_; }
  // When its configuration was complete, if it ever was; firmware comes after it.
  [[nodiscard]] SteadyTime configured() const { return configured_.value_or(ended_); }
  [[nodiscard]] SteadyTime ended() const { return ended_; }

 private:
  void ask_next();
  void ask_tftp(const BootRun::Ask& ask);
  void ask_http(const BootRun::Ask& ask);
  void on_answer(FetchResult answer);

  StormLoop& storm_;
  const Target& target_;
  const BootScript& script_;
  const PhoneSpec& spec_;
  BootRun run_;
  std::unique_ptr<TftpClient> tftp_;
  std::unique_ptr<HttpClient> http_;
  std::function<void(const Phone&)> on_done_;
  SteadyTime begun_{};
  std::optional<SteadyTime> configured_;
  SteadyTime ended_{};
};

}  // namespace stormdoor::storm
