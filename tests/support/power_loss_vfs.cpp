#include "tests/support/power_loss_vfs.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace stormdoor::test {
namespace {

constexpr uint64_t kSectorBytes = 512;
using Bytes = std::vector<char>;

struct Unsynced {
  enum class Kind { Write, Truncate } kind = Kind::Write;
  uint64_t offset = 0;  // of a truncation: the new size
  Bytes bytes;
};

// What the disk holds for certain, and what happened since.
struct TrackedFile {
  bool exists = true;        // as programs see it
  bool entry_synced = true;  // its name is in the synced directory
  Bytes synced;
  std::vector<Unsynced> since;
  std::optional<Bytes> ghost;  // of this name, deleted without a sync of the directory
};

Bytes read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_all(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), std::streamsize(bytes.size()));
  STORMDOOR_CHECK(out.good(), "a test may write its files");
}

void put(Bytes& file, uint64_t offset, const char* bytes, size_t count) {
  if (file.size() < offset + count) file.resize(offset + count);
  std::copy_n(bytes, count, file.begin() + std::ptrdiff_t(offset));
}

void apply(Bytes& file, const Unsynced& change) {
  if (change.kind == Unsynced::Kind::Truncate)
    file.resize(change.offset);
  else
    put(file, change.offset, change.bytes.data(), change.bytes.size());
}

// SQLite knows this as one of its files; the real one lies right behind it.
struct OpenFile {
  sqlite3_file base;
  PowerLossVfs::State* owner;
  TrackedFile* tracked;  // null: a temporary file, which no power loss concerns
  bool syncs_directory;  // the system's layer does that when a new log is first synced

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
static_assert(sizeof(OpenFile) % alignof(sqlite3_int64) == 0, "the real file lies right behind it");

OpenFile* self(sqlite3_file* file) {
  return reinterpret_cast<OpenFile*>(file);
}

}  // namespace

struct PowerLossVfs::State {
  explicit State(uint64_t seed) : random(seed) {}

  // Counts a call; an answer other than SQLITE_OK is the call's, which then does nothing else.
  // When the power goes during it, `in_flight` (if any) is among what may survive.
  int admit(Call call, TrackedFile* tracked, Unsynced* in_flight) {
    if (cut) return SQLITE_IOERR;
    ++calls;
    if (call == Call::Sync) ++syncs;
    auto& [code, times, pass] = failures[size_t(call)];
    if (times > 0 && pass > 0) {
      --pass;
    } else if (times > 0) {
      --times;
      ++failed;
      return code;
    }
    if (calls_until_cut > 0 && --calls_until_cut == 0) {
      cut = true;
      if (tracked != nullptr && in_flight != nullptr)
        tracked->since.push_back(std::move(*in_flight));
      return SQLITE_IOERR;
    }
    return SQLITE_OK;
  }

  // All files of a test are in one.
  void sync_directory() {
    for (auto& [path, tracked] : files) {
      tracked.entry_synced = tracked.exists;
      tracked.ghost.reset();
    }
  }

  bool chance(double probability) { return std::bernoulli_distribution(probability)(random); }

  // The sectors of a write, each kept by itself.
  void keep_some(Bytes& file, const Unsynced& write, double probability) {
    uint64_t at = 0;
    while (at < write.bytes.size()) {
      const uint64_t position = write.offset + at;
      const uint64_t count =
          std::min(kSectorBytes - position % kSectorBytes, uint64_t{write.bytes.size()} - at);
      if (chance(probability)) put(file, position, write.bytes.data() + at, count);
      at += count;
    }
  }

  Bytes survivors(const TrackedFile& tracked, double probability) {
    Bytes file = tracked.synced;
    uint64_t largest = file.size();
    for (const Unsynced& change : tracked.since) {
      largest = std::max(largest, change.offset + change.bytes.size());
      if (change.kind == Unsynced::Kind::Write)
        keep_some(file, change, probability);
      else if (chance(probability))
        file.resize(change.offset);
    }
    // The size can be on the disk before the bytes are.
    if (file.size() < largest && chance(0.3)) file.resize(largest);
    return file;
  }

  void lose(const std::string& path, TrackedFile& tracked) {
    static constexpr std::array<double, 5> kProbabilities = {0, 0.1, 0.5, 0.9, 1};
    const double probability =
        kProbabilities[std::uniform_int_distribution<size_t>(0, kProbabilities.size() - 1)(random)];
    const bool entry_survives = tracked.exists && (tracked.entry_synced || chance(0.5));
    Bytes bytes;
    if (entry_survives)
      bytes = survivors(tracked, probability);
    else if (tracked.ghost && chance(0.5))
      bytes = std::move(*tracked.ghost);
    else {
      std::filesystem::remove(path);
      tracked = {.exists = false, .entry_synced = true, .synced = {}, .since = {}, .ghost = {}};
      return;
    }
    write_all(path, bytes);
    tracked = {.exists = true, .entry_synced = true, .synced = bytes, .since = {}, .ghost = {}};
  }

  sqlite3_vfs vfs{};
  sqlite3_vfs* system = nullptr;
  std::string name;
  std::map<std::string, TrackedFile, std::less<>> files;
  std::mt19937_64 random;
  uint64_t calls = 0;
  uint64_t syncs = 0;
  uint64_t calls_until_cut = 0;  // 0: never
  bool cut = false;
  struct Failure {
    int code = SQLITE_OK;
    int times = 0;
    int pass = 0;
  };
  uint64_t failed = 0;
  std::array<Failure, 4> failures;  // by Call
};

namespace {

PowerLossVfs::State* owner_of(sqlite3_vfs* vfs) {
  return static_cast<PowerLossVfs::State*>(vfs->pAppData);
}

int on_close(sqlite3_file* file) noexcept {
  return self(file)->real()->pMethods->xClose(self(file)->real());
}

int on_read(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) noexcept {
  if (self(file)->owner->cut) return SQLITE_IOERR_READ;
  return self(file)->real()->pMethods->xRead(self(file)->real(), to, count, offset);
}

int on_write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) noexcept {
  OpenFile* open = self(file);
  const auto* bytes = static_cast<const char*>(from);
  Unsynced write{Unsynced::Kind::Write, uint64_t(offset), Bytes(bytes, bytes + count)};
  const int admitted = open->owner->admit(PowerLossVfs::Call::Write, open->tracked, &write);
  if (admitted != SQLITE_OK) return admitted;
  if (open->tracked != nullptr) open->tracked->since.push_back(std::move(write));
  return open->real()->pMethods->xWrite(open->real(), from, count, offset);
}

int on_truncate(sqlite3_file* file, sqlite3_int64 size) noexcept {
  OpenFile* open = self(file);
  Unsynced truncation{Unsynced::Kind::Truncate, uint64_t(size), {}};
  const int admitted = open->owner->admit(PowerLossVfs::Call::Truncate, open->tracked, &truncation);
  if (admitted != SQLITE_OK) return admitted;
  if (open->tracked != nullptr) open->tracked->since.push_back(std::move(truncation));
  return open->real()->pMethods->xTruncate(open->real(), size);
}

int on_sync(sqlite3_file* file, int) noexcept {
  OpenFile* open = self(file);
  const int admitted = open->owner->admit(PowerLossVfs::Call::Sync, nullptr, nullptr);
  if (admitted != SQLITE_OK) return admitted;
  if (open->tracked == nullptr) return SQLITE_OK;
  for (const Unsynced& change : open->tracked->since) apply(open->tracked->synced, change);
  open->tracked->since.clear();
  if (std::exchange(open->syncs_directory, false)) open->owner->sync_directory();
  return SQLITE_OK;
}

int on_file_size(sqlite3_file* file, sqlite3_int64* size) noexcept {
  return self(file)->real()->pMethods->xFileSize(self(file)->real(), size);
}
int on_lock(sqlite3_file* file, int level) noexcept {
  return self(file)->real()->pMethods->xLock(self(file)->real(), level);
}
int on_unlock(sqlite3_file* file, int level) noexcept {
  return self(file)->real()->pMethods->xUnlock(self(file)->real(), level);
}
int on_check_reserved_lock(sqlite3_file* file, int* reserved) noexcept {
  return self(file)->real()->pMethods->xCheckReservedLock(self(file)->real(), reserved);
}
int on_file_control(sqlite3_file* file, int operation, void* argument) noexcept {
  return self(file)->real()->pMethods->xFileControl(self(file)->real(), operation, argument);
}
int on_sector_size(sqlite3_file* file) noexcept {
  return self(file)->real()->pMethods->xSectorSize(self(file)->real());
}
int on_device_characteristics(sqlite3_file* file) noexcept {
  return self(file)->real()->pMethods->xDeviceCharacteristics(self(file)->real());
}

// Version 1: no shared memory, no memory mapping.
const sqlite3_io_methods kMethods = {
    .iVersion = 1,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_file_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_reserved_lock,
    .xFileControl = on_file_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_device_characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

TrackedFile* track(PowerLossVfs::State& state, const char* path, bool existed) {
  auto [found, is_new] = state.files.try_emplace(path);
  TrackedFile& tracked = found->second;
  if (is_new && existed) tracked.synced = read_all(path);
  if (!existed) {
    tracked.exists = true;
    tracked.entry_synced = false;
  }
  return &tracked;
}

int on_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags,
            int* flags_out) noexcept {
  PowerLossVfs::State& state = *owner_of(vfs);
  OpenFile* open = self(file);
  *open = {{nullptr}, &state, nullptr, false};
  if (state.cut) return SQLITE_CANTOPEN;
  const bool existed = path != nullptr && std::filesystem::exists(path);
  const int code = state.system->xOpen(state.system, path, open->real(), flags, flags_out);
  if (code != SQLITE_OK) return code;
  open->base.pMethods = &kMethods;
  if (path == nullptr || (flags & SQLITE_OPEN_DELETEONCLOSE) != 0) return SQLITE_OK;
  open->tracked = track(state, path, existed);
  open->syncs_directory =
      (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0;
  return SQLITE_OK;
}

int on_delete(sqlite3_vfs* vfs, const char* path, int sync_directory) noexcept {
  PowerLossVfs::State& state = *owner_of(vfs);
  const int admitted = state.admit(PowerLossVfs::Call::Delete, nullptr, nullptr);
  if (admitted != SQLITE_OK) return admitted;
  if (const auto found = state.files.find(path); found != state.files.end()) {
    TrackedFile& tracked = found->second;
    if (tracked.exists && tracked.entry_synced) tracked.ghost = std::move(tracked.synced);
    tracked.exists = false;
    tracked.entry_synced = false;
    tracked.synced.clear();
    tracked.since.clear();
  }
  if (sync_directory != 0) state.sync_directory();
  return state.system->xDelete(state.system, path, 0);
}

}  // namespace

PowerLossVfs::PowerLossVfs(uint64_t seed) : state_(std::make_unique<State>(seed)) {
  static std::atomic<uint64_t> count{0};
  state_->name = fmt::format("power-loss-{}", ++count);
  state_->system = sqlite3_vfs_find(nullptr);
  state_->vfs = *state_->system;  // what is not replaced below is the system's
  state_->vfs.pNext = nullptr;
  state_->vfs.szOsFile = int(sizeof(OpenFile)) + state_->system->szOsFile;
  state_->vfs.zName = state_->name.c_str();
  state_->vfs.pAppData = state_.get();
  state_->vfs.xOpen = on_open;
  state_->vfs.xDelete = on_delete;
  const int registered = sqlite3_vfs_register(&state_->vfs, 0);
  STORMDOOR_CHECK(registered == SQLITE_OK, "SQLite takes any file layer");
}

PowerLossVfs::~PowerLossVfs() {
  sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& PowerLossVfs::name() const {
  return state_->name;
}
uint64_t PowerLossVfs::calls() const {
  return state_->calls;
}
uint64_t PowerLossVfs::syncs() const {
  return state_->syncs;
}
void PowerLossVfs::cut_power_during_call(uint64_t nth) {
  state_->calls_until_cut = nth;
}
bool PowerLossVfs::is_cut() const {
  return state_->cut;
}

void PowerLossVfs::lose_what_was_not_synced() {
  for (auto& [path, tracked] : state_->files)
    // One that is gone although nobody deleted it through us was renamed, with its syncs.
    if (!tracked.exists || std::filesystem::exists(path)) state_->lose(path, tracked);
  state_->cut = false;
  state_->calls_until_cut = 0;
}

void PowerLossVfs::fail(Call call, int code, int times, int pass) {
  state_->failures[size_t(call)] = {code, times, pass};
}
uint64_t PowerLossVfs::failed() const {
  return state_->failed;
}

}  // namespace stormdoor::test
