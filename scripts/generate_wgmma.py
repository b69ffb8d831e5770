#!/usr/bin/env python3
"""Writes kernels/simt/wgmma_ptx.h: wgmma for each n, whose asm statements differ in their lists of registers alone.

  scripts/generate_wgmma.py            writes it
  scripts/generate_wgmma.py --check    exit 1 if it is not what this script writes
"""
import pathlib
import sys

TARGET = pathlib.Path(__file__).resolve().parent.parent / "kernels/simt/wgmma_ptx.h"
COLUMNS = range(8, 257, 8)

HEAD = """\
#pragma once
// Written by scripts/generate_wgmma.py; scripts/lint checks that it is what that script writes.
//
// wgmma.mma_async for each n. An asm statement needs all registers of its accumulator, by number and by name: 4 for
// each 8 columns. NUMBERS and REGISTERS hold both lists, each that of the n before and 4 more.
// clang-format off

#include <cstdint>

#include "kernels/simt/config.h"
#include "kernels/simt/wgmma_form.h"

#if SIMT_ON_GPU
// wgmma is a feature of one architecture alone. Kernels that use it are compiled for no other; others may include it.
#if !defined(__CUDA_ARCH__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define SIMT_HAS_WGMMA 1
#else
#define SIMT_HAS_WGMMA 0
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {
namespace detail {

/// A in shared memory (ss) and in registers (rs).
template <int N>
struct WgmmaPtx;

"""

# X0 .. X8 are the numbers of the operands behind the accumulator.
BODY = """\
#if SIMT_HAS_WGMMA
#define SIMT_WGMMA_SS(TYPE, N, X0, X1, X2, X3, X4, X5, X6) \\
  asm volatile("{ .reg .pred p; setp.ne.b32 p, " X2 ", 0; " \\
               "wgmma.mma_async.sync.aligned.m64n" #N "k16.f32." TYPE "." TYPE " {" SIMT_WGMMA_NUMBERS_##N "}, " \\
               X0 ", " X1 ", p, " X3 ", " X4 ", " X5 ", " X6 "; }" \\
               : SIMT_WGMMA_REGISTERS_##N \\
               : "l"(a.bits), "l"(b.bits), "r"(static_cast<int>(scale_d)), "n"(form.negate_a ? -1 : 1), \\
                 "n"(form.negate_b ? -1 : 1), "n"(form.a == Major::mn ? 1 : 0), "n"(form.b == Major::mn ? 1 : 0) \\
               : "memory")
#define SIMT_WGMMA_RS(TYPE, N, X0, X1, X2, X3, X4, X5, X6, X7, X8) \\
  asm volatile("{ .reg .pred p; setp.ne.b32 p, " X5 ", 0; " \\
               "wgmma.mma_async.sync.aligned.m64n" #N "k16.f32." TYPE "." TYPE " {" SIMT_WGMMA_NUMBERS_##N "}, {" \\
               X0 ", " X1 ", " X2 ", " X3 "}, " X4 ", p, " X6 ", " X7 ", " X8 "; }" \\
               : SIMT_WGMMA_REGISTERS_##N \\
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b.bits), "r"(static_cast<int>(scale_d)), \\
                 "n"(form.negate_a ? -1 : 1), "n"(form.negate_b ? -1 : 1), "n"(form.b == Major::mn ? 1 : 0) \\
               : "memory")
#else
#define SIMT_WGMMA_SS(...) needs_later_architecture()
#define SIMT_WGMMA_RS(...) needs_later_architecture()
#endif

#define SIMT_WGMMA_SHAPE(N, X0, X1, X2, X3, X4, X5, X6, X7, X8) \\
  template <> \\
  struct WgmmaPtx<N> { \\
    template <WgmmaForm form> \\
    static SIMT_DEVICE void ss(float (&d)[N / 2], SmemDescriptor a, SmemDescriptor b, bool scale_d) { \\
      if constexpr (form.input == WgmmaInput::f16) \\
        SIMT_WGMMA_SS("f16", N, X0, X1, X2, X3, X4, X5, X6); \\
      else \\
        SIMT_WGMMA_SS("bf16", N, X0, X1, X2, X3, X4, X5, X6); \\
    } \\
    template <WgmmaForm form> \\
    static SIMT_DEVICE void rs(float (&d)[N / 2], const std::uint32_t (&a)[4], SmemDescriptor b, bool scale_d) { \\
      if constexpr (form.input == WgmmaInput::f16) \\
        SIMT_WGMMA_RS("f16", N, X0, X1, X2, X3, X4, X5, X6, X7, X8); \\
      else \\
        SIMT_WGMMA_RS("bf16", N, X0, X1, X2, X3, X4, X5, X6, X7, X8); \\
    } \\
  };

"""

TAIL = """
#undef SIMT_WGMMA_SS
#undef SIMT_WGMMA_RS
#undef SIMT_WGMMA_SHAPE

}  // namespace detail
}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
#endif
"""


def header():
    text = HEAD
    for n in COLUMNS:
        first = n // 2 - 4
        numbers = ", ".join(f"%{i}" for i in range(first, first + 4))
        registers = ", ".join(f'"+f"(d[{i}])' for i in range(first, first + 4))
        before = f'SIMT_WGMMA_NUMBERS_{n - 8} ", '
        text += f"#define SIMT_WGMMA_NUMBERS_{n} " + (f'{before}{numbers}"\n' if first else f'"{numbers}"\n')
        text += f"#define SIMT_WGMMA_REGISTERS_{n} " + (f"SIMT_WGMMA_REGISTERS_{n - 8}, " if first else "") + registers + "\n"
    text += "\n" + BODY
    for n in COLUMNS:
        text += f"SIMT_WGMMA_SHAPE({n}, " + ", ".join(f'"%{n // 2 + i}"' for i in range(9)) + ")\n"
    text += "\n"
    for n in COLUMNS:
        text += f"#undef SIMT_WGMMA_NUMBERS_{n}\n#undef SIMT_WGMMA_REGISTERS_{n}\n"
    return text + TAIL.lstrip("\n")


def main():
    text = header()
    if sys.argv[1:] == ["--check"]:
        if not TARGET.exists() or TARGET.read_text() != text:
            sys.exit("kernels/simt/wgmma_ptx.h is not what its script writes; run: scripts/generate_wgmma.py")
    elif sys.argv[1:]:
        sys.exit(__doc__.strip())
    else:
        TARGET.write_text(text)


if __name__ == "__main__":
    main()
