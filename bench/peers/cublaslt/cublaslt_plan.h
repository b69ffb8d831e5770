#pragma once
// One matrix product for cuBLASLt: its descriptors, its workspace, and the algorithms to choose from.

#include <array>
#include <memory>
#include <vector>

#include "bench/peers/cublaslt/cublaslt_api.h"
#include "kernels/matmul/matmul.h"
#include "kernels/op/memory.h"

namespace kernelgate::cublaslt {

/// Calls the library's destroy function, which is known only once the library is loaded.
template <auto Member>
struct Destroy {
  template <class T>
  void operator()(T* object) const {
    (api().*Member)(object);
  }
};

using Handle = std::unique_ptr<std::remove_pointer_t<cublasLtHandle_t>, Destroy<&Api::destroy>>;
using MatmulDesc = std::unique_ptr<std::remove_pointer_t<cublasLtMatmulDesc_t>, Destroy<&Api::matmul_destroy>>;
using MatrixLayout = std::unique_ptr<std::remove_pointer_t<cublasLtMatrixLayout_t>, Destroy<&Api::layout_destroy>>;
using Preference =
    std::unique_ptr<std::remove_pointer_t<cublasLtMatmulPreference_t>, Destroy<&Api::preference_destroy>>;

/// Accumulates in f32, split K too; f32 scale factors; with what the problem has of an epilogue; 64 MiB of workspace.
class Plan {
 public:
  Plan(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers);

  /// Up to `count` algorithms, what the library thinks best first; at least one.
  ///
  /// Errors  Unsupported if there is none.
  std::vector<cublasLtMatmulAlgo_t> algorithms(int count) const;

  cublasStatus_t run(const cublasLtMatmulAlgo_t& algorithm, Stream stream) const;

 private:
  /// What the library calls C, apart from the D that it writes.
  const f16* added() const { return beta_ != 0 ? buffers_.source : buffers_.c; }

  Matmul::Buffers buffers_;
  float alpha_, beta_;
  Memory workspace_;
  Handle handle_;
  MatmulDesc matmul_;
  MatrixLayout first_, second_, result_;  // as the library counts: column by column
  Preference preference_;
};

}  // namespace kernelgate::cublaslt
