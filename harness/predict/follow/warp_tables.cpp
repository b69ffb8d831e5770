// Memory of which it is known what it holds: tables that were made before the launch.

#include <bit>
#include <cstring>

#include "harness/predict/follow/warp.h"

namespace kernelgate::predict {

int Warp::table_of(std::uint64_t address, unsigned bytes) const {
  for (std::size_t i = 0; i < launch_.tables.size(); ++i) {
    const std::uint64_t offset = address - reinterpret_cast<std::uintptr_t>(launch_.tables[i].data());
    if (offset < launch_.tables[i].size() && offset + bytes <= launch_.tables[i].size()) return static_cast<int>(i);
  }
  return -1;
}

void Warp::read_tables(const Instruction& in, const Addresses& addresses, std::uint32_t mask, unsigned width) {
  if (launch_.tables.empty() || width < 4) return;
  const std::size_t words = width / 4;
  loaded_.assign(words, Lanes::nothing_known());
  for (std::uint32_t left = mask; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(left));
    const int table = table_of(addresses[lane], width);
    if (table < 0) continue;
    counts_.tables_read |= std::uint64_t{1} << table;
    const std::byte* const begin = launch_.tables[static_cast<std::size_t>(table)].data();
    const std::byte* const from = begin + (addresses[lane] - reinterpret_cast<std::uintptr_t>(begin));
    for (std::size_t i = 0; i < words; ++i) {
      std::memcpy(&loaded_[i].value[lane], from + 4 * i, 4);
      loaded_[i].unknown &= ~(1u << lane);
    }
  }
  if (in.operands[0].kind != OperandKind::reg) loaded_.clear();
}

void Warp::note_written_tables(const Addresses& addresses, std::uint32_t mask) {
  for (std::uint32_t left = launch_.tables.empty() ? 0 : mask; left != 0; left &= left - 1) {
    const int table = table_of(addresses[static_cast<unsigned>(std::countr_zero(left))], 1);
    if (table >= 0) counts_.tables_written |= std::uint64_t{1} << table;
  }
}

}  // namespace kernelgate::predict
