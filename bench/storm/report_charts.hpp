#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Charts of a storm's report as SVG elements for a page that brings the colours (report_html.cpp).
// Pure: figures in, text out. What is a name is escaped here.
namespace stormdoor::storm {

// Text for HTML and SVG: '&', '<', '>' and quotes replaced; control characters and bytes that are
// not UTF-8 shown as \xNN.
[[nodiscard]] std::string html(std::string_view text);

// One line of a chart over time; `values` belong to points evenly apart.
struct ChartLine {
  std::string name;
  std::string css_class;
  std::vector<double> values;
};
// `seconds` from left to right, each line named at its end.
[[nodiscard]] std::string line_chart(const std::vector<ChartLine>& lines, double seconds,
                                     std::string_view title);

// A bar per name: to `inner` in full colour, on to `outer` in a pale one, and what stands behind.
struct RangeBar {
  std::string name;
  double inner = 0, outer = 0;  // milliseconds
  std::string label;
};
[[nodiscard]] std::string range_chart(const std::vector<RangeBar>& bars, std::string_view title);

// A bar per name, cut into parts of its sum.
struct PartsBar {
  std::string name;
  std::vector<double> parts;
  std::string label;
};
// `classes` colour the parts, by their place.
[[nodiscard]] std::string parts_chart(const std::vector<PartsBar>& bars,
                                      const std::vector<std::string>& classes,
                                      std::string_view title);

// 1, 2 or 5 times a power of ten, so that `least_steps` to about twice as many of it reach `most`.
[[nodiscard]] double tick_step(double most, int least_steps);

}  // namespace stormdoor::storm
