#include "bench/peers/cublaslt/cublaslt_plan.h"

#include <bit>
#include <cstdint>

namespace kernelgate::cublaslt {
namespace {

constexpr std::size_t workspace_bytes = std::size_t{64} << 20;

/// A matrix of `rows` rows of `columns` elements, row by row, is to cuBLASLt its transpose.
MatrixLayout describe(cudaDataType_t type, std::int64_t batch, std::int64_t rows, std::int64_t columns) {
  cublasLtMatrixLayout_t raw = nullptr;
  check(api().layout_create(&raw, type, static_cast<std::uint64_t>(columns), static_cast<std::uint64_t>(rows), columns),
        "cublasLtMatrixLayoutCreate");
  MatrixLayout layout(raw);
  const auto set = [&](cublasLtMatrixLayoutAttribute_t attribute, const auto& value) {
    check(api().layout_set(raw, attribute, &value, sizeof value), "cublasLtMatrixLayoutSetAttribute");
  };
  set(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, static_cast<std::int32_t>(batch));
  set(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, rows * columns);
  return layout;
}

cublasLtEpilogue_t epilogue_of(const Epilogue& last) {
  switch (last.activation) {
    case Activation::none:
      return last.bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT;
    case Activation::relu:
      return last.bias ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_RELU;
    case Activation::gelu:
      return last.bias ? CUBLASLT_EPILOGUE_GELU_BIAS : CUBLASLT_EPILOGUE_GELU;
  }
  throw Unsupported("unknown activation");
}

/// The largest power of two, up to 256, that divides the address of each matrix of a batch.
std::uint32_t alignment(const f16* matrix, std::int64_t batch, std::int64_t count) {
  std::uintptr_t bits = reinterpret_cast<std::uintptr_t>(matrix) | 256;
  if (batch > 1) bits |= static_cast<std::uintptr_t>(count) * sizeof(f16);
  return std::uint32_t{1} << std::countr_zero(bits);
}

}  // namespace

// C is row by row, so to cuBLASLt it is C' of N x M, and C' = B' A': our B is its first matrix, our A its
// second, and a matrix that lies transposed in our words does not in its.
Plan::Plan(const Device& device, const Matmul::Problem& p, const Matmul::Buffers& buffers)
    : buffers_(buffers), alpha_(p.epilogue.alpha), beta_(p.epilogue.beta), workspace_(device, workspace_bytes) {
  cublasLtHandle_t handle = nullptr;
  check(api().create(&handle), "cublasLtCreate");
  handle_.reset(handle);

  cublasLtMatmulDesc_t matmul = nullptr;
  check(api().matmul_create(&matmul, CUBLAS_COMPUTE_32F, CUDA_R_32F), "cublasLtMatmulDescCreate");
  matmul_.reset(matmul);
  const auto set_matmul = [&](cublasLtMatmulDescAttributes_t attribute, const auto& value) {
    // NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are attributes, too
    check(api().matmul_set(matmul, attribute, &value, sizeof value), "cublasLtMatmulDescSetAttribute");
  };
  set_matmul(CUBLASLT_MATMUL_DESC_TRANSA, p.b_transposed() ? CUBLAS_OP_T : CUBLAS_OP_N);
  set_matmul(CUBLASLT_MATMUL_DESC_TRANSB, p.a_transposed() ? CUBLAS_OP_T : CUBLAS_OP_N);

  set_matmul(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue_of(p.epilogue));
  const cudaDataType_t type = p.type == Type::bf16 ? CUDA_R_16BF : CUDA_R_16F;
  if (p.epilogue.bias) {
    set_matmul(CUBLASLT_MATMUL_DESC_BIAS_POINTER, buffers.bias);
    set_matmul(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, type);
  }

  first_ = p.b_transposed() ? describe(type, p.batch, p.n, p.k) : describe(type, p.batch, p.k, p.n);
  second_ = p.a_transposed() ? describe(type, p.batch, p.k, p.m) : describe(type, p.batch, p.m, p.k);
  result_ = describe(type, p.batch, p.m, p.n);

  cublasLtMatmulPreference_t preference = nullptr;
  check(api().preference_create(&preference), "cublasLtMatmulPreferenceCreate");
  preference_.reset(preference);
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
    check(api().preference_set(preference, attribute, &value, sizeof value), "cublasLtMatmulPreferenceSetAttribute");
  };
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspace_bytes);
  // No partial sums in f16: what is compared must have the same accuracy.
  prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
         static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  // The default promises 256 bytes: with other pointers an algorithm would fail, or read beyond its matrix.
  const std::uint32_t result_alignment = alignment(buffers.c, p.batch, p.m * p.n);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment(buffers.b, p.batch, p.n * p.k));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment(buffers.a, p.batch, p.m * p.k));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment(added(), p.batch, p.m * p.n));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, result_alignment);
}

std::vector<cublasLtMatmulAlgo_t> Plan::algorithms(int count) const {
  std::vector<cublasLtMatmulHeuristicResult_t> results(static_cast<std::size_t>(count));
  int found = 0;
  check(api().heuristic(handle_.get(), matmul_.get(), first_.get(), second_.get(), result_.get(), result_.get(),
                        preference_.get(), count, results.data(), &found),
        "cublasLtMatmulAlgoGetHeuristic");
  std::vector<cublasLtMatmulAlgo_t> algorithms;
  for (int i = 0; i < found; ++i)
    if (results[static_cast<std::size_t>(i)].state == CUBLAS_STATUS_SUCCESS)
      algorithms.push_back(results[static_cast<std::size_t>(i)].algo);
  if (algorithms.empty()) throw Unsupported("cuBLASLt knows no algorithm for this problem");
  return algorithms;
}

cublasStatus_t Plan::run(const cublasLtMatmulAlgo_t& algorithm, Stream stream) const {
  // The factors are on the host: read before the call returns.
  return api().matmul(handle_.get(), matmul_.get(), &alpha_, buffers_.b, first_.get(), buffers_.a, second_.get(),
                      &beta_, added(), result_.get(), buffers_.c, result_.get(), &algorithm, workspace_.data(),
                      workspace_bytes, stream);
}

}  // namespace kernelgate::cublaslt
