#pragma once
// The ticks of a live watch as a person reads them, and as a program does.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/measure/telemetry/live_watch.h"

namespace kernelgate {

/// Two lines of column heads.
std::string watch_heads();

/// One line for each GPU. What is not known is "-".
std::vector<std::string> watch_lines(const WatchTick& tick);

/// "thermal slowdown 120 ms/s, power cap 800 ms/s"; empty: nothing holds it back.
std::string held_text(const WatchedGpu& gpu);

/// What is written for each tick: on a terminal in place of the tick before, elsewhere below it and without escapes.
class WatchScreen {
 public:
  /// `columns` is the terminal's width, which no line may pass, since a line that wraps is two; 0: not known.
  WatchScreen(bool terminal, std::size_t columns) : terminal_(terminal), columns_(columns) {}

  std::string frame(const WatchTick& tick);

 private:
  bool terminal_;
  std::size_t columns_;
  std::size_t lines_before_ = 0;
  bool begun_ = false;
};

/// One object; a missing fact is null with its reason.
nlohmann::json to_json(const WatchTick& tick);

}  // namespace kernelgate
