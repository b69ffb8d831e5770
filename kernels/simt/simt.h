#pragma once
// The device vocabulary: the one header that a kernel (kernels/<op>/*.cu) includes.
//
// A kernel file is compiled twice from the same source, with no #ifdef in it: by nvcc, where each
// function here is one PTX instruction or CUDA built-in, and by the C++ compiler, where each CUDA thread
// is a fiber and the same functions check what they are asked to do (docs/simt.md). Both sides end up
// in one program, so whatever a kernel file defines belongs in an unnamed namespace, and what a header
// shared by kernels defines in `inline namespace SIMT_SIDE {}`.

#include "kernels/simt/atomic.h"
#include "kernels/simt/barrier.h"
#include "kernels/simt/bulk_copy.h"
#include "kernels/simt/bulk_group.h"
#include "kernels/simt/cache_hint.h"
#include "kernels/simt/clock.h"
#include "kernels/simt/cluster.h"
#include "kernels/simt/cluster_memory.h"
#include "kernels/simt/config.h"
#include "kernels/simt/cp_async.h"
#include "kernels/simt/fence.h"
#include "kernels/simt/grid_dependency.h"
#include "kernels/simt/index.h"
#include "kernels/simt/launch.h"
#include "kernels/simt/ldmatrix.h"
#include "kernels/simt/math.h"
#include "kernels/simt/mbarrier.h"
#include "kernels/simt/memory.h"
#include "kernels/simt/mma.h"
#include "kernels/simt/registers.h"
#include "kernels/simt/shape.h"
#include "kernels/simt/shared.h"
#include "kernels/simt/smem_descriptor.h"
#include "kernels/simt/stmatrix.h"
#include "kernels/simt/swizzle.h"
#include "kernels/simt/tensor_map.h"
#include "kernels/simt/tma_load.h"
#include "kernels/simt/tma_load_im2col.h"
#include "kernels/simt/tma_store.h"
#include "kernels/simt/warp.h"
#include "kernels/simt/wgmma.h"
