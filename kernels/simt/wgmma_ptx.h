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

#define SIMT_WGMMA_NUMBERS_8 "%0, %1, %2, %3"
#define SIMT_WGMMA_REGISTERS_8 "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
#define SIMT_WGMMA_NUMBERS_16 SIMT_WGMMA_NUMBERS_8 ", %4, %5, %6, %7"
#define SIMT_WGMMA_REGISTERS_16 SIMT_WGMMA_REGISTERS_8, "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7])
#define SIMT_WGMMA_NUMBERS_24 SIMT_WGMMA_NUMBERS_16 ", %8, %9, %10, %11"
#define SIMT_WGMMA_REGISTERS_24 SIMT_WGMMA_REGISTERS_16, "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11])
#define SIMT_WGMMA_NUMBERS_32 SIMT_WGMMA_NUMBERS_24 ", %12, %13, %14, %15"
#define SIMT_WGMMA_REGISTERS_32 SIMT_WGMMA_REGISTERS_24, "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15])
#define SIMT_WGMMA_NUMBERS_40 SIMT_WGMMA_NUMBERS_32 ", %16, %17, %18, %19"
#define SIMT_WGMMA_REGISTERS_40 SIMT_WGMMA_REGISTERS_32, "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19])
#define SIMT_WGMMA_NUMBERS_48 SIMT_WGMMA_NUMBERS_40 ", %20, %21, %22, %23"
#define SIMT_WGMMA_REGISTERS_48 SIMT_WGMMA_REGISTERS_40, "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23])
#define SIMT_WGMMA_NUMBERS_56 SIMT_WGMMA_NUMBERS_48 ", %24, %25, %26, %27"
#define SIMT_WGMMA_REGISTERS_56 SIMT_WGMMA_REGISTERS_48, "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27])
#define SIMT_WGMMA_NUMBERS_64 SIMT_WGMMA_NUMBERS_56 ", %28, %29, %30, %31"
#define SIMT_WGMMA_REGISTERS_64 SIMT_WGMMA_REGISTERS_56, "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31])
#define SIMT_WGMMA_NUMBERS_72 SIMT_WGMMA_NUMBERS_64 ", %32, %33, %34, %35"
#define SIMT_WGMMA_REGISTERS_72 SIMT_WGMMA_REGISTERS_64, "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), "+f"(d[35])
#define SIMT_WGMMA_NUMBERS_80 SIMT_WGMMA_NUMBERS_72 ", %36, %37, %38, %39"
#define SIMT_WGMMA_REGISTERS_80 SIMT_WGMMA_REGISTERS_72, "+f"(d[36]), "+f"(d[37]), "+f"(d[38]), "+f"(d[39])
#define SIMT_WGMMA_NUMBERS_88 SIMT_WGMMA_NUMBERS_80 ", %40, %41, %42, %43"
#define SIMT_WGMMA_REGISTERS_88 SIMT_WGMMA_REGISTERS_80, "+f"(d[40]), "+f"(d[41]), "+f"(d[42]), "+f"(d[43])
#define SIMT_WGMMA_NUMBERS_96 SIMT_WGMMA_NUMBERS_88 ", %44, %45, %46, %47"
#define SIMT_WGMMA_REGISTERS_96 SIMT_WGMMA_REGISTERS_88, "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47])
#define SIMT_WGMMA_NUMBERS_104 SIMT_WGMMA_NUMBERS_96 ", %48, %49, %50, %51"
#define SIMT_WGMMA_REGISTERS_104 SIMT_WGMMA_REGISTERS_96, "+f"(d[48]), "+f"(d[49]), "+f"(d[50]), "+f"(d[51])
#define SIMT_WGMMA_NUMBERS_112 SIMT_WGMMA_NUMBERS_104 ", %52, %53, %54, %55"
#define SIMT_WGMMA_REGISTERS_112 SIMT_WGMMA_REGISTERS_104, "+f"(d[52]), "+f"(d[53]), "+f"(d[54]), "+f"(d[55])
#define SIMT_WGMMA_NUMBERS_120 SIMT_WGMMA_NUMBERS_112 ", %56, %57, %58, %59"
#define SIMT_WGMMA_REGISTERS_120 SIMT_WGMMA_REGISTERS_112, "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59])
#define SIMT_WGMMA_NUMBERS_128 SIMT_WGMMA_NUMBERS_120 ", %60, %61, %62, %63"
#define SIMT_WGMMA_REGISTERS_128 SIMT_WGMMA_REGISTERS_120, "+f"(d[60]), "+f"(d[61]), "+f"(d[62]), "+f"(d[63])
#define SIMT_WGMMA_NUMBERS_136 SIMT_WGMMA_NUMBERS_128 ", %64, %65, %66, %67"
#define SIMT_WGMMA_REGISTERS_136 SIMT_WGMMA_REGISTERS_128, "+f"(d[64]), "+f"(d[65]), "+f"(d[66]), "+f"(d[67])
#define SIMT_WGMMA_NUMBERS_144 SIMT_WGMMA_NUMBERS_136 ", %68, %69, %70, %71"
#define SIMT_WGMMA_REGISTERS_144 SIMT_WGMMA_REGISTERS_136, "+f"(d[68]), "+f"(d[69]), "+f"(d[70]), "+f"(d[71])
#define SIMT_WGMMA_NUMBERS_152 SIMT_WGMMA_NUMBERS_144 ", %72, %73, %74, %75"
#define SIMT_WGMMA_REGISTERS_152 SIMT_WGMMA_REGISTERS_144, "+f"(d[72]), "+f"(d[73]), "+f"(d[74]), "+f"(d[75])
#define SIMT_WGMMA_NUMBERS_160 SIMT_WGMMA_NUMBERS_152 ", %76, %77, %78, %79"
#define SIMT_WGMMA_REGISTERS_160 SIMT_WGMMA_REGISTERS_152, "+f"(d[76]), "+f"(d[77]), "+f"(d[78]), "+f"(d[79])
#define SIMT_WGMMA_NUMBERS_168 SIMT_WGMMA_NUMBERS_160 ", %80, %81, %82, %83"
#define SIMT_WGMMA_REGISTERS_168 SIMT_WGMMA_REGISTERS_160, "+f"(d[80]), "+f"(d[81]), "+f"(d[82]), "+f"(d[83])
#define SIMT_WGMMA_NUMBERS_176 SIMT_WGMMA_NUMBERS_168 ", %84, %85, %86, %87"
#define SIMT_WGMMA_REGISTERS_176 SIMT_WGMMA_REGISTERS_168, "+f"(d[84]), "+f"(d[85]), "+f"(d[86]), "+f"(d[87])
#define SIMT_WGMMA_NUMBERS_184 SIMT_WGMMA_NUMBERS_176 ", %88, %89, %90, %91"
#define SIMT_WGMMA_REGISTERS_184 SIMT_WGMMA_REGISTERS_176, "+f"(d[88]), "+f"(d[89]), "+f"(d[90]), "+f"(d[91])
#define SIMT_WGMMA_NUMBERS_192 SIMT_WGMMA_NUMBERS_184 ", %92, %93, %94, %95"
#define SIMT_WGMMA_REGISTERS_192 SIMT_WGMMA_REGISTERS_184, "+f"(d[92]), "+f"(d[93]), "+f"(d[94]), "+f"(d[95])
#define SIMT_WGMMA_NUMBERS_200 SIMT_WGMMA_NUMBERS_192 ", %96, %97, %98, %99"
#define SIMT_WGMMA_REGISTERS_200 SIMT_WGMMA_REGISTERS_192, "+f"(d[96]), "+f"(d[97]), "+f"(d[98]), "+f"(d[99])
#define SIMT_WGMMA_NUMBERS_208 SIMT_WGMMA_NUMBERS_200 ", %100, %101, %102, %103"
#define SIMT_WGMMA_REGISTERS_208 SIMT_WGMMA_REGISTERS_200, "+f"(d[100]), "+f"(d[101]), "+f"(d[102]), "+f"(d[103])
#define SIMT_WGMMA_NUMBERS_216 SIMT_WGMMA_NUMBERS_208 ", %104, %105, %106, %107"
#define SIMT_WGMMA_REGISTERS_216 SIMT_WGMMA_REGISTERS_208, "+f"(d[104]), "+f"(d[105]), "+f"(d[106]), "+f"(d[107])
#define SIMT_WGMMA_NUMBERS_224 SIMT_WGMMA_NUMBERS_216 ", %108, %109, %110, %111"
#define SIMT_WGMMA_REGISTERS_224 SIMT_WGMMA_REGISTERS_216, "+f"(d[108]), "+f"(d[109]), "+f"(d[110]), "+f"(d[111])
#define SIMT_WGMMA_NUMBERS_232 SIMT_WGMMA_NUMBERS_224 ", %112, %113, %114, %115"
#define SIMT_WGMMA_REGISTERS_232 SIMT_WGMMA_REGISTERS_224, "+f"(d[112]), "+f"(d[113]), "+f"(d[114]), "+f"(d[115])
#define SIMT_WGMMA_NUMBERS_240 SIMT_WGMMA_NUMBERS_232 ", %116, %117, %118, %119"
#define SIMT_WGMMA_REGISTERS_240 SIMT_WGMMA_REGISTERS_232, "+f"(d[116]), "+f"(d[117]), "+f"(d[118]), "+f"(d[119])
#define SIMT_WGMMA_NUMBERS_248 SIMT_WGMMA_NUMBERS_240 ", %120, %121, %122, %123"
#define SIMT_WGMMA_REGISTERS_248 SIMT_WGMMA_REGISTERS_240, "+f"(d[120]), "+f"(d[121]), "+f"(d[122]), "+f"(d[123])
#define SIMT_WGMMA_NUMBERS_256 SIMT_WGMMA_NUMBERS_248 ", %124, %125, %126, %127"
#define SIMT_WGMMA_REGISTERS_256 SIMT_WGMMA_REGISTERS_248, "+f"(d[124]), "+f"(d[125]), "+f"(d[126]), "+f"(d[127])

#if SIMT_HAS_WGMMA
#define SIMT_WGMMA_SS(TYPE, N, X0, X1, X2, X3, X4, X5, X6) \
  asm volatile("{ .reg .pred p; setp.ne.b32 p, " X2 ", 0; " \
               "wgmma.mma_async.sync.aligned.m64n" #N "k16.f32." TYPE "." TYPE " {" SIMT_WGMMA_NUMBERS_##N "}, " \
               X0 ", " X1 ", p, " X3 ", " X4 ", " X5 ", " X6 "; }" \
               : SIMT_WGMMA_REGISTERS_##N \
               : "l"(a.bits), "l"(b.bits), "r"(static_cast<int>(scale_d)), "n"(form.negate_a ? -1 : 1), \
                 "n"(form.negate_b ? -1 : 1), "n"(form.a == Major::mn ? 1 : 0), "n"(form.b == Major::mn ? 1 : 0) \
               : "memory")
#define SIMT_WGMMA_RS(TYPE, N, X0, X1, X2, X3, X4, X5, X6, X7, X8) \
  asm volatile("{ .reg .pred p; setp.ne.b32 p, " X5 ", 0; " \
               "wgmma.mma_async.sync.aligned.m64n" #N "k16.f32." TYPE "." TYPE " {" SIMT_WGMMA_NUMBERS_##N "}, {" \
               X0 ", " X1 ", " X2 ", " X3 "}, " X4 ", p, " X6 ", " X7 ", " X8 "; }" \
               : SIMT_WGMMA_REGISTERS_##N \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b.bits), "r"(static_cast<int>(scale_d)), \
                 "n"(form.negate_a ? -1 : 1), "n"(form.negate_b ? -1 : 1), "n"(form.b == Major::mn ? 1 : 0) \
               : "memory")
#else
#define SIMT_WGMMA_SS(...) needs_later_architecture()
#define SIMT_WGMMA_RS(...) needs_later_architecture()
#endif

#define SIMT_WGMMA_SHAPE(N, X0, X1, X2, X3, X4, X5, X6, X7, X8) \
  template <> \
  struct WgmmaPtx<N> { \
    template <WgmmaForm form> \
    static SIMT_DEVICE void ss(float (&d)[N / 2], SmemDescriptor a, SmemDescriptor b, bool scale_d) { \
      if constexpr (form.input == WgmmaInput::f16) \
        SIMT_WGMMA_SS("f16", N, X0, X1, X2, X3, X4, X5, X6); \
      else \
        SIMT_WGMMA_SS("bf16", N, X0, X1, X2, X3, X4, X5, X6); \
    } \
    template <WgmmaForm form> \
    static SIMT_DEVICE void rs(float (&d)[N / 2], const std::uint32_t (&a)[4], SmemDescriptor b, bool scale_d) { \
      if constexpr (form.input == WgmmaInput::f16) \
        SIMT_WGMMA_RS("f16", N, X0, X1, X2, X3, X4, X5, X6, X7, X8); \
      else \
        SIMT_WGMMA_RS("bf16", N, X0, X1, X2, X3, X4, X5, X6, X7, X8); \
    } \
  };

SIMT_WGMMA_SHAPE(8, "%4", "%5", "%6", "%7", "%8", "%9", "%10", "%11", "%12")
SIMT_WGMMA_SHAPE(16, "%8", "%9", "%10", "%11", "%12", "%13", "%14", "%15", "%16")
SIMT_WGMMA_SHAPE(24, "%12", "%13", "%14", "%15", "%16", "%17", "%18", "%19", "%20")
SIMT_WGMMA_SHAPE(32, "%16", "%17", "%18", "%19", "%20", "%21", "%22", "%23", "%24")
SIMT_WGMMA_SHAPE(40, "%20", "%21", "%22", "%23", "%24", "%25", "%26", "%27", "%28")
SIMT_WGMMA_SHAPE(48, "%24", "%25", "%26", "%27", "%28", "%29", "%30", "%31", "%32")
SIMT_WGMMA_SHAPE(56, "%28", "%29", "%30", "%31", "%32", "%33", "%34", "%35", "%36")
SIMT_WGMMA_SHAPE(64, "%32", "%33", "%34", "%35", "%36", "%37", "%38", "%39", "%40")
SIMT_WGMMA_SHAPE(72, "%36", "%37", "%38", "%39", "%40", "%41", "%42", "%43", "%44")
SIMT_WGMMA_SHAPE(80, "%40", "%41", "%42", "%43", "%44", "%45", "%46", "%47", "%48")
SIMT_WGMMA_SHAPE(88, "%44", "%45", "%46", "%47", "%48", "%49", "%50", "%51", "%52")
SIMT_WGMMA_SHAPE(96, "%48", "%49", "%50", "%51", "%52", "%53", "%54", "%55", "%56")
SIMT_WGMMA_SHAPE(104, "%52", "%53", "%54", "%55", "%56", "%57", "%58", "%59", "%60")
SIMT_WGMMA_SHAPE(112, "%56", "%57", "%58", "%59", "%60", "%61", "%62", "%63", "%64")
SIMT_WGMMA_SHAPE(120, "%60", "%61", "%62", "%63", "%64", "%65", "%66", "%67", "%68")
SIMT_WGMMA_SHAPE(128, "%64", "%65", "%66", "%67", "%68", "%69", "%70", "%71", "%72")
SIMT_WGMMA_SHAPE(136, "%68", "%69", "%70", "%71", "%72", "%73", "%74", "%75", "%76")
SIMT_WGMMA_SHAPE(144, "%72", "%73", "%74", "%75", "%76", "%77", "%78", "%79", "%80")
SIMT_WGMMA_SHAPE(152, "%76", "%77", "%78", "%79", "%80", "%81", "%82", "%83", "%84")
SIMT_WGMMA_SHAPE(160, "%80", "%81", "%82", "%83", "%84", "%85", "%86", "%87", "%88")
SIMT_WGMMA_SHAPE(168, "%84", "%85", "%86", "%87", "%88", "%89", "%90", "%91", "%92")
SIMT_WGMMA_SHAPE(176, "%88", "%89", "%90", "%91", "%92", "%93", "%94", "%95", "%96")
SIMT_WGMMA_SHAPE(184, "%92", "%93", "%94", "%95", "%96", "%97", "%98", "%99", "%100")
SIMT_WGMMA_SHAPE(192, "%96", "%97", "%98", "%99", "%100", "%101", "%102", "%103", "%104")
SIMT_WGMMA_SHAPE(200, "%100", "%101", "%102", "%103", "%104", "%105", "%106", "%107", "%108")
SIMT_WGMMA_SHAPE(208, "%104", "%105", "%106", "%107", "%108", "%109", "%110", "%111", "%112")
SIMT_WGMMA_SHAPE(216, "%108", "%109", "%110", "%111", "%112", "%113", "%114", "%115", "%116")
SIMT_WGMMA_SHAPE(224, "%112", "%113", "%114", "%115", "%116", "%117", "%118", "%119", "%120")
SIMT_WGMMA_SHAPE(232, "%116", "%117", "%118", "%119", "%120", "%121", "%122", "%123", "%124")
SIMT_WGMMA_SHAPE(240, "%120", "%121", "%122", "%123", "%124", "%125", "%126", "%127", "%128")
SIMT_WGMMA_SHAPE(248, "%124", "%125", "%126", "%127", "%128", "%129", "%130", "%131", "%132")
SIMT_WGMMA_SHAPE(256, "%128", "%129", "%130", "%131", "%132", "%133", "%134", "%135", "%136")

#undef SIMT_WGMMA_NUMBERS_8
#undef SIMT_WGMMA_REGISTERS_8
#undef SIMT_WGMMA_NUMBERS_16
#undef SIMT_WGMMA_REGISTERS_16
#undef SIMT_WGMMA_NUMBERS_24
#undef SIMT_WGMMA_REGISTERS_24
#undef SIMT_WGMMA_NUMBERS_32
#undef SIMT_WGMMA_REGISTERS_32
#undef SIMT_WGMMA_NUMBERS_40
#undef SIMT_WGMMA_REGISTERS_40
#undef SIMT_WGMMA_NUMBERS_48
#undef SIMT_WGMMA_REGISTERS_48
#undef SIMT_WGMMA_NUMBERS_56
#undef SIMT_WGMMA_REGISTERS_56
#undef SIMT_WGMMA_NUMBERS_64
#undef SIMT_WGMMA_REGISTERS_64
#undef SIMT_WGMMA_NUMBERS_72
#undef SIMT_WGMMA_REGISTERS_72
#undef SIMT_WGMMA_NUMBERS_80
#undef SIMT_WGMMA_REGISTERS_80
#undef SIMT_WGMMA_NUMBERS_88
#undef SIMT_WGMMA_REGISTERS_88
#undef SIMT_WGMMA_NUMBERS_96
#undef SIMT_WGMMA_REGISTERS_96
#undef SIMT_WGMMA_NUMBERS_104
#undef SIMT_WGMMA_REGISTERS_104
#undef SIMT_WGMMA_NUMBERS_112
#undef SIMT_WGMMA_REGISTERS_112
#undef SIMT_WGMMA_NUMBERS_120
#undef SIMT_WGMMA_REGISTERS_120
#undef SIMT_WGMMA_NUMBERS_128
#undef SIMT_WGMMA_REGISTERS_128
#undef SIMT_WGMMA_NUMBERS_136
#undef SIMT_WGMMA_REGISTERS_136
#undef SIMT_WGMMA_NUMBERS_144
#undef SIMT_WGMMA_REGISTERS_144
#undef SIMT_WGMMA_NUMBERS_152
#undef SIMT_WGMMA_REGISTERS_152
#undef SIMT_WGMMA_NUMBERS_160
#undef SIMT_WGMMA_REGISTERS_160
#undef SIMT_WGMMA_NUMBERS_168
#undef SIMT_WGMMA_REGISTERS_168
#undef SIMT_WGMMA_NUMBERS_176
#undef SIMT_WGMMA_REGISTERS_176
#undef SIMT_WGMMA_NUMBERS_184
#undef SIMT_WGMMA_REGISTERS_184
#undef SIMT_WGMMA_NUMBERS_192
#undef SIMT_WGMMA_REGISTERS_192
#undef SIMT_WGMMA_NUMBERS_200
#undef SIMT_WGMMA_REGISTERS_200
#undef SIMT_WGMMA_NUMBERS_208
#undef SIMT_WGMMA_REGISTERS_208
#undef SIMT_WGMMA_NUMBERS_216
#undef SIMT_WGMMA_REGISTERS_216
#undef SIMT_WGMMA_NUMBERS_224
#undef SIMT_WGMMA_REGISTERS_224
#undef SIMT_WGMMA_NUMBERS_232
#undef SIMT_WGMMA_REGISTERS_232
#undef SIMT_WGMMA_NUMBERS_240
#undef SIMT_WGMMA_REGISTERS_240
#undef SIMT_WGMMA_NUMBERS_248
#undef SIMT_WGMMA_REGISTERS_248
#undef SIMT_WGMMA_NUMBERS_256
#undef SIMT_WGMMA_REGISTERS_256
#undef SIMT_WGMMA_SS
#undef SIMT_WGMMA_RS
#undef SIMT_WGMMA_SHAPE

}  // namespace detail
}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
#endif
