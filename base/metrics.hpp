#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stormdoor {

// Label names and values from small sets that are fixed in our code or configuration ("result",
// "refused"). Never foreign text, an address or a MAC: every combination is a series for ever.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// A number that only grows. On a cache line of its own; add() is one relaxed atomic add. Any
// thread, but meant for one.
class alignas(64) Counter {
 public:
  void add(uint64_t count = 1) noexcept { value_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// A number that goes up and down; the workers' are summed.
class alignas(64) Gauge {
 public:
  void set(int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(int64_t change) noexcept { value_.fetch_add(change, std::memory_order_relaxed); }
  [[nodiscard]] int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// How often values fell under each of up to 16 fixed upper bounds, ascending.
class alignas(64) Histogram {
 public:
  static constexpr size_t kMostBounds = 16;

  explicit Histogram(std::vector<double> bounds);
  void observe(double value) noexcept;

  [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }
  // Of the bucket below bounds()[i], not cumulated; i == bounds().size() is the rest.
  [[nodiscard]] uint64_t count(size_t i) const noexcept {
    return counts_[i].load(std::memory_order_relaxed);
  }
  [[nodiscard]] double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::array<std::atomic<uint64_t>, kMostBounds + 1> counts_{};
  std::atomic<double> sum_{0};
};

// Upper bounds in seconds that fit answering phones: 1 ms to 30 s.
[[nodiscard]] std::vector<double> latency_bounds();

class Metrics;

// One worker's set of metrics. Ask for each once, when starting, and keep the reference: asking
// takes a lock. It is good for as long as the Metrics live. The same name and labels give the same
// object; different workers' are different objects, summed when read.
class MetricsShard {
 public:
  Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                       const MetricLabels& labels = {});

 private:
  friend class Metrics;
  MetricsShard(Metrics* metrics, size_t index) : metrics_(metrics), index_(index) {}
  Metrics* metrics_;
  size_t index_;
};

// The program's metrics, for Prometheus. Owned by Daemon, which hands each worker its shard. Names
// are stormdoor_<subject>, for counters stormdoor_<subject>_total; one name has one kind and one
// help text (else it is an own bug, as are more than 256 label combinations of one name).
class Metrics {
 public:
  explicit Metrics(size_t workers = 1);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  [[nodiscard]] MetricsShard& worker(size_t index);
  // For what several threads share (the guard) and what belongs to none of the workers.
  [[nodiscard]] MetricsShard& shared();
  // A gauge that is asked for its value at every read, on the reading thread and without any lock
  // of ours; what it captures must last until the last read. A later one replaces it.
  void gauge_from(std::string_view name, std::string_view help, const MetricLabels& labels,
                  std::function<double()> read);

  // The same for a number that only grows and that somebody else counts.
  void counter_from(std::string_view name, std::string_view help, const MetricLabels& labels,
                    std::function<double()> read);

  // The Prometheus text exposition format, version 0.0.4. Any thread.
  [[nodiscard]] std::string text() const;
  // The sum over all workers of a counter or gauge; nothing when there is none of that name and
  // those labels. For `status` and tests.
  [[nodiscard]] std::optional<double> value(std::string_view name,
                                            const MetricLabels& labels = {}) const;

 private:
  friend class MetricsShard;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor
