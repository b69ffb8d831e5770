#include "bench/predict/our_kernels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <mutex>
#include <tuple>

#include "bench/predict/kernel_symbol.h"
#include "bench/program/kernel_sass.h"
#include "bench/program/ptxas_log.h"
#include "harness/base/error.h"
#include "harness/codegen/kernel_name.h"
#include "harness/codegen/ptxas_log.h"
#include "harness/predict/sass/decode.h"

namespace kernelgate {
namespace {

using Key = std::tuple<std::string, std::string, std::string>;  // architecture, file, name

predict::KernelNeeds needs_of(const Key& key) {
  static const std::map<Key, predict::KernelNeeds> all = [] {
    std::map<Key, predict::KernelNeeds> needs;
    for (const KernelCode& kernel : parse_ptxas_log(ptxas_log(), "ptxas' log of this program"))
      needs[{kernel.arch, kernel.file, short_name(kernel.symbol)}] = {static_cast<int>(kernel.registers.value_or(0)),
                                                                      static_cast<int>(kernel.shared_bytes)};
    return needs;
  }();
  const auto found = all.find(key);
  if (found == all.end())
    throw HarnessError(ExitCode::nothing,
                       fmt::format("ptxas' log does not speak of {}; build again", std::get<2>(key)));
  return found->second;
}

}  // namespace

const OurKernel& our_kernel(const std::string& file, const void* host_function, const std::vector<std::string>& archs) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  static std::map<Key, OurKernel> known;
  if (!kernel_sass().missing.empty())
    throw HarnessError(ExitCode::nothing,
                       fmt::format("this program holds no machine code to predict from: {}", kernel_sass().missing));
  const std::string name = short_name(function_symbol(host_function));
  for (const std::string& arch : archs) {
    const Key key{arch, file, name};
    if (const auto found = known.find(key); found != known.end()) return found->second;
    auto kernels = predict::unpack_kernels(kernel_sass_text(), [&](const predict::SassKernel& kernel) {
      return Key{kernel.arch, kernel.file, kernel.name} == key;
    });
    if (!kernels.empty()) return known.emplace(key, OurKernel{std::move(kernels.front()), needs_of(key)}).first->second;
  }
  throw HarnessError(ExitCode::nothing, fmt::format("no code of {} for {}; configure with -DKERNELGATE_CUDA_ARCHS={}",
                                                    name, fmt::join(archs, " or "), archs.front().substr(2)));
}

}  // namespace kernelgate
