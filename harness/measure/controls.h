#pragma once
// Control kernels: frozen code, timed before a process's first case and after its last. When one moves, the machine
// did; which one says what of it. (harness/measure/control.h is the other control: one work, beside each turn.)
//
//             on a GPU                                   on a CPU
// alu          dependent integer multiply-adds            the same, on one core: its clock
// tensor_core  mma.sync, all SMs                          fused multiply-adds of vectors, all cores
// dram_copy    a copy larger than the L2                  a copy that no cache holds, all cores
// launch       an empty kernel, enqueued and waited for   the threads woken and joined
//
// Frozen: a change of what a kernel does makes all earlier figures of that control worthless, so nothing of them is
// shared with kernels/ and no template stands over them. A new idea gets a new name.

#include <array>
#include <memory>
#include <vector>

#include "harness/result/result.h"

namespace kernelgate {

enum class ControlKernel { alu, tensor_core, dram_copy, launch };

inline constexpr std::array all_control_kernels{ControlKernel::alu, ControlKernel::tensor_core,
                                                ControlKernel::dram_copy, ControlKernel::launch};

const char* to_string(ControlKernel kernel);  // "alu", ...

/// What one launch of a control does: with its time, what the device can do.
///
/// Units  floating-point operations; bytes read and written.
struct ControlWork {
  double flop = 0, bytes = 0;
};

class Controls {
 public:
  virtual ~Controls() = default;

  virtual ControlWork work(ControlKernel kernel) const = 0;

  /// Runs it once.
  ///
  /// Units  seconds of one launch.
  /// Errors  HarnessError when the device failed.
  virtual double time(ControlKernel kernel) = 0;

  /// Runs each and looks at what it computed. Errors  HarnessError(wrong), naming the control.
  virtual void verify() = 0;
};

std::unique_ptr<Controls> cpu_controls();

/// Errors  HarnessError when the program was built without CUDA or the GPU can't be used.
std::unique_ptr<Controls> cuda_controls(int ordinal);

/// So many samples of each say what their median is to a part of their spread, in milliseconds.
inline constexpr int control_samples = 10;

/// How long they run untimed before they are timed first: processors raise their clocks when there is work.
inline constexpr double control_warm_up_s = 0.02;

/// One sample of each in turn, `samples` times, after one turn untimed: `times[kernel][sample]`, in seconds.
std::array<std::vector<double>, all_control_kernels.size()> time_controls(Controls& controls,
                                                                          int samples = control_samples);

/// The controls of one process run.
class ControlBracket {
 public:
  /// Verifies them, warms the device up, and times them for the first time.
  explicit ControlBracket(std::unique_ptr<Controls> controls);

  /// Times them for the last time.
  std::vector<ControlRun> close();

 private:
  std::unique_ptr<Controls> controls_;
  std::array<std::vector<double>, all_control_kernels.size()> first_;
};

}  // namespace kernelgate
