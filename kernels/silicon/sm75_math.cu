// Arithmetic, on floats of every kind.

#include "kernels/silicon/word_map.h"

namespace kernelgate::sm75_math {
namespace {

using silicon::Inputs;
using silicon::Outputs;
using silicon::word_probe;
using Word = std::uint32_t;

SIMT_DEVICE float number(Word bits) { return std::bit_cast<float>(bits); }
SIMT_DEVICE Word bits_of(float value) { return std::bit_cast<Word>(value); }

struct ToF16 {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return simt::to_f16_rn(number(a)).bits; }
};
struct ToFloat {
  static SIMT_DEVICE Word of(Word a, Word, Word) {
    return bits_of(simt::SIMT_SIDE::to_float(f16{static_cast<std::uint16_t>(a)}));
  }
};
struct PackF16 {
  static SIMT_DEVICE Word of(Word a, Word b, Word) { return simt::pack_f16x2(number(a), number(b)); }
};
struct PackBf16 {
  static SIMT_DEVICE Word of(Word a, Word b, Word) { return simt::pack_bf16x2(number(a), number(b)); }
};
struct LowHalf {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return bits_of(simt::low_half(a)); }
};
struct HighHalf {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return bits_of(simt::high_half(a)); }
};
struct Fma {
  static SIMT_DEVICE Word of(Word a, Word b, Word c) { return bits_of(simt::fma(number(a), number(b), number(c))); }
};
struct Sqrt {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return bits_of(simt::sqrt(number(a))); }
};
struct Log2 {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return bits_of(simt::log2_approx(number(a))); }
};
struct Log10 {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return bits_of(simt::log10(number(a))); }
};
struct Max {
  static SIMT_DEVICE Word of(Word a, Word b, Word) { return bits_of(simt::max_propagating_nan(number(a), number(b))); }
};
struct Min {
  static SIMT_DEVICE Word of(Word a, Word b, Word) { return bits_of(simt::min_propagating_nan(number(a), number(b))); }
};

// log2: PTX ISA, lg2.approx: absolute within 2^-22 from 0.5 to 2, relative elsewhere. log10: 2 ulp of the GPU and 1 of
// the host.
const silicon::RegisterProbes these{
    simt::device_kind,
    {word_probe<ToF16>("math/to_f16_rn", Inputs::floats, Outputs::f16),
     word_probe<ToFloat>("math/to_float", Inputs::bits, Outputs::f32),
     word_probe<PackF16>("math/pack_f16x2", Inputs::floats, Outputs::f16),
     word_probe<PackBf16>("math/pack_bf16x2", Inputs::floats, Outputs::bf16),
     word_probe<LowHalf>("math/low_half", Inputs::bits, Outputs::f32),
     word_probe<HighHalf>("math/high_half", Inputs::bits, Outputs::f32),
     word_probe<Fma>("math/fma", Inputs::floats, Outputs::f32),
     word_probe<Sqrt>("math/sqrt", Inputs::floats, Outputs::f32),
     word_probe<Log2>("math/log2_approx", Inputs::floats, Outputs::f32, {0x1.1p-22, 0x1.1p-22}),
     word_probe<Log10>("math/log10", Inputs::floats, Outputs::f32, {0, 3 * 0x1p-23}),
     word_probe<Max>("math/max_propagating_nan", Inputs::floats, Outputs::f32),
     word_probe<Min>("math/min_propagating_nan", Inputs::floats, Outputs::f32)}};

}  // namespace
}  // namespace kernelgate::sm75_math
