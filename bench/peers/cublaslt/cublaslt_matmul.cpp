// cuBLASLt's matmul, twice: with the algorithm that it proposes, and with the fastest that it knows.

#include <cuda_runtime_api.h>

#include <algorithm>
#include <limits>

#include "bench/peers/cublaslt/cublaslt_plan.h"
#include "bench/peers/nvidia_status.h"

namespace kernelgate {
namespace {

using cublaslt::Plan;
using Problem = Matmul::Problem;

class Stopwatch {
 public:
  Stopwatch() {
    check_cuda(cudaEventCreate(&begin_), "cudaEventCreate");
    check_cuda(cudaEventCreate(&end_), "cudaEventCreate");
  }
  ~Stopwatch() {
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

  void start() { check_cuda(cudaEventRecord(begin_, nullptr), "cudaEventRecord"); }
  /// Milliseconds since `start`, on the GPU.
  float stop() {
    check_cuda(cudaEventRecord(end_, nullptr), "cudaEventRecord");
    check_cuda(cudaEventSynchronize(end_), "cudaEventSynchronize");
    float elapsed_ms = 0;
    check_cuda(cudaEventElapsedTime(&elapsed_ms, begin_, end_), "cudaEventElapsedTime");
    return elapsed_ms;
  }

 private:
  cudaEvent_t begin_ = nullptr;
  cudaEvent_t end_ = nullptr;
};

/// Milliseconds of one launch: the best of some batches of about a millisecond; infinity if it fails.
float time_algorithm(const Plan& plan, const cublasLtMatmulAlgo_t& algorithm, Stopwatch& stopwatch) {
  constexpr float failed = std::numeric_limits<float>::infinity();
  constexpr int batches = 3;
  if (plan.run(algorithm, nullptr) != CUBLAS_STATUS_SUCCESS) return failed;  // loads the kernel
  stopwatch.start();
  if (plan.run(algorithm, nullptr) != CUBLAS_STATUS_SUCCESS) return failed;
  const float first_ms = stopwatch.stop();
  const int launches = std::clamp(static_cast<int>(1.0f / std::max(first_ms, 0.001f)), 1, 50);
  float best_ms = failed;
  for (int batch = 0; batch < batches; ++batch) {
    stopwatch.start();
    for (int i = 0; i < launches; ++i)
      if (plan.run(algorithm, nullptr) != CUBLAS_STATUS_SUCCESS) return failed;
    best_ms = std::min(best_ms, stopwatch.stop() / static_cast<float>(launches));
  }
  return best_ms;
}

cublasLtMatmulAlgo_t fastest_of(const Plan& plan, const std::vector<cublasLtMatmulAlgo_t>& algorithms) {
  Stopwatch stopwatch;
  float best_ms = std::numeric_limits<float>::infinity();
  const cublasLtMatmulAlgo_t* best = nullptr;
  for (const auto& algorithm : algorithms)
    if (const float ms = time_algorithm(plan, algorithm, stopwatch); ms < best_ms) {
      best_ms = ms;
      best = &algorithm;
    }
  check_cuda(cudaDeviceSynchronize(), "cuBLASLt's algorithms");
  if (best == nullptr) throw Unsupported("none of cuBLASLt's algorithms runs this problem");
  return *best;
}

/// `candidates`: how many of the library's proposals are timed; 1 takes the first as it is.
Launch prepare(const Device& device, const Problem& problem, const Matmul::Buffers& buffers, int candidates) {
  const auto bytes = static_cast<std::size_t>(problem.batch * problem.m * problem.n) * sizeof(f16);
  if (bytes == 0) return [](Stream) {};
  if (problem.k == 0)
    return [=](Stream stream) { check_cuda(cudaMemsetAsync(buffers.c, 0, bytes, stream), "cudaMemsetAsync"); };
  const auto plan = std::make_shared<const Plan>(device, problem, buffers);
  const auto proposals = plan->algorithms(candidates);
  const auto algorithm = candidates == 1 ? proposals.front() : fastest_of(*plan, proposals);
  return [=](Stream stream) { cublaslt::check(plan->run(algorithm, stream), "cublasLtMatmul"); };
}

Support supports(const Device&, const Problem& problem) {
  if (problem.k == 0 && !problem.epilogue.plain()) return Support::no("adds up nothing, and is given no epilogue then");
  return cublaslt::available();
}

constexpr int all_proposals = 32;

const Register<Matmul> tuned{{"cublaslt", Origin::peer, DeviceKind::cuda, supports,
                              [](const Device& device, const Problem& problem, const Matmul::Buffers& buffers) {
                                return prepare(device, problem, buffers, all_proposals);
                              }}};

const Register<Matmul> proposed{{"cublaslt_heuristic", Origin::peer, DeviceKind::cuda, supports,
                                 [](const Device& device, const Problem& problem, const Matmul::Buffers& buffers) {
                                   return prepare(device, problem, buffers, 1);
                                 }}};

}  // namespace
}  // namespace kernelgate
