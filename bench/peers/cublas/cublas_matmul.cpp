// cuBLAS as most programs call it: cublasGemmEx with its default algorithm, and 64 MiB of workspace.

#include <cuda_runtime_api.h>

#include <memory>

#include "bench/peers/cublas/cublas_api.h"
#include "bench/peers/nvidia_status.h"
#include "kernels/matmul/matmul.h"
#include "kernels/op/memory.h"

namespace kernelgate {
namespace {

using cublas::api;
using cublas::check;
using Problem = Matmul::Problem;

constexpr std::size_t workspace_bytes = std::size_t{64} << 20;

struct DestroyHandle {
  void operator()(cublasContext* handle) const { api().destroy(handle); }
};

/// A handle with its workspace. Accumulates in f32, split K too.
class Cublas {
 public:
  explicit Cublas(const Device& device) : workspace_(device, workspace_bytes) {
    cublasHandle_t handle = nullptr;
    check(api().create(&handle), "cublasCreate");
    handle_.reset(handle);
    check(api().set_math_mode(handle, static_cast<cublasMath_t>(CUBLAS_DEFAULT_MATH |
                                                                CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION)),
          "cublasSetMathMode");
    use(nullptr);
  }

  cublasHandle_t on(Stream stream) {
    if (stream != stream_) use(stream);
    return handle_.get();
  }

 private:
  /// A new stream takes the workspace away.
  void use(Stream stream) {
    check(api().set_stream(handle_.get(), stream), "cublasSetStream");
    check(api().set_workspace(handle_.get(), workspace_.data(), workspace_bytes), "cublasSetWorkspace");
    stream_ = stream;
  }

  Memory workspace_;
  std::unique_ptr<cublasContext, DestroyHandle> handle_;
  Stream stream_ = nullptr;
};

// C is row by row, so to cuBLAS it is C' of N x M, and C' = B' A': our B is its first matrix, our A its second, and a
// matrix that lies transposed in our words does not in its.
void multiply(cublasHandle_t handle, const Problem& p, const Matmul::Buffers& buffers) {
  const float alpha = p.epilogue.alpha, beta = 0;  // on the host: read before the call returns
  const cudaDataType_t type = p.type == Type::bf16 ? CUDA_R_16BF : CUDA_R_16F;
  const cublasOperation_t first = p.b_transposed() ? CUBLAS_OP_T : CUBLAS_OP_N;
  const cublasOperation_t second = p.a_transposed() ? CUBLAS_OP_T : CUBLAS_OP_N;
  const auto m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
  const auto lda = static_cast<int>(p.lda()), ldb = static_cast<int>(p.ldb());
  if (p.batch == 1) {
    check(api().gemm(handle, first, second, n, m, k, &alpha, buffers.b, type, ldb, buffers.a, type, lda, &beta,
                     buffers.c, type, n, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
          "cublasGemmEx");
    return;
  }
  check(api().gemm_batched(handle, first, second, n, m, k, &alpha, buffers.b, type, ldb, p.n * p.k, buffers.a, type,
                           lda, p.m * p.k, &beta, buffers.c, type, n, p.m * p.n, static_cast<int>(p.batch),
                           CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
        "cublasGemmStridedBatchedEx");
}

Support supports(const Device&, const Problem& problem) {
  const Epilogue& last = problem.epilogue;
  if (last.source || last.bias || last.activation != Activation::none)
    return Support::no("adds nothing to a product but what C held before");
  return cublas::available();
}

Launch prepare(const Device& device, const Problem& problem, const Matmul::Buffers& buffers) {
  const auto bytes = static_cast<std::size_t>(problem.batch * problem.m * problem.n) * sizeof(f16);
  if (bytes == 0) return [](Stream) {};
  if (problem.k == 0)
    return [=](Stream stream) { check_cuda(cudaMemsetAsync(buffers.c, 0, bytes, stream), "cudaMemsetAsync"); };
  const auto cublas = std::make_shared<Cublas>(device);
  return [=](Stream stream) { multiply(cublas->on(stream), problem, buffers); };
}

const Register<Matmul> registered{{"cublas", Origin::peer, DeviceKind::cuda, supports, prepare}};

}  // namespace
}  // namespace kernelgate
