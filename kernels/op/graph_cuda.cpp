#include <cuda_runtime_api.h>

#include "kernels/op/expect_cuda.h"
#include "kernels/op/memory_backend.h"

namespace kernelgate::gpu_memory {
namespace {

/// Streams to capture on, and the events that fork and join them.
struct Fork {
  Fork() {
    for (cudaStream_t* stream : {&main, &side})
      expect_cuda(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    for (cudaEvent_t* event : {&forked, &joined})
      expect_cuda(cudaEventCreateWithFlags(event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  }
  ~Fork() {
    for (cudaEvent_t event : {forked, joined})
      if (event != nullptr) cudaEventDestroy(event);
    for (cudaStream_t stream : {main, side})
      if (stream != nullptr) cudaStreamDestroy(stream);
  }
  Fork(const Fork&) = delete;
  Fork& operator=(const Fork&) = delete;

  cudaStream_t main = nullptr, side = nullptr;
  cudaEvent_t forked = nullptr, joined = nullptr;
};

}  // namespace

std::shared_ptr<void> capture(const Enqueue& first, const Enqueue& beside, const Enqueue& then) {
  const Fork fork;
  cudaGraph_t graph = nullptr;
  expect_cuda(cudaStreamBeginCapture(fork.main, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  try {
    expect_cuda(cudaEventRecord(fork.forked, fork.main), "cudaEventRecord");
    expect_cuda(cudaStreamWaitEvent(fork.side, fork.forked, 0), "cudaStreamWaitEvent");
    first(fork.main);
    beside(fork.side);
    expect_cuda(cudaEventRecord(fork.joined, fork.side), "cudaEventRecord");
    expect_cuda(cudaStreamWaitEvent(fork.main, fork.joined, 0), "cudaStreamWaitEvent");
    then(fork.main);
  } catch (...) {
    cudaStreamEndCapture(fork.main, &graph);  // the stream can't be destroyed while it captures
    if (graph != nullptr) cudaGraphDestroy(graph);
    cudaGetLastError();
    throw;
  }
  expect_cuda(cudaStreamEndCapture(fork.main, &graph), "cudaStreamEndCapture");
  cudaGraphExec_t ready = nullptr;
  const cudaError_t status = cudaGraphInstantiateWithFlags(&ready, graph, 0);
  cudaGraphDestroy(graph);
  expect_cuda(status, "cudaGraphInstantiateWithFlags");
  return {ready, [](void* one) { cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(one)); }};
}

void replay(void* graph, Stream stream) {
  expect_cuda(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), stream), "cudaGraphLaunch");
}

}  // namespace kernelgate::gpu_memory
