#pragma once
// The functions of cuBLAS that we call, from the library that is loaded by their first use.

#include <cublas_v2.h>

#include "kernels/op/op.h"

namespace kernelgate::cublas {

// Spelt out, because in C++ each has an overload that takes the compute type of old.
using Gemm = cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,
                                const void* alpha, const void* a, cudaDataType, int lda, const void* b, cudaDataType,
                                int ldb, const void* beta, void* c, cudaDataType, int ldc, cublasComputeType_t,
                                cublasGemmAlgo_t);
using GemmBatched = cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,
                                       const void* alpha, const void* a, cudaDataType, int lda, long long stride_a,
                                       const void* b, cudaDataType, int ldb, long long stride_b, const void* beta,
                                       void* c, cudaDataType, int ldc, long long stride_c, int batch,
                                       cublasComputeType_t, cublasGemmAlgo_t);

struct Api {
  decltype(&cublasCreate_v2) create;
  decltype(&cublasDestroy_v2) destroy;
  decltype(&cublasGetStatusString) status_string;
  decltype(&cublasSetStream_v2) set_stream;
  decltype(&cublasSetWorkspace_v2) set_workspace;
  decltype(&cublasSetMathMode) set_math_mode;
  Gemm gemm;
  GemmBatched gemm_batched;
};

/// Errors  Unsupported if the library is not to be had.
const Api& api();

/// Whether `api` would succeed; never throws.
Support available();

/// Errors  Unsupported for what cuBLAS does not do, DeviceError for everything else.
void check(cublasStatus_t status, const char* call);

}  // namespace kernelgate::cublas
