// mma of bf16.

#include "kernels/silicon/matrix_probe.h"

namespace kernelgate::sm80_matrices {
namespace {

using silicon::Inputs;
using Word = std::uint32_t;

constexpr silicon::Needs sm80{80};

SIMT_DEVICE float low_bf16(Word pair) { return std::bit_cast<float>(pair << 16); }

struct K8 {
  static SIMT_DEVICE float number(Word pair) { return low_bf16(pair); }
  static SIMT_DEVICE void of(float (&d)[4], const Word (&a)[2], const Word (&b)[1]) { simt::mma_m16n8k8_bf16(d, a, b); }
};
struct K16 {
  static SIMT_DEVICE float number(Word pair) { return low_bf16(pair); }
  static SIMT_DEVICE void of(float (&d)[4], const Word (&a)[4], const Word (&b)[2]) {
    simt::mma_m16n8k16_bf16(d, a, b);
  }
};

const silicon::RegisterProbes these{
    simt::device_kind,
    {silicon::multiply_probe<K8, 2, 1>("mma/m16n8k8_bf16_integers", sm80, Inputs::integers_bf16),
     silicon::multiply_probe<K8, 2, 1>("mma/m16n8k8_bf16_reals", sm80, Inputs::reals_bf16, silicon::sums_of(3 * 8 + 1)),
     silicon::multiply_probe<K16, 4, 2>("mma/m16n8k16_bf16_integers", sm80, Inputs::integers_bf16),
     silicon::multiply_probe<K16, 4, 2>("mma/m16n8k16_bf16_reals", sm80, Inputs::reals_bf16,
                                        silicon::sums_of(3 * 16 + 1))}};

}  // namespace
}  // namespace kernelgate::sm80_matrices
