#pragma once
// The mbarriers of one block: phases that end when all have arrived and all bytes have landed.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/predict/replay/reason.h"

namespace kernelgate::predict {

/// Whoever arrives is known before the time at which it counts, so phases are told the time at which each arrival does.
/// Units   addresses: bytes from the beginning of the block's shared memory; cycles.
/// Errors  HarnessError(invalid): an mbarrier that nobody has initialised, or one more arrival than a phase has.
class Mbarriers {
 public:
  struct End {
    double at = 0;
    Reason reason = Reason::mbarrier;  ///< of what came last
  };

  void init(std::uint32_t address, unsigned arrivals);
  void arrive(std::uint32_t address, unsigned count, double at);
  void expect(std::uint32_t address, std::uint32_t bytes);
  void land(std::uint32_t address, std::uint32_t bytes, double at);

  /// When a wait for this parity that begins at a time is over, and why not sooner. Nothing: the phase's end is not
  /// known yet.
  std::optional<End> over(std::uint32_t address, unsigned parity, double at) const;

  /// "phase 3 lacks 1 of 2 arrivals and 16384 bytes", of the phase that goes on.
  std::string describe(std::uint32_t address) const;

 private:
  struct State {
    unsigned arrivals = 0, pending = 0;
    std::int64_t bytes = 0;  ///< expected and not landed
    End latest;
    std::vector<End> ends;  ///< of the phases before
  };
  State& at(std::uint32_t address);
  static void end_if_complete(State& state);

  std::map<std::uint32_t, State> all_;
};

}  // namespace kernelgate::predict
