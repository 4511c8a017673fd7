#include "edge/qr_code.hpp"

#include <fmt/format.h>
#include <qrencode.h>

#include <memory>

namespace stormdoor::edge {
namespace {

constexpr int kQuiet = 4;  // modules, as the standard asks

class Code {
 public:
  static Result<Code> of(std::string_view text) {
    auto* code = QRcode_encodeData(
        int(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M);
    if (code == nullptr)
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("{} bytes do not fit a QR code", text.size()));
    return Code(code);
  }
  [[nodiscard]] int width() const { return code_->width; }
  // Also asked outside, where all is light.
  [[nodiscard]] bool is_dark(int x, int y) const {
    if (x < 0 || y < 0 || x >= width() || y >= width()) return false;
    return (code_->data[y * width() + x] & 1) != 0;
  }

 private:
  explicit Code(QRcode* code) : code_(code, QRcode_free) {}
  std::unique_ptr<QRcode, void (*)(QRcode*)> code_;
};

}  // namespace

Result<std::string> qr_in_terminal(std::string_view text) {
  const Code code = TRY(Code::of(text));
  std::string out;
  for (int y = -kQuiet; y < code.width() + kQuiet; y += 2) {
    for (int x = -kQuiet; x < code.width() + kQuiet; ++x) {
      const bool top = code.is_dark(x, y), bottom = code.is_dark(x, y + 1);
      out += top ? (bottom ? " " : "\u2584") : (bottom ? "\u2580" : "\u2588");
    }
    out += "\n";
  }
  return out;
}

Result<std::string> qr_as_svg(std::string_view text) {
  const Code code = TRY(Code::of(text));
  const int size = code.width() + 2 * kQuiet;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\" "
      "shape-rendering=\"crispEdges\">\n<path fill=\"#fff\" d=\"M0 0h{0}v{0}H0z\"/>\n<path d=\"",
      size);
  for (int y = 0; y < code.width(); ++y)
    for (int x = 0; x < code.width(); ++x)
      if (code.is_dark(x, y)) out += fmt::format("M{} {}h1v1h-1z", x + kQuiet, y + kQuiet);
  return out + "\"/>\n</svg>\n";
}

}  // namespace stormdoor::edge
