#pragma once
// What an implementation launches for a problem, and what some of its blocks do on the host executor.

#include <cstddef>
#include <span>
#include <vector>

#include "harness/predict/model/gpu.h"
#include "kernels/op/any_op.h"
#include "kernels/simt/host/counters.h"
#include "kernels/simt/host/launch_recorder.h"

namespace kernelgate {

/// The device that kernels are told they run on: the host executor, with the GPU's size.
Device device_like(const predict::Gpu&);

/// Zeros that take no memory until they are written or read: a launch of which a few blocks run touches little of its
/// tensors, which may be gigabytes.
class UntouchedMemory {
 public:
  explicit UntouchedMemory(std::size_t bytes);
  ~UntouchedMemory();
  UntouchedMemory(UntouchedMemory&&) noexcept;
  UntouchedMemory& operator=(UntouchedMemory&&) = delete;
  /// Null for an empty tensor: to a kernel it is not there.
  void* data() const { return data_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Holds the problem's memory, which nobody fills: what a kernel does does not depend on it.
class RecordedCase {
 public:
  /// Errors  Unsupported, or what `prepare` throws.
  RecordedCase(const AnyProblem&, const AnyProblem::Candidate&, const Device&);

  const std::vector<simt::RecordedLaunch>& launches() const { return launches_; }
  /// What `prepare` has put into memory: it is there, and holds that, as long as this lives.
  const std::vector<std::span<const std::byte>>& tables() const { return tables_; }

  /// What these blocks of every launch do, by their number, x fastest; a launch that has fewer runs those it has.
  simt::Counters count(const std::vector<std::size_t>& blocks) const;

 private:
  std::vector<UntouchedMemory> tensors_;
  Launch launch_;
  std::vector<simt::RecordedLaunch> launches_;
  std::vector<std::span<const std::byte>> tables_;
};

}  // namespace kernelgate
