#include "kernels/simt/host/deadlock.h"

#include <fmt/format.h>

#include <bit>
#include <utility>
#include <vector>

#include "kernels/simt/host/cluster.h"

namespace kernelgate::simt::executor {
namespace {

// Where the lanes that wait singly are, those in the same place together.
std::string single_waits(const Block& block, unsigned number) {
  const Warp& warp = block.warp(number);
  std::vector<std::pair<std::string, std::uint32_t>> places;
  for (std::uint32_t left = warp.lanes & ~warp.exited; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(left));
    const Thread& thread = block.thread(number * 32 + lane);
    std::string place;
    if (thread.wait != nullptr)
      place = fmt::format("at {}, {}", describe(thread.wait->operation), thread.wait->what());
    else if ((warp.arrived >> lane & 1) == 0)
      place = "running";
    else
      continue;
    if (!places.empty() && places.back().first == place)
      places.back().second |= 1u << lane;
    else
      places.emplace_back(std::move(place), 1u << lane);
  }
  std::string text;
  for (const auto& [place, lanes] : places) {
    if (!text.empty()) text += ", ";
    if (lanes == warp.lanes)
      text += place;
    else if (std::popcount(lanes) == 1)
      text += fmt::format("thread {} {}",
                          describe(block.thread(number * 32 + static_cast<unsigned>(std::countr_zero(lanes))).index),
                          place);
    else
      text += fmt::format("{} lanes {}", std::popcount(lanes), place);
  }
  return text;
}

std::string waiting(const Block& block, unsigned number) {
  const Warp& warp = block.warp(number);
  if (warp.exited == warp.lanes) return "exited";
  if (warp.barrier >= 0) {
    const Barrier& barrier = block.barrier(static_cast<unsigned>(warp.barrier));
    return fmt::format("at {}, barrier {}: {} of {} threads have arrived", describe(warp.operation), warp.barrier,
                       barrier.arrived, barrier.expected);
  }
  std::string text;
  if (warp.arrived == warp.lanes)
    return fmt::format("at {}, {} of 4 warps of warpgroup {} have arrived", describe(warp.operation),
                       std::popcount(block.warpgroup(number / 4).arrived), number / 4);
  if (warp.arrived != 0)
    text = fmt::format("{} of {} lanes at {}", std::popcount(warp.arrived), std::popcount(warp.lanes),
                       describe(warp.operation));
  if (const std::string singly = single_waits(block, number); !singly.empty() && (text.empty() || singly != "running"))
    text += (text.empty() ? "" : ", ") + singly;
  if (warp.exited != 0) text += fmt::format(", {} lanes exited", std::popcount(warp.exited));
  return text;
}

std::string waiting(const Block& block) {
  std::string text;
  for (unsigned first = 0; first < block.warp_count();) {
    const std::string what = waiting(block, first);
    unsigned last = first;
    while (last + 1 < block.warp_count() && waiting(block, last + 1) == what) ++last;
    text += fmt::format("{} {} {}", first == 0 ? "" : ";",
                        first == last ? fmt::format("warp {}", first) : fmt::format("warps {}-{}", first, last), what);
    first = last + 1;
  }
  return text;
}

}  // namespace

std::string deadlock(const Cluster& cluster) {
  std::string text = cluster.block(0).describe();
  if (cluster.size() == 1) return text + ": deadlock:" + waiting(cluster.block(0));
  text += fmt::format(" and the other {} of its cluster: deadlock", cluster.size() - 1);
  for (unsigned rank = 0; rank < cluster.size(); ++rank)
    text += fmt::format("{} block {}:{}", rank == 0 ? ":" : ";", describe(cluster.block(rank).index()),
                        waiting(cluster.block(rank)));
  return text;
}

}  // namespace kernelgate::simt::executor
