#pragma once
// What goes on while a replay runs: warps, their blocks, the multiprocessors that these are on.

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "harness/predict/replay/mbarriers.h"
#include "harness/predict/replay/memory.h"
#include "harness/predict/replay/pipes.h"
#include "harness/predict/replay/wgmma_queue.h"

namespace kernelgate::predict {

inline constexpr std::size_t schedulers = 4;
inline constexpr std::size_t scoreboards = 6;

struct Scoreboard {
  double free_at = 0;
  Reason reason = Reason::special;
};

struct RunningWarp {
  const WarpTrace* trace = nullptr;
  std::size_t block = 0, in_block = 0, next = 0, scheduler = 0;
  Issued issued;        ///< kept where DRAM matters
  double ready = 0;     ///< by the stall count of the instruction before
  double last = 0;      ///< when that was issued
  double released = 0;  ///< when its barrier let it go
  double own = -1;      ///< when it could issue if it were alone; below 0: to be found out
  std::array<Scoreboard, scoreboards> boards{};
  double copies_land = 0;      ///< those since the last group was closed
  std::vector<double> groups;  ///< when each group of asynchronous copies, or of TMA's stores, has ended
  std::size_t cluster_arrivals = 0;
  double stores_land = 0;  ///< the last one in another block's shared memory
  int at_barrier = -1;     ///< its number
  bool done = false;
};

/// A barrier of a block, by its number.
struct Meeting {
  std::size_t threads = 0, wanted = 0;  ///< wanted: 0 for all
  double last = 0;
};

struct RunningBlock {
  std::size_t warps = 0, left = 0, multiprocessor = 0, cluster = 0, first_warp = 0;
  std::map<std::uint32_t, Meeting> meetings;
  Mbarriers mbarriers;
  std::vector<WgmmaQueue> wgmma;  ///< of each warpgroup
  std::int64_t free_registers = 0;
  double registers_freed = 0;  ///< when
};

/// A cluster's barrier: phases that end when all of its warps have arrived.
struct RunningCluster {
  std::size_t warps = 0, arrived = 0;
  double last = 0;
  std::vector<double> ends;
};

struct RunningMultiprocessor {
  explicit RunningMultiprocessor(Memory of) : memory(std::move(of)) {}
  Memory memory;
  std::array<double, schedulers> scheduler_free{};
  std::array<std::array<double, pipe_count>, schedulers> pipes{};
  std::vector<double> code_line_at;  ///< below 0: not run yet
  double code_free = 0, shared_free = 0, tensor_free = 0;
};

}  // namespace kernelgate::predict
