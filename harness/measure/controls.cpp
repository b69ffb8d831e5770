#include "harness/measure/controls.h"

#include <chrono>

namespace kernelgate {

const char* to_string(ControlKernel kernel) {
  switch (kernel) {
    case ControlKernel::alu:
      return "alu";
    case ControlKernel::tensor_core:
      return "tensor_core";
    case ControlKernel::dram_copy:
      return "dram_copy";
    case ControlKernel::launch:
      return "launch";
  }
  return "?";
}

std::array<std::vector<double>, all_control_kernels.size()> time_controls(Controls& controls, int samples) {
  std::array<std::vector<double>, all_control_kernels.size()> times;
  // In turns: a neighbour of a millisecond then meets one sample of each, not all of one.
  for (int s = -1; s < samples; ++s)
    for (std::size_t k = 0; k < all_control_kernels.size(); ++k) {
      const double seconds = controls.time(all_control_kernels[k]);
      if (s >= 0 && seconds > 0) times[k].push_back(seconds);
    }
  return times;
}

ControlBracket::ControlBracket(std::unique_ptr<Controls> controls) : controls_(std::move(controls)) {
  controls_->verify();
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < control_warm_up_s)
    for (ControlKernel kernel : all_control_kernels) controls_->time(kernel);
  first_ = time_controls(*controls_);
}

std::vector<ControlRun> ControlBracket::close() {
  const auto last = time_controls(*controls_);
  std::vector<ControlRun> runs;
  for (std::size_t k = 0; k < all_control_kernels.size(); ++k) {
    const ControlWork work = controls_->work(all_control_kernels[k]);
    runs.push_back({to_string(all_control_kernels[k]), 0, first_[k], last[k], work.flop, work.bytes});
  }
  return runs;
}

}  // namespace kernelgate
