// Barriers, mbarriers, TMA and the Tensor Cores' queue.

#include <algorithm>

#include "harness/predict/replay/machine.h"

namespace kernelgate::predict {
namespace {

constexpr std::uint32_t offset_of(std::uint32_t address) { return address & 0xffffff; }
constexpr std::uint32_t rank_of(std::uint32_t address) { return address >> 24; }

}  // namespace

WgmmaQueue& Machine::wgmma_of(const RunningWarp& warp) {
  return blocks_[warp.block].wgmma[warp.in_block / WgmmaQueue::warps];
}

RunningBlock& Machine::block_of_rank(const RunningBlock& from, std::uint32_t rank) {
  return blocks_.at(from.cluster * options_.cluster + rank);
}

/// Returns when it has read its operands.
double Machine::operate(RunningWarp& warp, const Instruction& in, const Step& step, double at) {
  RunningBlock& block = blocks_[warp.block];
  RunningMultiprocessor& here = multiprocessors_[block.multiprocessor];
  if (in.op == Opcode::hgmma) {
    // Twice 64 x N x 16 FLOP at the Tensor Cores' rate, or 64 rows of A and N columns of B at that of shared memory.
    const double busy = std::max(in.wgmma_n * (in.wgmma_k / 16.0) / gpu_.wgmma_columns_per_cycle,
                                 (64.0 + in.wgmma_n) * in.wgmma_k * 2 / gpu_.shared_bytes_per_cycle);
    const bool commits =
        std::ranges::any_of(in.operands, [](const Operand& one) { return one.text.starts_with("gsb"); });
    wgmma_of(warp).issue(warp.in_block % WgmmaQueue::warps, at, busy, commits, here.tensor_free);
  }
  if (in.op == Opcode::cluster_arrive) arrive_in_cluster(warp, at);
  double read = at;
  if (step.operation == no_access) return read;
  const std::vector<Operation>& all = warp.trace->operations;
  std::size_t i = step.operation;
  do {
    const Operation& operation = all[i];
    switch (operation.kind) {
      case Operation::Kind::barrier:
      case Operation::Kind::barrier_arrive:
        meet(warp, operation, operation.kind == Operation::Kind::barrier, at);
        break;
      case Operation::Kind::mbarrier_init:
        block.mbarriers.init(offset_of(operation.address), operation.value);
        break;
      case Operation::Kind::mbarrier_arrive:
        arrive_at_mbarrier(block, operation, at);
        break;
      case Operation::Kind::mbarrier_wait:
        break;
      case Operation::Kind::tma_load:
        read = std::max(read, load(warp, operation, at));
        break;
      case Operation::Kind::tma_store:
        warp.copies_land = std::max(warp.copies_land, here.memory.store_box(operation, at));
        break;
      case Operation::Kind::registers_freed:
        block.free_registers += (options_.registers - static_cast<std::int64_t>(operation.value)) * warp_lanes;
        block.registers_freed = std::max(block.registers_freed, at);
        break;
      case Operation::Kind::registers_wanted:
        block.free_registers -= (static_cast<std::int64_t>(operation.value) - options_.registers) * warp_lanes;
        break;
    }
  } while (all[i++].more);
  return read;
}

void Machine::arrive_at_mbarrier(const RunningBlock& from, const Operation& operation, double at) {
  RunningBlock& owner = block_of_rank(from, rank_of(operation.address));
  const double seen = at + (&owner == &from ? gpu_.mbarrier_arrive : gpu_.remote_arrive);
  // What it expects counts before it has arrived.
  owner.mbarriers.expect(offset_of(operation.address), operation.bytes);
  owner.mbarriers.arrive(offset_of(operation.address), operation.value, seen);
}

double Machine::load(const RunningWarp& warp, const Operation& operation, double at) {
  const RunningBlock& block = blocks_[warp.block];
  const Memory::Box box = multiprocessors_[block.multiprocessor].memory.load_box(operation, warp.issued, at);
  for (unsigned rank = 0; rank < options_.cluster; ++rank) {
    RunningBlock& to = block_of_rank(block, rank);
    const bool takes = operation.blocks != 0 ? (operation.blocks >> rank & 1) != 0 : &to == &block;
    if (!takes) continue;
    const double landed = multiprocessors_[to.multiprocessor].memory.fill(operation.value, box.comes);
    to.mbarriers.land(offset_of(operation.address), operation.value, landed);
  }
  return box.begins + gpu_.register_read;
}

void Machine::meet(RunningWarp& warp, const Operation& operation, bool waits, double at) {
  RunningBlock& block = blocks_[warp.block];
  Meeting& meeting = block.meetings[operation.address];
  meeting.threads += warp_lanes;
  meeting.wanted = operation.value;
  meeting.last = std::max(meeting.last, at);
  if (waits) warp.at_barrier = static_cast<int>(operation.address);
  open_if_met(block, operation.address);
}

void Machine::open_if_met(RunningBlock& block, std::uint32_t number) {
  const auto found = block.meetings.find(number);
  if (found == block.meetings.end()) return;
  Meeting& meeting = found->second;
  const std::size_t wanted = meeting.wanted != 0 ? meeting.wanted : block.left * warp_lanes;
  if (meeting.threads == 0 || meeting.threads < wanted) return;
  for (std::size_t w = block.first_warp; w < block.first_warp + block.warps; ++w)
    if (warps_[w].at_barrier == static_cast<int>(number)) {
      warps_[w].at_barrier = -1;
      warps_[w].released = meeting.last + gpu_.barrier_release;
      warps_[w].own = -1;
    }
  meeting = {};
}

void Machine::arrive_in_cluster(RunningWarp& warp, double at) {
  RunningCluster& cluster = clusters_[blocks_[warp.block].cluster];
  ++warp.cluster_arrivals;
  ++cluster.arrived;
  // What the warp has stored elsewhere is seen behind the barrier.
  cluster.last = std::max({cluster.last, at, warp.stores_land});
  end_if_met(cluster);
}

void Machine::end_if_met(RunningCluster& cluster) {
  if (cluster.arrived == 0 || cluster.arrived < cluster.warps) return;
  cluster.ends.push_back(cluster.last + gpu_.cluster_barrier);
  cluster.arrived = 0;
  cluster.last = 0;
}

}  // namespace kernelgate::predict
