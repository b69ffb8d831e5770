// The made-up libcuda's images: which machine code a GPU takes, which PTX a driver compiles, and what is in them.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/check/fake/driver/gpu_work.h"
#include "harness/check/fake/driver/kernels.h"
#include "harness/check/fake/driver/settings.h"

namespace kernelgate::fake {
namespace {

constexpr int success = 0, invalid_image = 200, no_binary_for_gpu = 209, invalid_ptx = 218,
              unsupported_ptx_version = 222, jit_disabled = 223, invalid_handle = 400, not_found = 500;

constexpr std::uint32_t fatbin_magic = 0xba55ed50, wrapper_magic = 0x466243b1;

struct Module {
  std::string_view image;  // the caller's: it lives as long as the program, as embedded images do
};
struct Function {
  std::string name;
};

template <class T>
T number_at(const char* bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes + offset, sizeof value);
  return value;
}

// Compute capability, as 90. Where the ABI is 8, which nvcc 13.0 writes, it is the second byte of e_flags; before
// that it was the first. That 90a runs on 9.0 alone is not in there.
int architecture_of_cubin(const char* image) {
  const auto flags = number_at<std::uint32_t>(image, 0x30);
  return static_cast<int>(image[8] >= 8 ? flags >> 8U & 0xffU : flags & 0xffU);
}

std::size_t size_of_elf(const char* image) {
  return number_at<std::uint64_t>(image, 0x28) +
         std::size_t{number_at<std::uint16_t>(image, 0x3a)} * number_at<std::uint16_t>(image, 0x3c);
}

bool runs_here(int architecture) {
  const int cc = std::atoi(setting("cc").c_str());
  return architecture / 10 == cc / 10 && architecture <= cc;
}

// PTX 9.0 came with CUDA 13.0, 8.0 with 12.0, 7.0 with 11.0, and their minors go about together: near enough for a
// driver that nothing else is known of.
int compile(std::string_view ptx) {
  if (std::getenv("CUDA_DISABLE_PTX_JIT")) return jit_disabled;
  if (const int code = answer("compile")) return code;  // 221: no compiler; 222: whatever the version
  const std::size_t at = ptx.find(".version ");
  if (at == std::string_view::npos) return invalid_ptx;
  const std::string version(ptx.substr(at + 9, 4));
  const int major = std::atoi(version.c_str());
  const std::size_t dot = version.find('.');
  const int minor = dot == std::string::npos ? 0 : std::atoi(version.c_str() + dot + 1);
  const int needed = (major + 4) * 1000 + minor * 10;
  return needed <= std::atoi(setting("cuda_version").c_str()) ? success : unsupported_ptx_version;
}

struct Entry {
  bool ptx = false;
  int architecture = 0;
  std::string_view bytes;
};

// The entries of a fat binary that is not compressed: a header of 16 bytes, then a header and an image each.
int choose_from_fatbin(const char* fatbin, std::string_view& chosen) {
  const auto size = number_at<std::uint64_t>(fatbin, 8);
  std::optional<Entry> ptx;
  for (std::size_t at = 16; at + 64 <= 16 + size;) {
    const auto header = number_at<std::uint32_t>(fatbin, at + 4);
    const auto bytes = number_at<std::uint64_t>(fatbin, at + 8);
    const Entry entry{number_at<std::uint16_t>(fatbin, at) == 1, number_at<std::int32_t>(fatbin, at + 0x1c),
                      std::string_view(fatbin + at + header, bytes)};
    if (!entry.ptx && runs_here(entry.architecture)) {
      chosen = entry.bytes;
      return success;
    }
    if (entry.ptx) ptx = entry;
    at += header + bytes;
  }
  if (!ptx) return no_binary_for_gpu;
  chosen = ptx->bytes;
  return compile(chosen);
}

int load(const char* function, void** module, const void* data) {
  if (const int code = answer(function)) return code;
  const char* image = static_cast<const char*>(data);
  if (number_at<std::uint32_t>(image, 0) == wrapper_magic) image = number_at<const char*>(image, 8);
  std::string_view chosen;
  int code = success;
  if (std::memcmp(image,
                  "\x7f"
                  "ELF",
                  4) == 0) {
    chosen = {image, size_of_elf(image)};
    code = runs_here(architecture_of_cubin(image)) ? success : no_binary_for_gpu;
  } else if (number_at<std::uint32_t>(image, 0) == fatbin_magic) {
    code = choose_from_fatbin(image, chosen);
  } else if (std::strstr(image, ".version ") != nullptr) {
    chosen = image;
    code = compile(chosen);
  } else {
    code = invalid_image;
  }
  if (code == success) *module = new Module{chosen};
  return code;
}

}  // namespace
}  // namespace kernelgate::fake

using namespace kernelgate::fake;

extern "C" {

int cuModuleLoadData(void** module, const void* image) { return load("cuModuleLoadData", module, image); }
int cuModuleLoadDataEx(void** module, const void* image, unsigned count, const int* options, void** values) {
  const int code = load("cuModuleLoadDataEx", module, image);
  constexpr int error_log = 5;  // CU_JIT_ERROR_LOG_BUFFER; whoever asks has room for a line
  for (unsigned i = 0; code != success && i < count; ++i) {
    if (options[i] == error_log) std::snprintf(static_cast<char*>(values[i]), 32, "fatal: made-up error %d", code);
  }
  return code;
}
int cuModuleLoadFatBinary(void** module, const void* image) { return load("cuModuleLoadFatBinary", module, image); }

int cuModuleUnload(const Module* module) {
  delete module;
  return answer("cuModuleUnload");
}

int cuModuleGetFunction(void** function, const Module* module, const char* name) {
  if (const int code = answer("cuModuleGetFunction")) return code;
  if (!module) return invalid_handle;
  if (module->image.find(name) == std::string_view::npos) return not_found;
  static std::map<std::string, Function> handles;
  *function = &(handles[name] = Function{name});
  return success;
}

int cuFuncSetAttribute(const Function* kernel, int, int) {
  if (const int code = answer("cuFuncSetAttribute")) return code;
  return kernel ? success : invalid_handle;
}

int cuLaunchKernel(const Function* kernel, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                   unsigned block_y, unsigned block_z, unsigned, void*, void** parameters, void**) {
  if (const int code = answer("cuLaunchKernel")) return code;
  if (!kernel) return invalid_handle;
  if (const int code = launch_refusal()) return code;
  if (run_acceptance_kernel(kernel->name, grid_x, parameters)) return success;
  run_kernel(kernel->name, std::size_t{grid_x} * grid_y * grid_z * block_x * block_y * block_z, parameters);
  return success;
}

// The grid and the block are the first six numbers of CUlaunchConfig.
int cuLaunchKernelEx(const unsigned* config, const Function* kernel, void** parameters, void** extra) {
  if (const int code = answer("cuLaunchKernelEx")) return code;
  return cuLaunchKernel(kernel, config[0], config[1], config[2], config[3], config[4], config[5], 0, nullptr,
                        parameters, extra);
}
}
