#include "bench/commands/watch.h"

#include <fmt/core.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <thread>

#include "bench/run/choose_device.h"
#include "bench/run/measure_suite.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/terminal.h"
#include "harness/base/utc_time.h"
#include "harness/measure/telemetry/watch_summary.h"
#include "harness/measure/telemetry/watch_text.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

/// In short steps, so that Ctrl-C is heard at once. Returns false when interrupted.
bool wait_until(Clock::time_point end) {
  while (!interrupted() && Clock::now() < end)
    std::this_thread::sleep_for(std::min<Clock::duration>(std::chrono::milliseconds(50), end - Clock::now()));
  return !interrupted();
}

[[noreturn]] void refuse_to_watch(const std::string& why) {
  const ExitCode check = check_environment(0).exit_code(false);
  throw HarnessError(check == ExitCode::good ? ExitCode::refused : check,
                     fmt::format("there is nothing to watch: {}; see: kernelgate check", why));
}

}  // namespace

double watch_seconds(const std::string& text) {
  if (text.empty()) return 0;
  double seconds = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || !std::isfinite(seconds) || seconds <= 0)
    throw HarnessError(ExitCode::usage,
                       fmt::format("--watch '{}' is no time: give seconds above 0, or nothing to watch until Ctrl-C",
                                   text.substr(0, 40)));
  return seconds;
}

ExitCode watch(const WatchOptions& options) {
  std::string error;
  SymbolSource symbols = nvml::open_library(error);
  LiveWatch live(std::move(symbols), std::move(error), static_cast<unsigned>(getpid()));
  if (!live.error().empty()) refuse_to_watch(live.error());
  catch_interrupts();
  WatchScreen screen(isatty(STDOUT_FILENO) != 0, terminal_columns(stdout));
  WatchSummary summary;
  const auto begin = Clock::now();
  const auto since_begin = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  for (int second = 1; options.seconds == 0 || second < options.seconds + 1; ++second) {
    const double due_s = options.seconds == 0 ? second : std::min<double>(second, options.seconds);
    if (!wait_until(begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(due_s)))) break;
    const WatchTick tick = live.read(since_begin());
    summary.add(tick);
    if (options.json) {
      nlohmann::json document = to_json(tick);
      document["utc"] = utc_now();
      fmt::print("{}\n", document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
      fmt::print("{}", screen.frame(tick));
    }
    std::fflush(stdout);
  }
  // Standard output stays one object a line.
  fmt::print(options.json ? stderr : stdout, "{}", summary.text());
  return ExitCode::good;
}

}  // namespace kernelgate
