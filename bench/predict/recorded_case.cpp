#include "bench/predict/recorded_case.h"

#include "kernels/op/memory.h"

namespace kernelgate {

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
    tensors_.push_back(std::make_unique<GuardedTensor>(device, bytes));
    pointers.push_back(tensors_.back()->data());
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
