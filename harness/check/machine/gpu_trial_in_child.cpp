// The trial of each GPU, in a child process of its own: a GPU that hangs or faults takes nothing along.
#include <cstdlib>
#include <future>

#include <nlohmann/json.hpp>

#include "harness/base/process/child_process.h"
#include "harness/check/machine/system_probe.h"

namespace kernelgate {
namespace {

SymbolSource symbols_of(const std::string& library) {
  std::string error;  // the trial says itself what it lacks
  return open_symbols(error, library.c_str());
}

GpuTrial trial_in_child(const SystemProbeOptions& options, int ordinal) {
  const ChildAnswer answer = run_in_child(
      [&] {
        // Or compiling PTX would leave files in the user's home.
        setenv("CUDA_CACHE_DISABLE", "1", 1);
        GpuTrial trial;
        try_gpu(symbols_of(options.library_file(options.cuda_library)),
                symbols_of(options.library_file(options.nvml_library)), ordinal, smoke_images(), trial);
        return to_json(trial).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      },
      options.limit);
  GpuTrial trial;
  trial.probe_error = answer.error;
  if (!answer.error.empty()) return trial;
  try {
    return gpu_trial_from_json(nlohmann::json::parse(answer.text));
  } catch (const nlohmann::json::exception&) {
    trial.probe_error = "its answer can't be read";
    return trial;
  }
}

}  // namespace

std::vector<GpuTrial> SystemProbe::try_gpus(int count) const {
  // Without a thread where it takes none: a child has only the thread that made it.
  if (count == 1) return {trial_in_child(options_, 0)};
  std::vector<std::future<GpuTrial>> running;
  running.reserve(static_cast<std::size_t>(count));
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    running.push_back(std::async(std::launch::async, [this, ordinal] { return trial_in_child(options_, ordinal); }));
  }
  std::vector<GpuTrial> trials;
  for (std::future<GpuTrial>& one : running) trials.push_back(one.get());
  return trials;
}

}  // namespace kernelgate
