#pragma once
// What a cold start does on a GPU before its first frame. In a build without CUDA each refuses.

#include <cstddef>

#include "kernels/op/device.h"

namespace kernelgate {

/// Errors  HarnessError(refused), as all of these: what the driver said.
void load_driver();
void make_context(int ordinal);
/// The smallest of ours: with it its module, and what the runtime does at a first launch.
void launch_first_kernel(const Device& device);

/// Page-locked memory of the host.
class PinnedMemory {
 public:
  explicit PinnedMemory(std::size_t bytes);
  ~PinnedMemory();
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  void* data() const { return data_; }
  std::size_t size() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Waits until it is there.
void copy_to_gpu(void* to, const PinnedMemory& from);

}  // namespace kernelgate
