#include "bench/peers/cublaslt/cublaslt_api.h"

#include <fmt/format.h>

#include "bench/peers/library.h"
#include "bench/peers/nvidia_status.h"

namespace kernelgate::cublaslt {
namespace {

const std::vector<std::string>& sonames() {
  static const std::vector<std::string> names{fmt::format("libcublasLt.so.{}", CUBLAS_VER_MAJOR)};
  return names;
}

}  // namespace

const Api& api() {
  static const Api loaded = [] {
    const Library& library = Library::open("cuBLASLt", sonames());
    return Api{
        .create = library.symbol<decltype(&cublasLtCreate)>("cublasLtCreate"),
        .destroy = library.symbol<decltype(&cublasLtDestroy)>("cublasLtDestroy"),
        .status_string = library.symbol<decltype(&cublasLtGetStatusString)>("cublasLtGetStatusString"),
        .matmul_create = library.symbol<decltype(&cublasLtMatmulDescCreate)>("cublasLtMatmulDescCreate"),
        .matmul_destroy = library.symbol<decltype(&cublasLtMatmulDescDestroy)>("cublasLtMatmulDescDestroy"),
        .matmul_set = library.symbol<decltype(&cublasLtMatmulDescSetAttribute)>("cublasLtMatmulDescSetAttribute"),
        .layout_create = library.symbol<decltype(&cublasLtMatrixLayoutCreate)>("cublasLtMatrixLayoutCreate"),
        .layout_destroy = library.symbol<decltype(&cublasLtMatrixLayoutDestroy)>("cublasLtMatrixLayoutDestroy"),
        .layout_set = library.symbol<decltype(&cublasLtMatrixLayoutSetAttribute)>("cublasLtMatrixLayoutSetAttribute"),
        .preference_create =
            library.symbol<decltype(&cublasLtMatmulPreferenceCreate)>("cublasLtMatmulPreferenceCreate"),
        .preference_destroy =
            library.symbol<decltype(&cublasLtMatmulPreferenceDestroy)>("cublasLtMatmulPreferenceDestroy"),
        .preference_set =
            library.symbol<decltype(&cublasLtMatmulPreferenceSetAttribute)>("cublasLtMatmulPreferenceSetAttribute"),
        .heuristic = library.symbol<decltype(&cublasLtMatmulAlgoGetHeuristic)>("cublasLtMatmulAlgoGetHeuristic"),
        .matmul = library.symbol<decltype(&cublasLtMatmul)>("cublasLtMatmul"),
    };
  }();
  return loaded;
}

Support available() { return Library::probe("cuBLASLt", sonames()); }

void check(cublasStatus_t status, const char* call) { check_cublas(status, call, api().status_string); }

}  // namespace kernelgate::cublaslt
