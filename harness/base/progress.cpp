#include "harness/base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "harness/base/process/standard_streams.h"
#include "harness/base/terminal.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

int terminal_width(std::FILE* stream) {
  const std::size_t columns = terminal_columns(stream);
  return columns > 0 ? static_cast<int>(columns) : 80;
}

}  // namespace

std::string human_duration(double seconds) {
  const long whole = std::lround(seconds);
  return whole < 60 ? fmt::format("{} s", whole) : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

ProgressBar::ProgressBar(int steps, std::string what, std::FILE* stream)
    : stream_(stream),
      terminal_(isatty(descriptor_of(stream)) != 0),
      steps_(std::max(steps, 1)),
      what_(std::move(what)) {}

ProgressBar::~ProgressBar() { erase(); }

void ProgressBar::begin_step(const std::string& name) {
  current_ = name;
  if (terminal_) draw(0);
}

void ProgressBar::within_step(double share) {
  if (terminal_ && Clock::now() - last_draw_ > std::chrono::milliseconds(100)) draw(share);
}

void ProgressBar::end_step(const std::string& outcome) {
  ++done_;
  if (terminal_)
    draw(0);
  else
    fmt::print(stream_, "{} [{}/{}] {}: {}\n", what_, done_, steps_, current_, outcome);
}

void ProgressBar::draw(double share) {
  last_draw_ = Clock::now();
  const double done = std::min(1.0, (done_ + share) / steps_);
  const double elapsed_s = std::chrono::duration<double>(last_draw_ - begin_).count();
  const std::string left = done > 0.02 ? human_duration(elapsed_s * (1 - done) / done) + " left" : "";
  constexpr int bar_width = 20;
  const int filled = static_cast<int>(done * bar_width);
  std::string line = fmt::format("{} [{}{}] {:3.0f}% {:>10}  {}", what_, std::string(filled, '#'),
                                 std::string(bar_width - filled, '.'), done * 100, left, current_);
  line.resize(std::min<std::size_t>(line.size(), static_cast<std::size_t>(terminal_width(stream_) - 1)));
  fmt::print(stream_, "\r\033[K{}", line);
  std::fflush(stream_);
}

void ProgressBar::erase() {
  if (!terminal_) return;
  fmt::print(stream_, "\r\033[K");
  std::fflush(stream_);
}

}  // namespace kernelgate
