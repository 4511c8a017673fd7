#include "base/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace stormdoor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, SumsTheWorkersCountersWhenRead) {
  Metrics metrics(2);
  auto& first = metrics.worker(0).counter("stormdoor_tftp_requests_total", "Requests.");
  auto& second = metrics.worker(1).counter("stormdoor_tftp_requests_total", "Requests.");
  metrics.shared().counter("stormdoor_tftp_requests_total", "Requests.").add(100);
  first.add();
  second.add(41);
  EXPECT_NE(&first, &second);
  EXPECT_EQ(metrics.value("stormdoor_tftp_requests_total"), 142);
  EXPECT_THAT(metrics.text(), HasSubstr("# HELP stormdoor_tftp_requests_total Requests.\n"
                                        "# TYPE stormdoor_tftp_requests_total counter\n"
                                        "stormdoor_tftp_requests_total 142\n"));
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameCounter) {
  Metrics metrics;
  auto& worker = metrics.worker(0);
  auto& one = worker.counter("stormdoor_x_total", "X.", {{"a", "1"}, {"b", "2"}});
  auto& same = worker.counter("stormdoor_x_total", "X.", {{"b", "2"}, {"a", "1"}});
  auto& other = worker.counter("stormdoor_x_total", "X.", {{"a", "2"}, {"b", "2"}});
  EXPECT_EQ(&one, &same);
  EXPECT_NE(&one, &other);
  one.add(5);
  EXPECT_EQ(metrics.value("stormdoor_x_total", {{"b", "2"}, {"a", "1"}}), 5);
  EXPECT_EQ(metrics.value("stormdoor_x_total", {{"a", "2"}, {"b", "2"}}), 0);
  EXPECT_EQ(metrics.value("stormdoor_x_total"), std::nullopt);
  EXPECT_EQ(metrics.value("stormdoor_y_total"), std::nullopt);
  EXPECT_THAT(metrics.text(), HasSubstr("stormdoor_x_total{a=\"1\",b=\"2\"} 5\n"));
}

TEST(Metrics, LabelValuesCannotBreakTheFormat) {
  Metrics metrics;
  metrics.shared().gauge("stormdoor_x", "X.", {{"a", "q\"\\\n"}}).set(1);
  EXPECT_THAT(metrics.text(), HasSubstr("stormdoor_x{a=\"q\\\"\\\\\\n\"} 1\n"));
}

TEST(Metrics, GaugesGoDownAndMayBeAskedAtEveryRead) {
  Metrics metrics(2);
  metrics.worker(0).gauge("stormdoor_transfers", "Running transfers.").add(3);
  metrics.worker(1).gauge("stormdoor_transfers", "Running transfers.").add(-1);
  double level = 7;
  metrics.gauge_from("stormdoor_level", "Level.", {{"of", "blocks"}}, [&] {
    // A reading may use the metrics: no lock of ours is held.
    return level + metrics.value("stormdoor_transfers").value_or(0);
  });
  EXPECT_EQ(metrics.value("stormdoor_transfers"), 2);
  EXPECT_THAT(metrics.text(), HasSubstr("stormdoor_level{of=\"blocks\"} 9\n"));
  level = 8;
  EXPECT_EQ(metrics.value("stormdoor_level", {{"of", "blocks"}}), 10);
}

TEST(Metrics, ANumberThatSomebodyElseCountsIsACounter) {
  Metrics metrics;
  uint64_t counted = 7;
  metrics.counter_from("stormdoor_elsewhere_total", "Counted elsewhere", {},
                       [&] { return double(counted); });
  counted = 8;
  EXPECT_NE(metrics.text().find("# TYPE stormdoor_elsewhere_total counter"), std::string::npos);
  EXPECT_NE(metrics.text().find("\nstormdoor_elsewhere_total 8"), std::string::npos);
}

TEST(Metrics, HistogramsCountValuesUnderTheirBounds) {
  Metrics metrics(2);
  auto& one = metrics.worker(0).histogram("stormdoor_wait_seconds", "Wait.", {0.1, 1});
  auto& two = metrics.worker(1).histogram("stormdoor_wait_seconds", "Wait.", {0.1, 1});
  one.observe(0.1);  // a bound belongs to its bucket
  one.observe(0.11);
  two.observe(1);
  two.observe(1.5);
  EXPECT_THAT(metrics.text(), HasSubstr("stormdoor_wait_seconds_count 4\n"
                                        "stormdoor_wait_seconds_sum 2.71\n"
                                        "stormdoor_wait_seconds_bucket{le=\"0.1\"} 1\n"
                                        "stormdoor_wait_seconds_bucket{le=\"1\"} 3\n"
                                        "stormdoor_wait_seconds_bucket{le=\"+Inf\"} 4\n"));
}

TEST(Metrics, CountersOfDifferentWorkersShareNoCacheLine) {
  Metrics metrics(2);
  const auto at = [&](size_t worker) {
    return reinterpret_cast<uintptr_t>(&metrics.worker(worker).counter("stormdoor_x_total", "X."));
  };
  EXPECT_EQ(at(0) % 64, 0U);
  EXPECT_NE(at(0) / 64, at(1) / 64);
  EXPECT_EQ(sizeof(Counter), 64U);
}

TEST(Metrics, AreReadWhileWorkersCount) {
  Metrics metrics(4);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < 4; ++i)
      threads.emplace_back([&metrics, i] {
        auto& counter = metrics.worker(i).counter("stormdoor_x_total", "X.");
        auto& histogram = metrics.worker(i).histogram("stormdoor_h", "H.", latency_bounds());
        for (int n = 0; n < 1000; ++n) {
          counter.add();
          histogram.observe(0.002);
        }
      });
    for (int i = 0; i < 20; ++i) EXPECT_THAT(metrics.text(), Not(HasSubstr("nan")));
  }
  EXPECT_EQ(metrics.value("stormdoor_x_total"), 4000);
}

TEST(MetricsDeathTest, WrongNamesKindsAndTooManyLabelsAreOwnBugs) {
  Metrics metrics;
  auto& worker = metrics.worker(0);
  worker.counter("stormdoor_x_total", "X.");
  EXPECT_DEATH(worker.gauge("stormdoor_x_total", "X."), "one kind");
  EXPECT_DEATH(worker.counter("stormdoor_x_total", "Y."), "one kind");
  EXPECT_DEATH(worker.counter("stormdoor_x", "X."), "_total");
  EXPECT_DEATH(worker.counter("x_total", "X."), "stormdoor_");
  EXPECT_DEATH((void)metrics.worker(1), "own shard");
  for (int i = 0; i < 255; ++i)
    worker.counter("stormdoor_x_total", "X.", {{"i", std::to_string(i)}});
  EXPECT_DEATH(worker.counter("stormdoor_x_total", "X.", {{"i", "255"}}), "small fixed sets");
}

}  // namespace
}  // namespace stormdoor
