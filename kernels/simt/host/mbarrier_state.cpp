#include "kernels/simt/host/mbarrier_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/simt/host/cluster.h"

namespace kernelgate::simt::executor {
namespace {

constexpr unsigned char pattern[8] = {0x6d, 0x62, 0x61, 0xf1, 0xe2, 0xd3, 0x72, 0xf6};  // no number that means much

std::uint32_t offset_of(const Block& block, const void* at) {
  return static_cast<std::uint32_t>(static_cast<const std::byte*>(at) - block.shared().data());
}

}  // namespace

std::string MbarrierState::describe() const {
  std::string missing;
  if (pending > 0) missing = fmt::format("{} of {} arrivals", pending, count);
  if (bytes > 0) missing += fmt::format("{}{} bytes", missing.empty() ? "" : " and ", bytes);
  return fmt::format("phase {} (parity {}), {} missing", phase, phase & 1, missing);
}

void MbarrierTable::begin(Block& block) {
  block_ = &block;
  live_.clear();
}

std::string MbarrierTable::locate(const void* at) const {
  return fmt::format("mbarrier at offset {}", offset_of(*block_, at));
}

void MbarrierTable::init(Thread& thread, const Operation& operation, void* at, std::uint32_t count) {
  if (!block_->shared().contains(at, 8))
    fault(thread, operation, fmt::format("out of bounds: the mbarrier is {}", block_->shared().locate(at)));
  if (reinterpret_cast<std::uintptr_t>(at) % 8 != 0)
    fault(thread, operation,
          fmt::format("misaligned: the mbarrier is {}, must be at a multiple of 8", block_->shared().locate(at)));
  if (count == 0 || count > MbarrierState::most)
    fault(thread, operation, fmt::format("a count of {}: must be 1 to {}", count, MbarrierState::most));
  const auto [entry, fresh] = live_.try_emplace(offset_of(*block_, at));
  MbarrierState& state = entry->second;
  if (!fresh)
    fault(thread, operation,
          fmt::format("{} lives already, since {} by thread {}; mbarrier_invalidate it first", locate(at),
                      describe(state.made), describe(state.maker->index)));
  state.count = state.pending = count;
  state.made = operation;
  state.maker = &thread;
  state.maker_init_fences = thread.init_fences;
  state.maker_proxy_fences = thread.proxy_fences;
  std::memcpy(at, pattern, sizeof pattern);
  block_->proxies().forget(at, sizeof pattern);
}

void MbarrierTable::invalidate(Thread& thread, const Operation& operation, void* at) {
  const MbarrierState& state = find(thread, operation, at);
  if (!state.waiters.empty())
    fault(thread, operation,
          fmt::format("{}: {} threads wait for it, the first is {}", locate(at), state.waiters.size(),
                      describe(state.waiters.front()->thread->index)));
  live_.erase(offset_of(*block_, at));
  std::memset(at, SharedMemory::poison, sizeof pattern);
}

MbarrierState& MbarrierTable::find(const Thread& thread, const Operation& operation, const void* at) {
  const auto entry = live_.find(offset_of(*block_, at));
  if (entry == live_.end())
    fault(thread, operation,
          fmt::format("no mbarrier lives {}: mbarrier_init has not been executed there, or mbarrier_invalidate has",
                      block_->shared().locate(at)));
  if (std::memcmp(at, pattern, sizeof pattern) != 0)
    fault(thread, operation, fmt::format("{} has been overwritten since {}", locate(at), describe(entry->second.made)));
  return entry->second;
}

void MbarrierTable::arrive(const Thread& thread, const Operation& operation, const void* at) {
  MbarrierState& state = find(thread, operation, at);
  if (state.pending == 0)
    fault(thread, operation,
          fmt::format("{}: all {} arrivals of phase {} have been made already, {} bytes are missing", locate(at),
                      state.count, state.phase, state.bytes));
  --state.pending;
  if (thread.block != block_) state.last_arrival = {state.phase + 1, block_->cluster().barrier().phase(), operation};
  end_phase_if_complete(thread, operation, at, state);
}

void MbarrierTable::expect(const Thread& thread, const Operation& operation, const void* at, std::int64_t bytes) {
  MbarrierState& state = find(thread, operation, at);
  if (bytes > MbarrierState::most || state.bytes + bytes > MbarrierState::most)
    fault(thread, operation,
          fmt::format("{}: expects {} bytes more than the {} it waits for: at most {}", locate(at), bytes, state.bytes,
                      MbarrierState::most));
  state.bytes += bytes;
  // A phase with all its arrivals ends only by bytes that arrive.
  if (state.pending == 0) end_phase_if_complete(thread, operation, at, state);
}

void MbarrierTable::complete(const Thread& thread, const Operation& operation, const void* at, std::int64_t bytes) {
  MbarrierState& state = find(thread, operation, at);
  state.bytes -= bytes;
  state.last_bytes = {state.phase + 1, 0, operation};
  if (state.bytes < -MbarrierState::most)
    fault(thread, operation,
          fmt::format("{}: {} bytes more than expected have arrived: at most {}", locate(at), -state.bytes,
                      MbarrierState::most));
  end_phase_if_complete(thread, operation, at, state);
}

void MbarrierTable::end_phase_if_complete(const Thread& thread, const Operation& operation, const void* at,
                                          MbarrierState& state) {
  block_->progress();
  if (state.pending > 0 || state.bytes > 0) return;
  if (state.bytes < 0)
    fault(thread, operation,
          fmt::format("{}: phase {} has all its {} arrivals and {} bytes more than were expected", locate(at),
                      state.phase, state.count, -state.bytes));
  ++state.phase;
  state.pending = state.count;
  const auto left = std::partition(state.waiters.begin(), state.waiters.end(),
                                   [&](const MbarrierWaiter* waiter) { return waiter->phase >= state.phase; });
  for (auto waiter = left; waiter != state.waiters.end(); ++waiter)
    (*waiter)->thread->block->make_ready(*(*waiter)->thread);
  state.waiters.erase(left, state.waiters.end());
  block_->leave_warp();
}

std::string MbarrierTable::left_over() const {
  for (const auto& [offset, state] : live_) {
    const std::string name = fmt::format("mbarrier at offset {}", offset);
    if (state.bytes < 0)
      return fmt::format("{}: {} bytes more than were expected have arrived in phase {}", name, -state.bytes,
                         state.phase);
    if (state.bytes > 0) return name + ": " + state.describe();
    if (state.last_bytes.phases > state.seen)
      return fmt::format(
          "{}: no thread has waited for the end of phase {}, so the block might be gone before the "
          "bytes of {} arrive",
          name, state.last_bytes.phases - 1, executor::describe(state.last_bytes.operation));
    // A barrier of the cluster that came after the arrival will do as well.
    if (state.last_arrival.phases > state.seen &&
        state.last_arrival.cluster_phase == block_->cluster().barrier().phase())
      return fmt::format(
          "{}: no thread has waited for the end of phase {}, nor for the cluster, so the block might "
          "be gone before {} of another block gets there",
          name, state.last_arrival.phases - 1, executor::describe(state.last_arrival.operation));
  }
  return {};
}

}  // namespace kernelgate::simt::executor
