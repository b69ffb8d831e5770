#include "harness/predict/sass/instruction.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "harness/base/error.h"

namespace kernelgate::predict {
namespace {

const std::map<std::string_view, Opcode>& opcodes() {
  using enum Opcode;
  static const std::map<std::string_view, Opcode> all{{"IADD3", iadd3},
                                                      {"IMAD", imad},
                                                      {"LEA", lea},
                                                      {"SHF", shf},
                                                      {"LOP3", lop3},
                                                      {"FSETP", fsetp},
                                                      {"ISETP", isetp},
                                                      {"SEL", sel},
                                                      {"IMNMX", imnmx},
                                                      {"VIMNMX", imnmx},
                                                      {"VIMNMX3", vimnmx3},
                                                      {"VIADDMNMX", viaddmnmx},
                                                      {"VIADD", viadd},
                                                      {"PRMT", prmt},
                                                      {"IABS", iabs},
                                                      {"MOV", mov},
                                                      {"I2F", i2f},
                                                      {"F2I", f2i},
                                                      {"PLOP3", plop3},
                                                      {"P2R", p2r},
                                                      {"R2P", r2p},
                                                      {"R2UR", r2ur},
                                                      {"S2R", s2r},
                                                      {"S2UR", s2r},
                                                      {"CS2R", cs2r},
                                                      {"LDC", ldc},
                                                      {"BRA", bra},
                                                      {"EXIT", exit},
                                                      {"CALL", call},
                                                      {"RET", ret},
                                                      {"BRX", jump},
                                                      {"JMP", jump},
                                                      {"BSSY", bssy},
                                                      {"BSYNC", bsync},
                                                      {"BREAK", break_},
                                                      {"WARPSYNC", warpsync},
                                                      {"NOP", nop},
                                                      {"YIELD", nop},
                                                      {"BAR", bar},
                                                      {"DEPBAR", depbar},
                                                      {"LDGDEPBAR", ldgdepbar},
                                                      {"SYNCS", syncs},
                                                      {"UCGABAR_ARV", cluster_arrive},
                                                      {"UCGABAR_WAIT", cluster_wait},
                                                      {"WARPGROUP", warpgroup},
                                                      {"USETMAXREG", set_registers},
                                                      {"ELECT", elect},
                                                      {"VOTEU", vote},
                                                      {"FENCE", fence},
                                                      {"MEMBAR", membar},
                                                      {"UTMALDG", tma_load},
                                                      {"UTMASTG", tma_store},
                                                      {"UTMACMDFLUSH", tma_commit},
                                                      {"UTMACCTL", tma_prefetch},
                                                      {"UTMAREDG", unmodelled},
                                                      {"UTMAPF", unmodelled},
                                                      {"UBLKCP", unmodelled},
                                                      {"UBLKRED", unmodelled},
                                                      {"UBLKPF", unmodelled},
                                                      {"ARRIVES", unmodelled},
                                                      {"ACQBULK", grid_wait},
                                                      {"PREEXIT", grid_trigger},
                                                      {"ST", st},
                                                      {"STAS", unmodelled},
                                                      {"LD", ld},
                                                      {"LDG", ldg},
                                                      {"LDGSTS", ldgsts},
                                                      {"STG", stg},
                                                      {"RED", red},
                                                      {"REDG", red},
                                                      {"ATOMG", red},
                                                      {"LDS", lds},
                                                      {"STS", sts},
                                                      {"LDSM", ldsm},
                                                      {"STSM", stsm},
                                                      {"HMMA", hmma},
                                                      {"HGMMA", hgmma},
                                                      {"MUFU", mufu},
                                                      {"HFMA2", hfma2},
                                                      {"SHFL", shfl}};
  return all;
}

using enum Modifier;
constexpr std::array<std::pair<std::string_view, Modifier>, 52> modifier_words{{{"U8", u8},
                                                                                {"S8", s8},
                                                                                {"U16", u16},
                                                                                {"S16", s16},
                                                                                {"U32", u32},
                                                                                {"S32", s32},
                                                                                {"U64", u64},
                                                                                {"S64", s64},
                                                                                {"32", w32},
                                                                                {"64", w64},
                                                                                {"128", w128},
                                                                                {"X", x},
                                                                                {"WIDE", wide},
                                                                                {"HI", hi},
                                                                                {"L", l},
                                                                                {"SX32", sx32},
                                                                                {"EX", ex},
                                                                                {"AND", and_},
                                                                                {"OR", or_},
                                                                                {"XOR", xor_},
                                                                                {"LT", lt},
                                                                                {"LE", le},
                                                                                {"GT", gt},
                                                                                {"GE", ge},
                                                                                {"EQ", eq},
                                                                                {"NE", ne},
                                                                                {"RELU", relu},
                                                                                {"RCP", rcp},
                                                                                {"ZFILL", zfill},
                                                                                {"BYPASS", bypass},
                                                                                {"LTC128B", ltc128b},
                                                                                {"SYNC", sync},
                                                                                {"4", four},
                                                                                {"2", two},
                                                                                {"B1", b1},
                                                                                {"B2", b2},
                                                                                {"B3", b3},
                                                                                {"16816", m16816},
                                                                                {"1688", m1688},
                                                                                {"ANY", any},
                                                                                {"ARRIVE", arrive},
                                                                                {"EXCH", exch},
                                                                                {"PHASECHK", phase_check},
                                                                                {"RED", red},
                                                                                {"MULTICAST", multicast},
                                                                                {"DEALLOC", dealloc},
                                                                                {"CTA", cta},
                                                                                {"A1T0", a1t0},
                                                                                {"A0T1", a0t1},
                                                                                {"A0TR", a0tr},
                                                                                {"A1TR", a1tr},
                                                                                {"IM2COL", im2col}}};

/// "64x256x16" of HGMMA.64x256x16.F32.
void read_wgmma_shape(std::string_view word, Instruction& in) {
  const std::size_t first = word.find('x'), second = word.find('x', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return;
  std::from_chars(word.data() + first + 1, word.data() + second, in.wgmma_n);
  std::from_chars(word.data() + second + 1, word.data() + word.size(), in.wgmma_k);
}

}  // namespace

void Instruction::set_opcode(std::string_view printed) {
  opcode = std::string(printed);
  std::string_view name = base();
  auto found = opcodes().find(name);
  if (found == opcodes().end() && name.starts_with('U')) {
    found = opcodes().find(name.substr(1));
    uniform = found != opcodes().end();
  }
  if (found != opcodes().end()) op = found->second;
  std::string_view rest = opcode;
  for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    rest.remove_prefix(dot + 1);
    const std::string_view word = rest.substr(0, rest.find('.'));
    if (op == Opcode::hgmma) read_wgmma_shape(word, *this);
    for (const auto& [known, modifier] : modifier_words)
      if (word == known) modifiers |= std::uint64_t{1} << static_cast<unsigned>(modifier);
  }
}

std::size_t SassKernel::at(std::uint64_t address) const {
  const auto found = std::ranges::lower_bound(instructions, address, {}, &Instruction::address);
  if (found == instructions.end() || found->address != address)
    throw HarnessError(ExitCode::invalid,
                       fmt::format("{}: a jump to {:#x}, where no instruction begins", name, address));
  return static_cast<std::size_t>(found - instructions.begin());
}

}  // namespace kernelgate::predict
