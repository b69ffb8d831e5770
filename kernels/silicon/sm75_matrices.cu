// ldmatrix, and mma of f16.

#include "kernels/silicon/matrix_probe.h"

namespace kernelgate::sm75_matrices {
namespace {

using silicon::Inputs;
using Word = std::uint32_t;

struct LoadX1 {
  static SIMT_DEVICE void of(Word (&r)[1], const void* row) { simt::ldmatrix_x1(r, row); }
};
struct LoadX2 {
  static SIMT_DEVICE void of(Word (&r)[2], const void* row) { simt::ldmatrix_x2(r, row); }
};
struct LoadX4 {
  static SIMT_DEVICE void of(Word (&r)[4], const void* row) { simt::ldmatrix_x4(r, row); }
};
struct LoadX1Trans {
  static SIMT_DEVICE void of(Word (&r)[1], const void* row) { simt::ldmatrix_x1_trans(r, row); }
};
struct LoadX2Trans {
  static SIMT_DEVICE void of(Word (&r)[2], const void* row) { simt::ldmatrix_x2_trans(r, row); }
};
struct LoadX4Trans {
  static SIMT_DEVICE void of(Word (&r)[4], const void* row) { simt::ldmatrix_x4_trans(r, row); }
};

struct K8 {
  static SIMT_DEVICE float number(Word pair) { return simt::low_half(pair); }
  static SIMT_DEVICE void of(float (&d)[4], const Word (&a)[2], const Word (&b)[1]) { simt::mma_m16n8k8(d, a, b); }
};
struct K16 {
  static SIMT_DEVICE float number(Word pair) { return simt::low_half(pair); }
  static SIMT_DEVICE void of(float (&d)[4], const Word (&a)[4], const Word (&b)[2]) { simt::mma_m16n8k16(d, a, b); }
};

// Three products of k = 8 or 16, and d from before.
const silicon::RegisterProbes these{
    simt::device_kind,
    {silicon::load_matrix_probe<LoadX1, 1>("ldmatrix/x1"), silicon::load_matrix_probe<LoadX2, 2>("ldmatrix/x2"),
     silicon::load_matrix_probe<LoadX4, 4>("ldmatrix/x4"),
     silicon::load_matrix_probe<LoadX1Trans, 1>("ldmatrix/x1_trans"),
     silicon::load_matrix_probe<LoadX2Trans, 2>("ldmatrix/x2_trans"),
     silicon::load_matrix_probe<LoadX4Trans, 4>("ldmatrix/x4_trans"),
     silicon::multiply_probe<K8, 2, 1>("mma/m16n8k8_f16_integers", {}, Inputs::integers_f16),
     silicon::multiply_probe<K8, 2, 1>("mma/m16n8k8_f16_subnormals", {}, Inputs::subnormals_f16),
     silicon::multiply_probe<K8, 2, 1>("mma/m16n8k8_f16_reals", {}, Inputs::reals_f16, silicon::sums_of(3 * 8 + 1)),
     silicon::multiply_probe<K16, 4, 2>("mma/m16n8k16_f16_integers", {}, Inputs::integers_f16),
     silicon::multiply_probe<K16, 4, 2>("mma/m16n8k16_f16_subnormals", {}, Inputs::subnormals_f16),
     silicon::multiply_probe<K16, 4, 2>("mma/m16n8k16_f16_reals", {}, Inputs::reals_f16,
                                        silicon::sums_of(3 * 16 + 1))}};

}  // namespace
}  // namespace kernelgate::sm75_matrices
