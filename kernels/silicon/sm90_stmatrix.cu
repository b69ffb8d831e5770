// stmatrix.

#include "kernels/silicon/matrix_probe.h"

namespace kernelgate::sm90_stmatrix {
namespace {

using Word = std::uint32_t;

struct X1 {
  static SIMT_DEVICE void of(void* row, const Word (&r)[1]) { simt::stmatrix_x1(row, r); }
};
struct X2 {
  static SIMT_DEVICE void of(void* row, const Word (&r)[2]) { simt::stmatrix_x2(row, r); }
};
struct X4 {
  static SIMT_DEVICE void of(void* row, const Word (&r)[4]) { simt::stmatrix_x4(row, r); }
};
struct X1Trans {
  static SIMT_DEVICE void of(void* row, const Word (&r)[1]) { simt::stmatrix_x1_trans(row, r); }
};
struct X2Trans {
  static SIMT_DEVICE void of(void* row, const Word (&r)[2]) { simt::stmatrix_x2_trans(row, r); }
};
struct X4Trans {
  static SIMT_DEVICE void of(void* row, const Word (&r)[4]) { simt::stmatrix_x4_trans(row, r); }
};

const silicon::RegisterProbes these{
    simt::device_kind,
    {silicon::store_matrix_probe<X1, 1>("stmatrix/x1"), silicon::store_matrix_probe<X2, 2>("stmatrix/x2"),
     silicon::store_matrix_probe<X4, 4>("stmatrix/x4"), silicon::store_matrix_probe<X1Trans, 1>("stmatrix/x1_trans"),
     silicon::store_matrix_probe<X2Trans, 2>("stmatrix/x2_trans"),
     silicon::store_matrix_probe<X4Trans, 4>("stmatrix/x4_trans")}};

}  // namespace
}  // namespace kernelgate::sm90_stmatrix
