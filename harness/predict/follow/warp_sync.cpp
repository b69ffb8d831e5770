// Barriers, mbarriers, TMA: kept as operations, for the replay, which knows when they end. Here each wait ends well.

#include <algorithm>
#include <bit>

#include "harness/predict/follow/warp.h"

namespace kernelgate::predict {
namespace {

/// Of the word that mbarrier.init stores: the phase's arrivals, subtracted from a constant, in both of its halves.
/// Source  nvcc 13.0's code for sm_90.
constexpr std::uint32_t arrivals_of(std::uint32_t low) { return 0x100000 - (low >> 1); }

Operand uniform_register(int index) {
  Operand operand;
  operand.kind = OperandKind::uniform_reg;
  operand.index = index;
  return operand;
}

/// "3" of UTMALDG.3D.
unsigned rank_of(const Instruction& in) {
  const std::size_t dot = in.opcode.find('.');
  return dot == std::string::npos || dot + 2 >= in.opcode.size() || in.opcode[dot + 2] != 'D'
             ? 0
             : static_cast<unsigned>(in.opcode[dot + 1] - '0');
}

/// Offsets of a tap along the image's axes, from the register that holds them all. Source  nvcc 13.0's code for sm_90.
std::array<std::int32_t, 3> im2col_offsets(std::uint32_t packed, unsigned rank) {
  const unsigned axes = rank - 2, bits = axes == 1 ? 16 : axes == 2 ? 8 : 5;
  std::array<std::int32_t, 3> offsets{};
  for (unsigned i = 0; i < axes; ++i) offsets[i] = static_cast<std::int32_t>(packed >> (i * bits) & ((1u << bits) - 1));
  return offsets;
}

}  // namespace

unsigned Warp::rank() const {
  const auto& [x, y, z] = launch_.cluster;
  return block_index_[0] % x + x * (block_index_[1] % y + y * (block_index_[2] % z));
}

void Warp::add(Step& step, const Operation& operation) {
  if (step.operation == no_access)
    step.operation = static_cast<std::uint32_t>(trace_.operations.size());
  else
    trace_.operations.back().more = true;
  trace_.operations.push_back(operation);
}

std::uint32_t Warp::only_value(const Instruction& in, const Operand& operand, std::uint32_t mask) const {
  const Lanes lanes = registers_.low(operand, constants_);
  const std::uint32_t value = lanes.value[static_cast<unsigned>(std::countr_zero(mask))];
  for (std::uint32_t left = mask; left != 0; left &= left - 1)
    if (lanes.value[static_cast<unsigned>(std::countr_zero(left))] != value)
      lost(in, "its threads have different values");
  if ((lanes.unknown & mask) != 0) lost(in, "its operand depends on what memory holds");
  return value;
}

Lanes Warp::shared_addresses(const Operand& address) const {
  Lanes at;
  if (address.index >= 0 && address.index != zero_register) at = registers_.reg(address.index);
  Lanes uniform;
  if (address.uniform_index >= 0 && address.uniform_index != zero_register)
    uniform = registers_.uniform_reg(address.uniform_index);
  for (unsigned l = 0; l < warp_lanes; ++l)
    at.value[l] = at.value[l] * static_cast<unsigned>(address.scale) + uniform.value[l] +
                  static_cast<std::uint32_t>(address.value);
  at.unknown |= uniform.unknown;
  return at;
}

bool Warp::synchronize(const Instruction& in, std::uint32_t mask, Step& step) {
  switch (in.op) {
    case Opcode::syncs:
      if (mask != 0) use_mbarrier(in, mask, step);
      return true;
    case Opcode::tma_load:
    case Opcode::tma_store:
      if (mask != 0) use_tma(in, step);
      return true;
    case Opcode::bar:
      if (mask != 0) meet(in, mask, step);
      return true;
    case Opcode::set_registers: {
      if (mask == 0) return true;
      Operation operation;
      operation.kind = in.has(Modifier::dealloc) ? Operation::Kind::registers_freed : Operation::Kind::registers_wanted;
      operation.value = only_value(in, in.operands.back(), mask);
      if (!in.has(Modifier::dealloc)) registers_.write(in.operands[0], PredicateLanes{all_lanes, 0}, mask);
      add(step, operation);
      return true;
    }
    case Opcode::cluster_wait:
      if (mask != 0) ++counts_.cluster_barriers;
      return true;
    case Opcode::hgmma:
      if (in.wgmma_n == 0) lost(in, "a shape of wgmma that is not known");
      if (in.operands.size() > 1 && in.operands[1].kind != OperandKind::address)
        lost(in, "wgmma with A in registers is not in the model");
      if (mask == 0) return true;
      counts_.tensor_flop += std::uint64_t{2} * 16 * in.wgmma_n * in.wgmma_k;
      ++counts_.wgmma;
      registers_.forget(in.operands[0].index, in.wgmma_n / 2, mask);
      return true;
    case Opcode::cluster_arrive:
    case Opcode::grid_wait:
    case Opcode::grid_trigger:
    case Opcode::warpgroup:
    case Opcode::fence:
    case Opcode::membar:
    case Opcode::tma_commit:
    case Opcode::tma_prefetch:
      return true;
    default:
      return false;
  }
}

void Warp::use_mbarrier(const Instruction& in, std::uint32_t mask, Step& step) {
  const auto address = std::find_if(in.operands.begin(), in.operands.end(),
                                    [](const Operand& one) { return one.kind == OperandKind::address; });
  if (address == in.operands.end()) lost(in, "an mbarrier's operation of a form that is not known");
  const Lanes at = shared_addresses(*address);
  if ((at.unknown & mask) != 0) lost(in, "which mbarrier depends on what memory holds");
  const Operand& last = in.operands.back();
  // Only what is sent to another block says which.
  const auto address_of = [&](unsigned lane) {
    return in.has(Modifier::red) ? at.value[lane] : (at.value[lane] & 0xffffff) | rank() << 24;
  };
  Operation operation;
  operation.address = address_of(static_cast<unsigned>(std::countr_zero(mask)));
  if (in.has(Modifier::exch)) {
    operation.kind = Operation::Kind::mbarrier_init;
    operation.value = arrivals_of(only_value(in, last, mask));
    return add(step, operation);
  }
  if (in.has(Modifier::phase_check)) {
    operation.kind = Operation::Kind::mbarrier_wait;
    operation.value = only_value(in, last, mask) >> 31;
    for (std::uint32_t left = mask; left != 0; left &= left - 1)
      if (address_of(static_cast<unsigned>(std::countr_zero(left))) != operation.address)
        lost(in, "its threads wait for different mbarriers");
    counts_.mbarrier_waits += static_cast<unsigned>(std::popcount(mask));
    registers_.write(in.operands[0], PredicateLanes{all_lanes, 0}, mask);
    return add(step, operation);
  }
  if (!in.has(Modifier::arrive)) lost(in, "an mbarrier's operation that is not in the model");
  const bool plain = in.has(Modifier::a1t0);
  if (in.has(Modifier::a0t1) || in.has(Modifier::a0tr) || in.has(Modifier::a1tr))
    lost(in, "an mbarrier's operation that is not in the model");
  operation.kind = Operation::Kind::mbarrier_arrive;
  for (std::uint32_t left = mask; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(left));
    operation.address = address_of(lane);
    operation.value = 1;
    if (!plain) {
      const Lanes bytes = registers_.low(last, constants_);
      if ((bytes.unknown >> lane & 1) != 0) lost(in, "how many bytes are expected depends on what memory holds");
      operation.bytes = bytes.value[lane];
    }
    Operation* const known = step.operation == no_access ? nullptr : &trace_.operations.back();
    if (known != nullptr && known->address == operation.address) {
      ++known->value;
      known->bytes += operation.bytes;
    } else {
      add(step, operation);
    }
  }
}

void Warp::use_tma(const Instruction& in, Step& step) {
  const unsigned rank = rank_of(in);
  const bool column = in.has(Modifier::im2col);
  if (rank == 0 || rank > 5 ||
      (column && (rank < 3 || in.op != Opcode::tma_load || in.operands.size() < 3 || in.has(Modifier::multicast))))
    lost(in, "a kind of TMA operation that is not in the model");
  if (in.operands.size() < 2 || in.operands[0].uniform_index < 0 || in.operands[1].uniform_index < 0)
    lost(in, "a TMA operation of a form that is not known");
  const auto uniform = [&](int index) { return only_value(in, uniform_register(index), 1); };
  const int first = in.operands[0].uniform_index, map = in.operands[1].uniform_index;
  const bool loads = in.op == Opcode::tma_load;
  std::array<std::int32_t, 5> from{};
  // Shared memory, the mbarrier of a load, and the indices, in one register behind the other.
  for (unsigned i = 0; i < rank; ++i)
    from[i] = static_cast<std::int32_t>(uniform(first + (loads ? 2 : 1) + static_cast<int>(i)));
  const std::uint32_t offset = uniform(map) - constants_.parameters_at;
  if (uniform(map + 1) != ConstantBank::constant_window || offset + tensor_map_bytes > constants_.parameters.size() ||
      !launch_.read_tensor_map)
    lost(in, "its tensor map is no parameter of the kernel");
  const TensorFacts tensor = launch_.read_tensor_map(constants_.parameters.subspan(offset, tensor_map_bytes));
  if (tensor.rank != rank || tensor.im2col != column) lost(in, "its tensor map is of another form");
  const TensorBox box =
      column ? column_at(tensor, from, im2col_offsets(uniform(in.operands[2].index), rank)) : box_at(tensor, from);
  Operation operation;
  operation.kind = loads ? Operation::Kind::tma_load : Operation::Kind::tma_store;
  operation.value = box.shared_bytes;
  operation.bytes = box.global_bytes;
  operation.box = box.number;
  if (loads) {
    operation.address = uniform(first + 1);
    forget_shared(uniform(first), box.shared_bytes);
  }
  if (in.has(Modifier::multicast))
    operation.blocks = static_cast<std::uint16_t>(uniform(in.operands.at(2).index) >> 16);
  add(step, operation);
  if (loads) {
    counts_.tma_read_bytes += box.global_bytes;
    counts_.global_read_bytes += box.global_bytes;
    counts_.global_read_sectors += box.sectors;
  } else {
    counts_.tma_written_bytes += box.global_bytes;
    counts_.global_written_bytes += box.global_bytes;
    counts_.global_written_sectors += box.sectors;
  }
}

void Warp::meet(const Instruction& in, std::uint32_t mask, Step& step) {
  Operation operation;
  if (!in.has(Modifier::sync) && !in.opcode.starts_with("BAR.ARV"))
    lost(in, "a kind of barrier that is not in the model");
  operation.kind = in.has(Modifier::sync) ? Operation::Kind::barrier : Operation::Kind::barrier_arrive;
  std::size_t numbers = 0;
  for (const Operand& operand : in.operands)
    if (operand.kind == OperandKind::reg || operand.kind == OperandKind::immediate ||
        operand.kind == OperandKind::uniform_reg)
      (numbers++ == 0 ? operation.address : operation.value) = only_value(in, operand, mask);
  if (operation.address == 0 && numbers < 2)
    ++counts_.block_barriers;
  else
    counts_.named_barriers += operation.value == 0 ? 0 : double{warp_lanes} / operation.value;
  arrivals_.push_back({operation.address, operation.value, static_cast<std::uint32_t>(std::popcount(mask)),
                       operation.kind == Operation::Kind::barrier});
  add(step, operation);
}

}  // namespace kernelgate::predict
