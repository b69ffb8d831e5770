// Signatures and numbers from NVIDIA's cuda.h.
#include "bench/user/driver_kernel.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <bit>

#include "harness/base/printable.h"
#include "harness/check/machine/cuda_driver.h"
#include "kernels/op/error.h"

namespace kernelgate {
namespace {

using Handle = void*;

/// CUlaunchAttribute and CUlaunchConfig.
struct LaunchAttribute {
  int id = 4;  // CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION
  int pad = 0;
  std::array<unsigned, 16> value{};  // 64 bytes
};
struct LaunchConfig {
  unsigned grid[3], block[3], shared_bytes;
  Handle stream;
  LaunchAttribute* attributes;
  unsigned attribute_count;
};

using LaunchKernel = CuResult (*)(Handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle,
                                  void**, void**);
using LaunchKernelEx = CuResult (*)(const LaunchConfig*, Handle, void**, void**);

class LoadedKernel {
 public:
  LoadedKernel(SymbolSource symbols, int ordinal, const std::string& image, std::string file, const std::string& kernel,
               DriverLaunch launch)
      : symbols_(std::move(symbols)), file_(std::move(file)), kernel_(kernel), launch_(std::move(launch)) {
    use_context(ordinal);
    load(image);
    expect(driver_.call("cuModuleGetFunction", &function_, module_, kernel.c_str()), "cuModuleGetFunction");
    constexpr int shared_attribute = 8, cluster_attribute = 14;  // of CUfunction_attribute
    if (launch_.shared_bytes > simt::default_shared_bytes)
      expect(driver_.call("cuFuncSetAttribute", function_, shared_attribute, static_cast<int>(launch_.shared_bytes)),
             "cuFuncSetAttribute of its shared memory");
    if (launch_.cluster.count() > simt::max_cluster_blocks)
      expect(driver_.call("cuFuncSetAttribute", function_, cluster_attribute, 1), "cuFuncSetAttribute of its cluster");
    for (std::uint64_t& parameter : launch_.parameters) pointers_.push_back(&parameter);
    // Not by name in each launch, which is timed.
    start_ = reinterpret_cast<LaunchKernel>(symbol("cuLaunchKernel"));
    if (launch_.cluster.count() > 1) start_cluster_ = reinterpret_cast<LaunchKernelEx>(symbol("cuLaunchKernelEx"));
    attribute_.value = {launch_.cluster.x, launch_.cluster.y, launch_.cluster.z};
  }
  ~LoadedKernel() {
    if (module_ != nullptr) driver_.call("cuModuleUnload", module_);
  }
  LoadedKernel(const LoadedKernel&) = delete;
  LoadedKernel& operator=(const LoadedKernel&) = delete;

  void start(Stream stream) {
    const simt::Dim3 &g = launch_.grid, &b = launch_.block;
    if (start_cluster_ != nullptr) {
      const LaunchConfig config{{g.x, g.y, g.z}, {b.x, b.y, b.z}, launch_.shared_bytes, stream, &attribute_, 1};
      return expect(start_cluster_(&config, function_, pointers_.data(), nullptr), "cuLaunchKernelEx");
    }
    expect(start_(function_, g.x, g.y, g.z, b.x, b.y, b.z, launch_.shared_bytes, stream, pointers_.data(), nullptr),
           "cuLaunchKernel");
  }

 private:
  void* symbol(const char* name) const {
    if (void* found = symbols_(name)) return found;
    throw DeviceError(fmt::format("{}: the driver has no {}; update it", kernel_, name));
  }

  void expect(CuResult code, const char* call, const std::string& log = "") const {
    if (code == 0) return;
    const char* name = nullptr;
    driver_.call("cuGetErrorName", code, &name);
    throw DeviceError(fmt::format("{} of {}: {}: {} ({}){}", kernel_, file_, call, name != nullptr ? name : "error",
                                  code, log.empty() ? "" : "; the driver says: " + log));
  }

  /// The runtime's, where memory was allocated.
  void use_context(int ordinal) {
    Handle context = nullptr;
    int device = 0;
    expect(driver_.call("cuInit", 0U), "cuInit");
    if (driver_.call("cuCtxGetCurrent", &context) == 0 && context != nullptr) return;
    expect(driver_.call("cuDeviceGet", &device, ordinal), "cuDeviceGet");
    expect(driver_.call("cuDevicePrimaryCtxRetain", &context, device), "cuDevicePrimaryCtxRetain");
    expect(driver_.call("cuCtxSetCurrent", context), "cuCtxSetCurrent");
  }

  void load(const std::string& image) {
    constexpr int error_log = 5, error_log_bytes = 6;  // CU_JIT_ERROR_LOG_BUFFER and its size
    std::array<char, 4096> log{};
    std::array<int, 2> options{error_log, error_log_bytes};
    std::array<void*, 2> values{log.data(), std::bit_cast<void*>(std::uintptr_t{log.size() - 1})};
    const CuResult code = driver_.call("cuModuleLoadDataEx", &module_, static_cast<const void*>(image.data()),
                                       static_cast<unsigned>(options.size()), options.data(), values.data());
    if (code != 0) module_ = nullptr;
    expect(code, "cuModuleLoadDataEx", one_line(std::string(log.data())));
  }

  SymbolSource symbols_;
  CudaDriver driver_{symbols_};
  std::string file_, kernel_;
  DriverLaunch launch_;
  Handle module_ = nullptr, function_ = nullptr;
  std::vector<void*> pointers_;
  LaunchAttribute attribute_;
  LaunchKernel start_ = nullptr;
  LaunchKernelEx start_cluster_ = nullptr;
};

}  // namespace

SymbolSource open_cuda_driver() {
  // Never closed: whoever uses the driver beside us has it open, too.
  static void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw DeviceError("there is no NVIDIA driver here (libcuda.so.1); see: kernelgate check");
  return [](const char* name) { return dlsym(library, name); };
}

Launch driver_launch(const SymbolSource& driver, int ordinal, const std::string& image, const std::string& file,
                     const std::string& kernel, DriverLaunch launch) {
  auto loaded = std::make_shared<LoadedKernel>(driver, ordinal, image, file, kernel, std::move(launch));
  return [loaded](Stream stream) { loaded->start(stream); };
}

}  // namespace kernelgate
