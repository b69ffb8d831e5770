// What an instruction asks of memory, and what is counted of it.

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "harness/predict/follow/banks.h"
#include "harness/predict/follow/warp.h"

namespace kernelgate::predict {
namespace {

unsigned width_of(const Instruction& in) {
  if (in.has(Modifier::w128)) return 16;
  if (in.has(Modifier::w64)) return 8;
  if (in.has(Modifier::u16) || in.has(Modifier::s16)) return 2;
  return in.has(Modifier::u8) || in.has(Modifier::s8) ? 1 : 4;
}

/// 2 m n k of "16816" and "1688", which is m16n8k16 and m16n8k8; 0 of a shape that is not known.
std::uint64_t warp_flop(const Instruction& in) {
  return in.has(Modifier::m16816) ? 4096 : in.has(Modifier::m1688) ? 2048 : 0;
}

}  // namespace

void Warp::access_memory(const Instruction& in, std::uint32_t mask, Step& step) {
  Access access;
  access.first_sector = static_cast<std::uint32_t>(trace_.sectors.size());
  bool any = false;
  if (in.op == Opcode::ldgsts) {
    const PredicateLanes reads =
        in.operands.size() > 2 ? registers_.predicate(in.operands[2]) : PredicateLanes{all_lanes, 0};
    if ((reads.unknown & mask) != 0) lost(in, "whether it reads depends on what memory holds");
    // Lanes that do not read write zeros.
    access_shared(in, in.operands[0], mask, width_of(in), access);
    access.bytes = 0;
    access_global(in, in.operands[1], mask & reads.value, width_of(in), access);
    any = true;
  } else if (in.op == Opcode::ld || in.op == Opcode::st) {
    access_generic(in, mask, access);
    any = true;
  } else if (in.op == Opcode::ldg || in.op == Opcode::stg || in.op == Opcode::red) {
    for (const Operand& operand : in.operands)
      if (operand.kind == OperandKind::address) {
        access_global(in, operand, mask, width_of(in), access);
        any = true;
      }
  } else if (in.op >= Opcode::lds && in.op <= Opcode::stsm) {
    for (const Operand& operand : in.operands)
      if (operand.kind == OperandKind::address) {
        access_shared(in, operand, mask, width_of(in), access);
        any = true;
      }
  }
  count(in, access);
  if (!any) return;
  step.access = static_cast<std::uint32_t>(trace_.accesses.size());
  trace_.accesses.push_back(access);
}

void Warp::access_global(const Instruction& in, const Operand& address, std::uint32_t mask, unsigned width,
                         Access& access) {
  Operand base;
  base.kind = OperandKind::reg;
  base.index = address.index < 0 ? zero_register : address.index;
  const Lanes low = registers_.low(base, constants_);
  const Lanes high = address.wide_base && base.index != zero_register ? registers_.reg(base.index + 1) : Lanes{};
  Lanes uniform_low, uniform_high;
  // The uniform register of desc[UR4][...] is no part of the sum; what decode_operand kept is.
  if (address.uniform_index >= 0 && address.uniform_index != zero_register) {
    uniform_low = registers_.uniform_reg(address.uniform_index);
    uniform_high = registers_.uniform_reg(address.uniform_index + 1);
  }
  std::array<std::uint64_t, warp_lanes> addresses{};
  std::array<unsigned, warp_lanes> bytes{};
  for (unsigned l = 0; l < warp_lanes; ++l) {
    addresses[l] = (std::uint64_t{high.value[l]} << 32 | low.value[l]) +
                   (std::uint64_t{uniform_high.value[l]} << 32 | uniform_low.value[l]) +
                   static_cast<std::uint64_t>(address.value);
    bytes[l] = width;
    // cp.async with fewer bytes than it writes: the address says how many are left out.
    if (in.has(Modifier::zfill)) {
      bytes[l] = width - static_cast<unsigned>(addresses[l] % width);
      addresses[l] -= addresses[l] % width;
    }
    if ((mask >> l & 1) != 0) access.bytes += bytes[l];
  }
  if (((low.unknown | high.unknown | uniform_low.unknown) & mask) != 0) {
    access.address_known = false;
    access.sectors = static_cast<std::uint16_t>((access.bytes + 31) / 32);
    return;
  }
  if (in.op == Opcode::ldg) read_tables(in, addresses, mask, width);
  if (in.op == Opcode::stg || in.op == Opcode::red) note_written_tables(addresses, mask);
  add_sectors(addresses, bytes, mask, trace_.sectors);
  access.sectors = static_cast<std::uint16_t>(trace_.sectors.size() - access.first_sector);
}

void Warp::access_shared(const Instruction& in, const Operand& address, std::uint32_t mask, unsigned width,
                         Access& access) {
  const Lanes at = shared_addresses(address);
  const bool matrices = in.op == Opcode::ldsm || in.op == Opcode::stsm;
  access.bytes = static_cast<unsigned>(std::popcount(mask)) * width;
  Passes passes{matrices ? 4u : std::max(access.bytes / 128, 1u), 0};
  if ((at.unknown & mask) != 0)
    access.address_known = false;
  else
    passes = matrices ? passes_of_matrices(at.value, in.has(Modifier::four)  ? 4
                                                     : in.has(Modifier::two) ? 2
                                                                             : 1)
                      : passes_of(at.value, mask, width);
  if (in.op == Opcode::lds)
    load_shared(in, at, mask, width);
  else if (in.op == Opcode::stsm)
    store_shared(in, at, mask, 16);
  else if (in.op != Opcode::ldsm && in.op != Opcode::ld)  // of a generic store, what it stores is not kept
    store_shared(in, at, mask, width);
  access.wavefronts = static_cast<std::uint16_t>(passes.needed + passes.conflicts);
  access.conflicts = static_cast<std::uint16_t>(passes.conflicts);
}

/// Of a cluster's shared memory, a block's own or another one's.
void Warp::access_generic(const Instruction& in, std::uint32_t mask, Access& access) {
  const auto address = std::ranges::find(in.operands, OperandKind::address, &Operand::kind);
  if (address == in.operands.end() || address->index < 0) lost(in, "a generic address of a form that is not known");
  const Lanes& upper = registers_.reg(address->index + 1);
  const Lanes low = shared_addresses(*address);
  for (std::uint32_t left = mask; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(left));
    if (((upper.unknown | low.unknown) >> lane & 1) != 0 || upper.value[lane] != ConstantBank::shared_window)
      lost(in, "a generic address that is not known to be one of shared memory");
    if (low.value[lane] >> 24 != rank()) ++access.remote_lanes;
  }
  if (access.remote_lanes == 0) return access_shared(in, *address, mask, width_of(in), access);
  access.bytes = static_cast<unsigned>(std::popcount(mask)) * width_of(in);
  if (in.op != Opcode::st) return;
  // The others are taken to do the same: what they store here is not known.
  for (std::uint32_t left = mask; left != 0; left &= left - 1)
    forget_shared(low.value[static_cast<unsigned>(std::countr_zero(left))], width_of(in));
}

void Warp::count(const Instruction& in, const Access& access) {
  if (in.op == Opcode::hmma) counts_.tensor_flop += warp_flop(in);
  if (in.op == Opcode::ldsm) ++counts_.matrix_loads;
  if (in.op == Opcode::stsm) ++counts_.matrix_stores;
  if (in.op == Opcode::ldg || in.op == Opcode::ldgsts) {
    counts_.global_read_bytes += access.bytes;
    counts_.global_read_sectors += access.sectors;
    if (in.op == Opcode::ldgsts) counts_.async_bytes += access.bytes;
  }
  if (in.op == Opcode::stg) {
    counts_.global_written_bytes += access.bytes;
    counts_.global_written_sectors += access.sectors;
  }
  if (in.op == Opcode::ld || in.op == Opcode::st)
    return;  // the executor counts none of what goes through the cluster's window
  counts_.shared_wavefronts += access.wavefronts;
  counts_.bank_conflicts += access.conflicts;
}

}  // namespace kernelgate::predict
