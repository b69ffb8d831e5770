#include "bench/predict/recorded_case.h"

#include <sys/mman.h>

#include <new>
#include <utility>

#include "kernels/op/memory.h"

namespace kernelgate {

UntouchedMemory::UntouchedMemory(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  void* at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  data_ = at;
}

UntouchedMemory::~UntouchedMemory() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

UntouchedMemory::UntouchedMemory(UntouchedMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}

Device device_like(const predict::Gpu& gpu) {
  Device device;
  device.kind = DeviceKind::simt;
  device.compute_capability = gpu.compute_capability;
  device.multiprocessors = gpu.multiprocessors;
  device.shared_bytes_per_block = static_cast<std::size_t>(gpu.shared_bytes_block);
  device.l2_bytes = static_cast<std::size_t>(gpu.l2_bytes);
  device.name = gpu.title;
  return device;
}

RecordedCase::RecordedCase(const AnyProblem& problem, const AnyProblem::Candidate& candidate, const Device& device) {
  std::vector<void*> pointers;
  auto specs = problem.inputs();
  specs.push_back(problem.output());
  for (const TensorSpec& spec : specs) {
    const auto bytes = static_cast<std::size_t>(spec.count) * size_of(spec.type);
    tensors_.emplace_back(bytes);
    pointers.push_back(tensors_.back().data());
  }
  const UploadLog log;
  launch_ = problem.prepare(candidate, device, pointers);
  tables_ = log.uploads();
  simt::LaunchRecorder recorder({});
  launch_(nullptr);
  launches_ = recorder.launches();
}

simt::Counters RecordedCase::count(const std::vector<std::size_t>& blocks) const {
  simt::CountersScope scope;
  simt::LaunchRecorder recorder(blocks);
  launch_(nullptr);
  return scope.counters();
}

}  // namespace kernelgate
