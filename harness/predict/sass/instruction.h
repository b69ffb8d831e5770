#pragma once
// One machine instruction as the disassembler prints it, with the control word that tells the scheduler what to do.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kernelgate::predict {

/// What the compiler tells the scheduler of an instruction.
///
/// Units   stall: cycles until the warp's next issue. Scoreboards 0 to 5; none: 7.
/// Source  bits 105 to 121 of the encoding of sm_70 and later; undocumented, and seen to hold: dependent IMADs are 4
///         apart, HMMA.16816 on sm_90 6 and 24.
struct Control {
  unsigned stall = 0;
  bool yields = false;
  unsigned write_barrier = 7;  ///< released when the result is there
  unsigned read_barrier = 7;   ///< released when the operands have been read
  unsigned wait_mask = 0;      ///< scoreboards that must be released before this one issues
};

enum class OperandKind : std::uint8_t {
  reg,
  uniform_reg,
  predicate,
  uniform_predicate,
  immediate,
  constant,  ///< c[bank][value]
  address,   ///< [R2.64 + UR4 + 0x10]
  other      ///< SR_TID.X, B0, SB0, PR: only its text
};

/// Units   registers: 255 is RZ or URZ; predicates: 7 is PT or UPT.
struct Operand {
  OperandKind kind = OperandKind::other;
  bool negated = false;    ///< "-R2", "!P0"
  bool inverted = false;   ///< "~R2"
  bool wide_base = false;  ///< an address whose register is a pair: R2.64
  int index = -1;          ///< register, predicate, or an address's register; -1: none
  int uniform_index = -1;  ///< an address's uniform register
  int bank = 0;
  int scale = 1;           ///< R2.X4
  std::int64_t value = 0;  ///< immediate, offset; a float's bits
  double number = 0;       ///< an immediate that is written as a decimal fraction
  bool is_decimal = false;
  std::string text;  ///< of `other`
};

/// Opcodes that something is known of; uniform ones, UIADD3, are those of their plain sisters.
enum class Opcode : std::uint8_t {
  other,
  // integers, predicates and moves
  iadd3,
  imad,
  lea,
  shf,
  lop3,
  isetp,
  fsetp,
  sel,
  imnmx,
  vimnmx3,
  viaddmnmx,
  viadd,
  prmt,
  iabs,
  mov,
  i2f,
  f2i,
  plop3,
  p2r,
  r2p,
  r2ur,
  s2r,
  cs2r,
  ldc,
  // control
  bra,
  exit,
  call,
  ret,
  jump,
  bssy,
  bsync,
  break_,
  warpsync,
  nop,
  bar,
  depbar,
  ldgdepbar,
  // barriers of blocks and clusters, mbarriers, roles
  syncs,
  cluster_arrive,
  cluster_wait,
  warpgroup,
  set_registers,
  elect,
  vote,
  fence,
  membar,
  grid_wait,     ///< for the kernel before this one
  grid_trigger,  ///< lets the next one begin
  unmodelled,    ///< asynchronous, or a barrier, of which the model knows nothing
  // TMA
  tma_load,
  tma_store,
  tma_commit,
  tma_prefetch,
  // memory
  ld,
  st,  ///< generic, as to another block of the cluster
  ldg,
  ldgsts,
  stg,
  red,
  lds,
  sts,
  ldsm,
  stsm,
  // other arithmetic
  hmma,
  hgmma,
  mufu,
  hfma2,
  shfl
};

/// The words behind an opcode's first dot that something depends on.
enum class Modifier : std::uint8_t {
  u8,
  s8,
  u16,
  s16,
  u32,
  s32,
  u64,
  s64,
  w32,
  w64,
  w128,
  x,
  wide,
  hi,
  l,
  sx32,
  ex,
  and_,
  or_,
  xor_,
  lt,
  le,
  gt,
  ge,
  eq,
  ne,
  relu,
  rcp,
  zfill,
  bypass,
  ltc128b,
  sync,
  four,
  two,
  any,
  arrive,
  exch,
  phase_check,
  red,
  multicast,
  dealloc,
  cta,
  a1t0,
  a0t1,
  a0tr,
  a1tr,
  im2col,
  b1,
  b2,
  b3,
  m16816,
  m1688
};

inline constexpr int zero_register = 255;
inline constexpr int true_predicate = 7;

struct Instruction {
  std::uint32_t address = 0;
  Control control;
  int guard = true_predicate;
  bool guard_negated = false;
  bool guard_uniform = false;
  std::string opcode;  ///< "LDG.E.64.CONSTANT"
  Opcode op = Opcode::other;
  bool uniform = false;  ///< of the uniform datapath
  std::uint64_t modifiers = 0;
  std::string_view base() const { return std::string_view(opcode).substr(0, opcode.find('.')); }
  bool has(Modifier modifier) const { return (modifiers >> static_cast<unsigned>(modifier) & 1) != 0; }
  /// Sets `op`, `uniform` and `modifiers` by the text.
  void set_opcode(std::string_view printed);
  std::vector<Operand> operands;
  unsigned wgmma_n = 0, wgmma_k = 0;  ///< of "HGMMA.64x256x16": 256 and 16; 0: none
  std::string text;                   ///< as printed, for people
};

/// The instructions of one kernel, in the order of their addresses.
struct SassKernel {
  std::string arch;    ///< "sm90a"
  std::string symbol;  ///< mangled
  std::string file;    ///< "matmul/sm75_multistage"
  std::string name;    ///< "matmul_multistage<...>", as `codegen` names it
  std::vector<Instruction> instructions;
  /// The instruction at an address. Errors  HarnessError(invalid): none begins there.
  std::size_t at(std::uint64_t address) const;
};

}  // namespace kernelgate::predict
