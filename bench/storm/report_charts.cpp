#include "bench/storm/report_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.hpp"
#include "bench/storm/report_words.hpp"

namespace stormdoor::storm {
namespace {

// In the units of the drawings, which are scaled to the page.
constexpr double kWidth = 760;
constexpr double kNames = 150;   // what the names of bars take
constexpr double kLabels = 150;  // what stands behind them
constexpr double kRow = 26;
constexpr double kBar = 14;
constexpr size_t kMostName = 24;

std::string begin(double height, std::string_view title) {
  return fmt::format(
      "<svg viewBox=\"0 0 {} {:.0f}\" role=\"img\" aria-label=\"{}\">\n<title>{}</title>\n", kWidth,
      height, html(title), html(title));
}

std::string text_at(double x, double y, std::string_view css_class, std::string_view text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>\n", x, y, css_class,
                     html(text));
}

std::string line_from(double x1, double y1, double x2, double y2) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"grid\"/>\n", x1, y1,
      x2, y2);
}

std::string rectangle(double x, double y, double width, std::string_view css_class) {
  return fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" class=\"{}\"/>\n", x, y,
      std::max(width, 0.0), kBar, css_class);
}

std::string short_name(const std::string& name) {
  return name.size() <= kMostName ? name : fmt::format("{:.{}}...", name, kMostName - 3);
}

// "0", "250 ms", "1.5 s"
std::string tick_label(double ms, double step) {
  if (ms == 0) return "0";
  if (step < 1000) return fmt::format("{:g} ms", ms);
  return fmt::format("{:g} s", ms / 1000);
}

// The parts' shares of `room`. The smallest stays visible, at the cost of the largest: those few
// phones are what one looks for.
std::vector<double> widths_of(const std::vector<double>& parts, double room) {
  constexpr double kLeast = 2;
  const double sum = std::accumulate(parts.begin(), parts.end(), 0.0);
  std::vector<double> widths(parts.size());
  if (sum <= 0) return widths;
  for (size_t i = 0; i < parts.size(); ++i)
    if (parts[i] > 0) widths[i] = std::max(parts[i] / sum * room, kLeast);
  *std::ranges::max_element(widths) += room - std::accumulate(widths.begin(), widths.end(), 0.0);
  return widths;
}

// The lines' names at their ends, pushed apart where the ends are close.
std::string end_names(const std::vector<ChartLine>& lines, const std::vector<double>& ends,
                      double x) {
  std::vector<size_t> order(lines.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return ends[i]; });
  std::string out;
  double above = 0;
  for (const size_t i : order) {
    const double y = std::max(ends[i] + 4, above + 15);
    out += text_at(x + 6, y, lines[i].css_class + " name", lines[i].name);
    above = y;
  }
  return out;
}

}  // namespace

std::string html(std::string_view text) {
  std::string out;
  for (const char c : is_valid_utf8(text) ? std::string(text) : printable(text, 4 * text.size())) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
          out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
        else
          out += c;
    }
  }
  return out;
}

double tick_step(double most, int least_steps) {
  if (most <= 0 || least_steps <= 0) return 1;
  const double rough = most / least_steps;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {5.0, 2.0})
    if (factor * power <= rough) return factor * power;
  return power;
}

std::string line_chart(const std::vector<ChartLine>& lines, double seconds,
                       std::string_view title) {
  constexpr double kLeft = 56, kRight = 640, kTop = 12, kBottom = 220, kHeight = 262;
  double most = 1;
  for (const ChartLine& line : lines)
    for (const double value : line.values) most = std::max(most, value);
  const double step = std::max(1.0, tick_step(most, 4));
  const double ceiling = std::ceil(most / step) * step;
  const auto y_of = [&](double value) { return kBottom - value / ceiling * (kBottom - kTop); };
  std::string out = begin(kHeight, title);
  for (double value = 0; value <= ceiling + step / 2; value += step) {
    out += line_from(kLeft, y_of(value), kRight, y_of(value));
    out += text_at(kLeft - 8, y_of(value) + 4, "tick right", number(static_cast<uint64_t>(value)));
  }
  const double time_step = tick_step(seconds, 5);
  for (int i = 0; seconds > 0 && i * time_step <= seconds * 1.0001; ++i) {
    const double x = kLeft + i * time_step / seconds * (kRight - kLeft);
    out += text_at(x, kBottom + 18, "tick middle", fmt::format("{:g}", i * time_step));
  }
  out +=
      text_at((kLeft + kRight) / 2, kBottom + 36, "tick middle", "seconds since the power is back");
  std::vector<double> ends;
  for (const ChartLine& line : lines) {
    std::string points;
    const auto count = static_cast<double>(std::max<size_t>(line.values.size(), 2) - 1);
    for (size_t i = 0; i < line.values.size(); ++i)
      points +=
          fmt::format("{:.1f},{:.1f} ", kLeft + static_cast<double>(i) / count * (kRight - kLeft),
                      y_of(line.values[i]));
    out += fmt::format("<polyline points=\"{}\" class=\"{}\"/>\n", points, line.css_class);
    ends.push_back(y_of(line.values.empty() ? 0 : line.values.back()));
  }
  return out + end_names(lines, ends, kRight) + "</svg>\n";
}

std::string range_chart(const std::vector<RangeBar>& bars, std::string_view title) {
  double most = 0;
  for (const RangeBar& bar : bars) most = std::max(most, bar.outer);
  if (most <= 0) most = 1;
  const double height = kRow * static_cast<double>(bars.size()) + 34;
  const double room = kWidth - kNames - kLabels;
  const auto x_of = [&](double value) { return kNames + value / most * room; };
  std::string out = begin(height, title);
  const double step = tick_step(most, 4);
  for (int i = 0; i * step <= most * 1.0001; ++i) {
    out += line_from(x_of(i * step), 4, x_of(i * step), height - 26);
    out += text_at(x_of(i * step), height - 10, "tick middle", tick_label(i * step, step));
  }
  double y = 8;
  for (const RangeBar& bar : bars) {
    out += text_at(kNames - 8, y + 11.5, "right", short_name(bar.name));
    out += rectangle(kNames, y, x_of(bar.outer) - kNames, "outer");
    out += rectangle(kNames, y, x_of(bar.inner) - kNames, "inner");
    out += text_at(x_of(bar.outer) + 8, y + 11.5, "tick", bar.label);
    y += kRow;
  }
  return out + "</svg>\n";
}

std::string parts_chart(const std::vector<PartsBar>& bars, const std::vector<std::string>& classes,
                        std::string_view title) {
  const double height = kRow * static_cast<double>(bars.size()) + 8;
  const double room = kWidth - kNames - kLabels;
  std::string out = begin(height, title);
  double y = 8;
  for (const PartsBar& bar : bars) {
    out += text_at(kNames - 8, y + 11.5, "right", short_name(bar.name));
    double x = kNames;
    const std::vector<double> widths = widths_of(bar.parts, room);
    for (size_t i = 0; i < widths.size() && i < classes.size(); ++i) {
      if (widths[i] > 0) out += rectangle(x, y, widths[i], classes[i]);
      x += widths[i];
    }
    out += text_at(kNames + room + 8, y + 11.5, "tick", bar.label);
    y += kRow;
  }
  return out + "</svg>\n";
}

}  // namespace stormdoor::storm
