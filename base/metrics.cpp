#include "base/metrics.hpp"

#include <prometheus/check_names.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <map>
#include <sstream>
#include <variant>

#include "base/error.hpp"
#include "base/guarded.hpp"

namespace stormdoor {
namespace {

constexpr size_t kMostSeries = 256;

// One name and one combination of labels: a cell per shard that asked for it.
template <typename Cell>
using Cells = std::vector<std::unique_ptr<Cell>>;
using Reading = std::function<double()>;

struct Series {
  std::variant<Cells<Counter>, Cells<Gauge>, Cells<Histogram>, Reading> cells;
};

struct Family {
  std::string help;
  prometheus::MetricType type = prometheus::MetricType::Counter;
  std::map<MetricLabels, Series> series;
};

using Families = std::map<std::string, Family, std::less<>>;

template <typename Cell>
double sum_of(const Cells<Cell>& cells) {
  double sum = 0;
  for (const auto& cell : cells)
    if (cell) sum += static_cast<double>(cell->value());
  return sum;
}

prometheus::ClientMetric::Histogram sum_of(const Cells<Histogram>& cells) {
  prometheus::ClientMetric::Histogram sum;
  const Histogram* any = nullptr;
  for (const auto& cell : cells)
    if (cell) any = cell.get();
  if (any == nullptr) return sum;
  const auto& bounds = any->bounds();
  for (size_t i = 0; i <= bounds.size(); ++i) {
    for (const auto& cell : cells)
      if (cell) sum.sample_count += cell->count(i);
    const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    sum.bucket.push_back({sum.sample_count, bound});  // Prometheus cumulates
  }
  for (const auto& cell : cells)
    if (cell) sum.sample_sum += cell->sum();
  return sum;
}

prometheus::ClientMetric read_series(const MetricLabels& labels, const Series& series) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  if (const auto* counters = std::get_if<Cells<Counter>>(&series.cells))
    metric.counter.value = sum_of(*counters);
  if (const auto* gauges = std::get_if<Cells<Gauge>>(&series.cells))
    metric.gauge.value = sum_of(*gauges);
  if (const auto* histograms = std::get_if<Cells<Histogram>>(&series.cells))
    metric.histogram = sum_of(*histograms);
  return metric;
}

MetricLabels sorted(MetricLabels labels) {
  std::ranges::sort(labels);
  for (const auto& label : labels)
    STORMDOOR_CHECK(prometheus::CheckLabelName(label.first), "label names are ours");
  return labels;
}

Series& series_of(Families& families, std::string_view name, std::string_view help,
                  prometheus::MetricType type, const MetricLabels& labels) {
  auto found = families.find(name);
  if (found == families.end()) {
    STORMDOOR_CHECK(
        prometheus::CheckMetricName(std::string(name)) && name.starts_with("stormdoor_"),
        "metric names are ours and start with stormdoor_");
    STORMDOOR_CHECK((type == prometheus::MetricType::Counter) == name.ends_with("_total"),
                    "counters, and only counters, end in _total");
    found = families.emplace(std::string(name), Family{std::string(help), type, {}}).first;
  }
  Family& family = found->second;
  STORMDOOR_CHECK(family.type == type && family.help == help, "one name is one kind of metric");
  Series& series = family.series[sorted(labels)];
  STORMDOOR_CHECK(family.series.size() <= kMostSeries,
                  "labels come from small fixed sets, never from foreign text");
  return series;
}

template <typename Cell, typename... Arguments>
Cell& cell_of(Series& series, size_t shard, size_t shards, Arguments&&... arguments) {
  if (!std::holds_alternative<Cells<Cell>>(series.cells)) series.cells = Cells<Cell>();
  auto& cells = std::get<Cells<Cell>>(series.cells);
  cells.resize(shards);
  if (!cells[shard]) cells[shard] = std::make_unique<Cell>(std::forward<Arguments>(arguments)...);
  return *cells[shard];
}

}  // namespace

struct Metrics::State {
  size_t shard_count = 0;
  std::vector<MetricsShard> shards;  // the workers' and, last, the shared one
  mutable Guarded<Families> families;
};

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)) {
  STORMDOOR_CHECK(!bounds_.empty() && bounds_.size() <= kMostBounds, "one to 16 bounds");
  STORMDOOR_CHECK(std::ranges::is_sorted(bounds_, std::less_equal<>()), "bounds ascend");
}

void Histogram::observe(double value) noexcept {
  size_t i = 0;
  while (i < bounds_.size() && value > bounds_[i]) ++i;
  counts_[i].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<double> latency_bounds() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

Counter& MetricsShard::counter(std::string_view name, std::string_view help,
                               const MetricLabels& labels) {
  auto& state = *metrics_->state_;
  return state.families.with([&](Families& families) -> Counter& {
    auto& series = series_of(families, name, help, prometheus::MetricType::Counter, labels);
    return cell_of<Counter>(series, index_, state.shard_count);
  });
}

Gauge& MetricsShard::gauge(std::string_view name, std::string_view help,
                           const MetricLabels& labels) {
  auto& state = *metrics_->state_;
  return state.families.with([&](Families& families) -> Gauge& {
    auto& series = series_of(families, name, help, prometheus::MetricType::Gauge, labels);
    STORMDOOR_CHECK(!std::holds_alternative<Reading>(series.cells), "a gauge is set or asked");
    return cell_of<Gauge>(series, index_, state.shard_count);
  });
}

Histogram& MetricsShard::histogram(std::string_view name, std::string_view help,
                                   std::vector<double> bounds, const MetricLabels& labels) {
  auto& state = *metrics_->state_;
  return state.families.with([&](Families& families) -> Histogram& {
    auto& series = series_of(families, name, help, prometheus::MetricType::Histogram, labels);
    if (const auto* others = std::get_if<Cells<Histogram>>(&series.cells))
      for (const auto& other : *others)
        STORMDOOR_CHECK(!other || other->bounds() == bounds, "only equal buckets can be summed");
    return cell_of<Histogram>(series, index_, state.shard_count, std::move(bounds));
  });
}

Metrics::Metrics(size_t workers) : state_(std::make_unique<State>()) {
  STORMDOOR_CHECK(workers > 0, "somebody works");
  state_->shard_count = workers + 1;
  for (size_t i = 0; i <= workers; ++i) state_->shards.push_back(MetricsShard(this, i));
}

Metrics::~Metrics() = default;

MetricsShard& Metrics::worker(size_t index) {
  STORMDOOR_CHECK(index + 1 < state_->shard_count, "a worker asks for its own shard");
  return state_->shards[index];
}

MetricsShard& Metrics::shared() {
  return state_->shards.back();
}

void Metrics::gauge_from(std::string_view name, std::string_view help, const MetricLabels& labels,
                         std::function<double()> read) {
  state_->families.with([&](Families& families) {
    series_of(families, name, help, prometheus::MetricType::Gauge, labels).cells = std::move(read);
  });
}

void Metrics::counter_from(std::string_view name, std::string_view help, const MetricLabels& labels,
                           std::function<double()> read) {
  state_->families.with([&](Families& families) {
    series_of(families, name, help, prometheus::MetricType::Counter, labels).cells =
        std::move(read);
  });
}

std::string Metrics::text() const {
  // A reading may take locks of its own, so it is called after ours is free again.
  struct Late {
    size_t family, metric;
    Reading read;
  };
  std::vector<Late> late;
  auto families = state_->families.with([&](const Families& all) {
    std::vector<prometheus::MetricFamily> found;
    for (const auto& [name, family] : all) {
      auto& made = found.emplace_back(prometheus::MetricFamily{name, family.help, family.type, {}});
      for (const auto& [labels, series] : family.series) {
        if (const auto* reading = std::get_if<Reading>(&series.cells))
          late.push_back({found.size() - 1, made.metric.size(), *reading});
        made.metric.push_back(read_series(labels, series));
      }
    }
    return found;
  });
  for (const auto& [family, metric, read] : late)
    (families[family].type == prometheus::MetricType::Counter
         ? families[family].metric[metric].counter.value
         : families[family].metric[metric].gauge.value) = read();
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

std::optional<double> Metrics::value(std::string_view name, const MetricLabels& labels) const {
  Reading read;
  auto found = state_->families.with([&](const Families& all) -> std::optional<double> {
    const auto family = all.find(name);
    if (family == all.end()) return std::nullopt;
    const auto series = family->second.series.find(sorted(labels));
    if (series == family->second.series.end()) return std::nullopt;
    const auto& cells = series->second.cells;
    if (const auto* counters = std::get_if<Cells<Counter>>(&cells)) return sum_of(*counters);
    if (const auto* gauges = std::get_if<Cells<Gauge>>(&cells)) return sum_of(*gauges);
    if (const auto* reading = std::get_if<Reading>(&cells)) read = *reading;
    return std::nullopt;
  });
  if (read) return read();
  return found;
}

}  // namespace stormdoor
