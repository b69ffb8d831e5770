#pragma once
// wgmma on the host: a step of the cluster's asynchronous engine, issued by a whole warpgroup.

#include <cstdint>

#include "kernels/simt/host/block.h"
#include "kernels/simt/wgmma_form.h"

namespace kernelgate::simt::executor {

/// What one thread gives.
struct WgmmaArguments {
  WgmmaForm form;
  int columns;             ///< n
  float* d;                ///< columns / 2
  const std::uint32_t* a;  ///< 4, or null: A is in shared memory
  SmemDescriptor a_matrix;
  SmemDescriptor b_matrix;
  bool scale_d;
};

void wgmma(const Operation& operation, WgmmaArguments mine);
void wgmma_fence(const Operation& operation);
void wgmma_commit(const Operation& operation);
void wgmma_wait(const Operation& operation, int pending);

}  // namespace kernelgate::simt::executor
