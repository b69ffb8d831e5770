#pragma once
// What happened when a GPU was really used: a context, memory, each of the smoke kernels' images, copies under load.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/fact.h"
#include "harness/check/machine/smoke/smoke_images.h"
#include "harness/check/machine/symbol_source.h"

namespace kernelgate {

/// One image of the smoke kernels, given to the driver for one GPU. Codes are CUresult; 0 is success.
struct ImageTrial {
  std::string name;  ///< "sm_90a", "PTX 9.0"
  bool ptx = false;
  bool fits = false;        ///< this GPU should run it
  Fact<std::int64_t> code;  ///< the first that was not success of loading, finding the kernel, launching and waiting
  std::string step;         ///< which of these gave it
  std::string log;          ///< first line of what the driver's compiler said
  Fact<bool> right;         ///< every number is what it should be
  std::string wrong;        ///< "3 of 270336 numbers, the first at 17: 4 and not 5"
  bool works() const { return right.value.value_or(false); }
};

/// Units  hertz, bytes per second.
struct GpuTrial {
  std::string probe_error;                                     ///< the child process hung or crashed
  Fact<std::int64_t> context_code{std::nullopt, "not tried"};  ///< of making the primary context
  Fact<std::int64_t> memory_code{std::nullopt, "not tried"};   ///< of allocating what the smoke kernel writes
  std::vector<ImageTrial> images;
  // Read by NVML while copies and a busy kernel run: an idle GPU lowers clocks and link.
  Fact<std::int64_t> pcie_generation{std::nullopt, "not read under load"};
  Fact<std::int64_t> pcie_width{std::nullopt, "not read under load"};
  Fact<double> sm_clock_hz{std::nullopt, "not read under load"};
  Fact<double> memory_clock_hz{std::nullopt, "not read under load"};
  Fact<std::int64_t> clocks_event_reasons{std::nullopt, "not read under load"};
  Fact<double> host_to_device_bytes_per_s{std::nullopt,
                                          "not read under load"};  ///< pinned memory, measured while the kernel runs

  /// 0, or the first code that kept a context or memory from being had.
  std::int64_t failed_code() const;
};

/// Machine code of "80" runs on 8.0 and later minors of its major, of "90a" on 9.0 alone; of "120f" as without f. PTX
/// of "80" runs on everything from 8.0 on.
bool image_fits(std::string_view architecture, bool ptx, std::int64_t compute_capability);

/// Uses GPU `ordinal` (CUDA's number) in this process: call it in a child. `nvml` may be empty.
void try_gpu(const SymbolSource& cuda, const SymbolSource& nvml, int ordinal, std::span<const SmokeImage> images,
             GpuTrial& trial);

nlohmann::json to_json(const GpuTrial& trial);
GpuTrial gpu_trial_from_json(const nlohmann::json& document);

}  // namespace kernelgate
