#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace stormdoor::test {

// A file layer for SQLite over the system's own that knows what a power loss would take. It
// remembers per file what was synced and what was written since. When the power is cut, the call
// that was under way and all later ones fail; lose_what_was_not_synced() then leaves on the disk
// what was synced and a random part of the rest, in sectors of 512 bytes, each old or new by itself
// and regardless of order, with growth of the file undone, kept or filled with zeros, truncations
// kept or undone, and files whose directory was not synced there or not.
//
// It reads the real files but never syncs them, so it is quick. One thread. It offers no shared
// memory: WAL works on it only for a connection that holds its file exclusively.
class PowerLossVfs {
 public:
  enum class Call { Write, Sync, Truncate, Delete };

  // Registers itself with SQLite under a name of its own.
  explicit PowerLossVfs(uint64_t seed);
  ~PowerLossVfs();
  PowerLossVfs(const PowerLossVfs&) = delete;
  PowerLossVfs& operator=(const PowerLossVfs&) = delete;

  [[nodiscard]] const std::string& name() const;
  // Writes, syncs, truncations and deletions so far.
  [[nodiscard]] uint64_t calls() const;
  [[nodiscard]] uint64_t syncs() const;

  // The power goes during the nth of these calls from now.
  void cut_power_during_call(uint64_t nth);
  [[nodiscard]] bool is_cut() const;
  // Once nothing uses the files any more. Afterwards the power is back.
  void lose_what_was_not_synced();

  // Instead: after `pass` more calls of this kind, `times` of them fail with SQLite's `code` and do
  // nothing.
  void fail(Call call, int code, int times = 1, int pass = 0);
  // How many were failed so.
  [[nodiscard]] uint64_t failed() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::test
