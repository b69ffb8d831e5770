#include "bench/peers/cufft/cufft_api.h"

#include "bench/peers/library.h"

namespace kernelgate::cufft {
namespace {

const std::vector<std::string>& sonames() {
  static const std::vector<std::string> names{"libcufft.so." + std::to_string(CUFFT_VER_MAJOR)};
  return names;
}

}  // namespace

const Api& api() {
  static const Api loaded = [] {
    const Library& library = Library::open("cuFFT", sonames());
    return Api{library.symbol<decltype(&cufftCreate)>("cufftCreate"),
               library.symbol<decltype(&cufftDestroy)>("cufftDestroy"),
               library.symbol<decltype(&cufftSetAutoAllocation)>("cufftSetAutoAllocation"),
               library.symbol<decltype(&cufftMakePlanMany64)>("cufftMakePlanMany64"),
               library.symbol<decltype(&cufftSetWorkArea)>("cufftSetWorkArea"),
               library.symbol<decltype(&cufftSetStream)>("cufftSetStream"),
               library.symbol<decltype(&cufftExecR2C)>("cufftExecR2C")};
  }();
  return loaded;
}

Support available() { return Library::probe("cuFFT", sonames()); }

void check(cufftResult status, const char* call) {
  if (status == CUFFT_SUCCESS) return;
  throw DeviceError(std::string("cuFFT: ") + call + " failed with status " + std::to_string(static_cast<int>(status)));
}

}  // namespace kernelgate::cufft
