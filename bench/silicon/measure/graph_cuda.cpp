#include <cuda_runtime_api.h>

#include <string>
#include <vector>

#include "bench/silicon/measure/cuda_bench.h"
#include "bench/silicon/measure/slopes.h"
#include "harness/base/error.h"

namespace kernelgate::silicon {
namespace {

void expect(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();
  throw HarnessError(ExitCode::usage, std::string(call) + ": " + cudaGetErrorString(status));
}

struct Graph {
  cudaStream_t stream = nullptr;
  cudaEvent_t begin = nullptr, end = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t ready = nullptr;
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() {
    if (ready) cudaGraphExecDestroy(ready);
    if (graph) cudaGraphDestroy(graph);
    if (end) cudaEventDestroy(end);
    if (begin) cudaEventDestroy(begin);
    if (stream) cudaStreamDestroy(stream);
  }
};

}  // namespace

double graph_seconds(const TimedWork& work, int launches) {
  Graph g;
  expect(cudaStreamCreateWithFlags(&g.stream, cudaStreamNonBlocking), "cudaStreamCreate");
  expect(cudaEventCreate(&g.begin), "cudaEventCreate");
  expect(cudaEventCreate(&g.end), "cudaEventCreate");
  expect(cudaStreamBeginCapture(g.stream, cudaStreamCaptureModeRelaxed), "cudaStreamBeginCapture");
  for (int i = 0; i < launches; ++i) work(g.stream);
  expect(cudaStreamEndCapture(g.stream, &g.graph), "cudaStreamEndCapture");
  expect(cudaGraphInstantiate(&g.ready, g.graph, 0), "cudaGraphInstantiate");
  std::vector<double> all;
  for (int i = 0; i < 12; ++i) {
    // One graph in front, so that the host is ahead.
    expect(cudaGraphLaunch(g.ready, g.stream), "cudaGraphLaunch");
    expect(cudaEventRecord(g.begin, g.stream), "cudaEventRecord");
    expect(cudaGraphLaunch(g.ready, g.stream), "cudaGraphLaunch");
    expect(cudaEventRecord(g.end, g.stream), "cudaEventRecord");
    expect(cudaEventSynchronize(g.end), "the graph");
    float ms = 0;
    expect(cudaEventElapsedTime(&ms, g.begin, g.end), "cudaEventElapsedTime");
    if (i >= 3) all.push_back(ms * 1e-3);
  }
  return median(all);
}

}  // namespace kernelgate::silicon
