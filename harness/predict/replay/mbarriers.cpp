#include "harness/predict/replay/mbarriers.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"

namespace kernelgate::predict {

void Mbarriers::init(std::uint32_t address, unsigned arrivals) {
  State& state = all_[address];
  state = {};
  state.arrivals = state.pending = arrivals;
}

Mbarriers::State& Mbarriers::at(std::uint32_t address) {
  const auto found = all_.find(address);
  if (found == all_.end())
    throw HarnessError(ExitCode::invalid, fmt::format("an mbarrier at {:#x} that nobody has initialised", address));
  return found->second;
}

void Mbarriers::end_if_complete(State& state) {
  if (state.pending > 0 || state.bytes != 0) return;
  if (!state.ends.empty()) state.latest.at = std::max(state.latest.at, state.ends.back().at);
  state.ends.push_back(state.latest);
  state.latest = {};
  state.pending = state.arrivals;
}

void Mbarriers::arrive(std::uint32_t address, unsigned count, double time) {
  State& state = at(address);
  if (state.pending < count)
    throw HarnessError(ExitCode::invalid, fmt::format("the mbarrier at {:#x}: more arrivals than its {} in a phase",
                                                      address, state.arrivals));
  state.pending -= count;
  if (time >= state.latest.at) state.latest = {time, Reason::mbarrier};
  end_if_complete(state);
}

void Mbarriers::expect(std::uint32_t address, std::uint32_t bytes) { at(address).bytes += bytes; }

void Mbarriers::land(std::uint32_t address, std::uint32_t bytes, double time) {
  State& state = at(address);
  state.bytes -= bytes;
  if (time >= state.latest.at) state.latest = {time, Reason::tma};
  end_if_complete(state);
}

std::optional<Mbarriers::End> Mbarriers::over(std::uint32_t address, unsigned parity, double time) const {
  const auto found = all_.find(address);
  if (found == all_.end())
    throw HarnessError(ExitCode::invalid,
                       fmt::format("a wait for an mbarrier at {:#x} that nobody has initialised", address));
  const State& state = found->second;
  // The phase that goes on at that time.
  const auto now =
      static_cast<std::size_t>(std::ranges::upper_bound(state.ends, time, {}, &End::at) - state.ends.begin());
  if (now % 2 != parity) return End{time, Reason::mbarrier};
  if (now < state.ends.size()) return state.ends[now];
  return std::nullopt;
}

std::string Mbarriers::describe(std::uint32_t address) const {
  const auto found = all_.find(address);
  if (found == all_.end()) return "was not initialised";
  const State& state = found->second;
  return fmt::format("phase {} lacks {} of {} arrivals and {} bytes", state.ends.size(), state.pending, state.arrivals,
                     state.bytes);
}

}  // namespace kernelgate::predict
