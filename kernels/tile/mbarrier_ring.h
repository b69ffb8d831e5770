#pragma once
// The mbarriers of a ring of stages: producers wait until a stage is empty, consumers until it is full.

#include "kernels/simt/simt.h"
#include "kernels/tile/stage_ring.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// Lies in shared memory. All of a block's producers and consumers go round with a StageRing of their own.
template <int NUM_STAGES>
struct MbarrierRing {
  simt::Mbarrier full[NUM_STAGES];
  simt::Mbarrier empty[NUM_STAGES];

  /// By one thread, which then calls fence_mbarrier_init if TMA or another block is to arrive; a barrier of the block,
  /// or of the cluster, must follow.
  ///
  /// Units   how often a stage's mbarriers are arrived at in a phase, bytes of TMA not counted.
  /// Errors  host: those of mbarrier_init.
  SIMT_DEVICE void init(unsigned producer_arrivals, unsigned consumer_arrivals,
                        simt::Where where = simt::Where::current()) {
    for (int stage = 0; stage < NUM_STAGES; ++stage) {
      simt::mbarrier_init(&full[stage], producer_arrivals, where);
      simt::mbarrier_init(&empty[stage], consumer_arrivals, where);
    }
  }

  /// Errors  host: those of mbarrier_wait.
  SIMT_DEVICE void wait_full(StageRing<NUM_STAGES> at, simt::Where where = simt::Where::current()) {
    simt::mbarrier_wait(&full[at.stage], at.phase, where);
  }
  /// In the first round all stages are empty: then it is the phase before the first that is over.
  SIMT_DEVICE void wait_empty(StageRing<NUM_STAGES> at, simt::Where where = simt::Where::current()) {
    simt::mbarrier_wait(&empty[at.stage], at.phase ^ 1, where);
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile
