#pragma once
// The functions of cuBLASLt that we call, from the library that is loaded by their first use.

#include <cublasLt.h>

#include "kernels/op/op.h"

namespace kernelgate::cublaslt {

struct Api {
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtGetStatusString) status_string;
  decltype(&cublasLtMatmulDescCreate) matmul_create;
  decltype(&cublasLtMatmulDescDestroy) matmul_destroy;
  decltype(&cublasLtMatmulDescSetAttribute) matmul_set;
  decltype(&cublasLtMatrixLayoutCreate) layout_create;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy;
  decltype(&cublasLtMatrixLayoutSetAttribute) layout_set;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic;
  decltype(&cublasLtMatmul) matmul;
};

/// Errors  Unsupported if the library is not to be had.
const Api& api();

/// Whether `api` would succeed; never throws.
Support available();

/// Errors  Unsupported for what cuBLASLt does not do, DeviceError for everything else.
void check(cublasStatus_t status, const char* call);

}  // namespace kernelgate::cublaslt
