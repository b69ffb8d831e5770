#include "bench/audio/spectrogram_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "bench/audio/cairo_library.h"
#include "harness/base/error.h"
#include "kernels/mel/mel_filterbank.h"
#include "kernels/op/error.h"

namespace kernelgate {
namespace {

constexpr int most_columns = 1600, least_columns = 320, least_rows = 320;
constexpr int left = 70, top = 34, right = 16, bottom = 46;  // of the plot, for the axes

/// From dark to light, in steps that look equal; like matplotlib's viridis (CC0), of which these are five points.
std::uint32_t colour(double share) {
  constexpr std::array<std::array<double, 3>, 5> points{
      {{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}}};
  const double at = std::clamp(share, 0.0, 1.0) * 4;
  const auto from = static_cast<std::size_t>(std::min(std::floor(at), 3.0));
  std::uint32_t rgb = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double value = points[from][i] + (points[from + 1][i] - points[from][i]) * (at - static_cast<double>(from));
    rgb = rgb << 8 | static_cast<std::uint32_t>(std::lround(value));
  }
  return rgb;
}

/// The largest of the frames that fall on a column; a NaN wins.
float column_value(const Spectrogram& s, int mel, int column, int columns) {
  const std::int64_t begin = column * s.frames / columns, end = std::max((column + 1) * s.frames / columns, begin + 1);
  const float* row = s.features.data() + mel * s.frames;
  float largest = row[begin];
  for (std::int64_t t = begin; t < end; ++t)
    if (!(row[t] <= largest) && largest == largest) largest = row[t];
  return largest;
}

}  // namespace

std::vector<double> axis_marks(double end, int most) {
  std::vector<double> marks;
  if (!(end > 0)) return {0};
  double step = std::pow(10, std::floor(std::log10(end / most)));
  for (const double factor : {1.0, 2.0, 5.0, 10.0})
    if (end / (step * factor) <= most) {
      step *= factor;
      break;
    }
  for (int i = 0; i * step <= end * (1 + 1e-9); ++i) marks.push_back(i * step);
  return marks;
}

#if KERNELGATE_HAS_CAIRO
namespace {

class Picture {
 public:
  explicit Picture(const Spectrogram& s)
      : cairo_(CairoLibrary::get()),
        s_(s),
        columns_(static_cast<int>(std::clamp<std::int64_t>(s.frames, least_columns, most_columns))),
        row_height_((least_rows + s.preset.n_mels - 1) / s.preset.n_mels),
        rows_(row_height_ * s.preset.n_mels),
        surface_(cairo_.image_surface_create(CAIRO_FORMAT_RGB24, left + columns_ + right, top + rows_ + bottom)),
        context_(cairo_.create(surface_)) {}
  ~Picture() {
    cairo_.destroy(context_);
    cairo_.surface_destroy(surface_);
  }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  std::string png() {
    cairo_.set_source_rgb(context_, 1, 1, 1);
    cairo_.paint(context_);
    draw_values();
    cairo_.set_source_rgb(context_, 0, 0, 0);
    cairo_.select_font_face(context_, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_.set_font_size(context_, 12);
    write(s_.title, left, top - 14, 0);
    draw_seconds();
    draw_hertz();
    std::string bytes;
    const auto append = [](void* to, const unsigned char* data, unsigned length) {
      static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
      return CAIRO_STATUS_SUCCESS;
    };
    if (cairo_.surface_status(surface_) != CAIRO_STATUS_SUCCESS ||
        cairo_.surface_write_to_png_stream(surface_, append, &bytes) != CAIRO_STATUS_SUCCESS)
      throw HarnessError(ExitCode::usage,
                         "the picture can't be drawn: Cairo has no memory for it; give a shorter recording");
    return bytes;
  }

 private:
  void draw_values() {
    float lowest = std::numeric_limits<float>::max(), highest = std::numeric_limits<float>::lowest();
    for (const float v : s_.features)
      if (std::isfinite(v)) {
        lowest = std::min(lowest, v);
        highest = std::max(highest, v);
      }
    const double range = highest > lowest ? highest - lowest : 1;
    cairo_.surface_flush(surface_);
    unsigned char* pixels = cairo_.image_surface_get_data(surface_);
    if (!pixels) return;  // no memory: surface_status says so
    const int stride = cairo_.image_surface_get_stride(surface_);
    for (int mel = 0; mel < s_.preset.n_mels; ++mel)
      for (int column = 0; column < columns_; ++column) {
        const float v = column_value(s_, mel, column, columns_);
        const std::uint32_t rgb = std::isnan(v) ? 0x808080 : colour((v - lowest) / range);
        for (int i = 0; i < row_height_; ++i) {
          const int y = top + rows_ - 1 - mel * row_height_ - i;
          reinterpret_cast<std::uint32_t*>(pixels + y * stride)[left + column] = rgb;
        }
      }
    cairo_.surface_mark_dirty(surface_);
  }

  void draw_seconds() {
    const double seconds = static_cast<double>(s_.frames) * s_.preset.hop / s_.preset.sample_rate;
    for (const double mark : axis_marks(seconds, std::max(columns_ / 80, 2))) {
      const double x = left + mark / seconds * columns_;
      bar(x, top + rows_, 1, 5);
      write(fmt::format("{:g}", mark), x, top + rows_ + 18, 0.5);
    }
    write("seconds", left + columns_ / 2.0, top + rows_ + 36, 0.5);
  }

  /// Marks are where the mel scale puts them: row i is about the filter whose peak is corner i + 1.
  void draw_hertz() {
    const MelPreset& p = s_.preset;
    const double low = hz_to_mel(p.fmin, p.scale), high = hz_to_mel(p.fmax, p.scale);
    double last = 1e9;
    for (const double mark : {0, 100, 250, 500, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12000, 16000, 20000}) {
      if (mark < p.fmin || mark > p.fmax) continue;
      const double filter = (hz_to_mel(mark, p.scale) - low) / (high - low) * (p.n_mels + 1) - 1;
      const double y = top + rows_ - std::clamp(filter + 0.5, 0.0, static_cast<double>(p.n_mels)) * row_height_;
      if (last - y < 14) continue;
      last = y;
      bar(left - 5, y, 5, 1);
      write(fmt::format("{:g}", mark), left - 8, y + 4, 1);
    }
    write("Hz", left - 8, top - 14, 1);
  }

  void bar(double x, double y, double width, double height) {
    cairo_.rectangle(context_, std::round(x), std::round(y), width, height);
    cairo_.fill(context_);
  }

  /// `anchor`: the share of the text that stands left of x.
  void write(const std::string& text, double x, double y, double anchor) {
    cairo_text_extents_t extents{};
    cairo_.text_extents(context_, text.c_str(), &extents);
    cairo_.move_to(context_, std::round(x - anchor * extents.x_advance), y);
    cairo_.show_text(context_, text.c_str());
  }

  const CairoLibrary& cairo_;
  const Spectrogram& s_;
  int columns_, row_height_, rows_;
  cairo_surface_t* surface_;
  cairo_t* context_;
};

}  // namespace
#endif

std::string spectrogram_png(const Spectrogram& spectrogram) {
  if (spectrogram.frames < 1) throw HarnessError(ExitCode::usage, "there is no frame to draw; give a longer recording");
#if KERNELGATE_HAS_CAIRO
  try {
    return Picture(spectrogram).png();
  } catch (const Unsupported& missing) {
    throw HarnessError(ExitCode::usage,
                       fmt::format("{}; install it (Debian: libcairo2, fonts-dejavu-core)", missing.what()));
  }
#else
  throw HarnessError(ExitCode::usage,
                     "this program was built without Cairo, which draws; install libcairo2-dev and build again");
#endif
}

}  // namespace kernelgate
