// Compiled, never run (sm75_instructions.cu): the kernel of async_pipeline_test.cpp, with and without clusters.

#include "kernels/simt/async_matmul_for_test.h"

namespace kernelgate::simt {

void launch_async_matmul(const PipelineParams& params, Stream stream) {
  LaunchShape shape{{2}, {PipelineConfig::threads}, PipelineConfig::smem_bytes, "async_matmul"};
  launch(async_matmul<1>, shape, stream, params);
  shape.cluster = {2};
  launch(async_matmul<2>, shape, stream, params);
}

}  // namespace kernelgate::simt
