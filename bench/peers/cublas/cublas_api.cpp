#include "bench/peers/cublas/cublas_api.h"

#include <fmt/format.h>

#include "bench/peers/library.h"
#include "bench/peers/nvidia_status.h"

namespace kernelgate::cublas {
namespace {

const std::vector<std::string>& sonames() {
  static const std::vector<std::string> names{fmt::format("libcublas.so.{}", CUBLAS_VER_MAJOR)};
  return names;
}

}  // namespace

const Api& api() {
  static const Api loaded = [] {
    const Library& library = Library::open("cuBLAS", sonames());
    return Api{
        .create = library.symbol<decltype(&cublasCreate_v2)>("cublasCreate_v2"),
        .destroy = library.symbol<decltype(&cublasDestroy_v2)>("cublasDestroy_v2"),
        .status_string = library.symbol<decltype(&cublasGetStatusString)>("cublasGetStatusString"),
        .set_stream = library.symbol<decltype(&cublasSetStream_v2)>("cublasSetStream_v2"),
        .set_workspace = library.symbol<decltype(&cublasSetWorkspace_v2)>("cublasSetWorkspace_v2"),
        .set_math_mode = library.symbol<decltype(&cublasSetMathMode)>("cublasSetMathMode"),
        .gemm = library.symbol<Gemm>("cublasGemmEx"),
        .gemm_batched = library.symbol<GemmBatched>("cublasGemmStridedBatchedEx"),
    };
  }();
  return loaded;
}

Support available() { return Library::probe("cuBLAS", sonames()); }

void check(cublasStatus_t status, const char* call) { check_cublas(status, call, api().status_string); }

}  // namespace kernelgate::cublas
