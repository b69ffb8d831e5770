#!/usr/bin/env python3
"""Takes one fence, wait, arrival or barrier out of a kernel at a time and expects its tests on the host executor to see it.

    scripts/mutate_kernels.py [FILTER]

FILTER picks mutants whose name, or file, contains it. The tree is copied to build/mutants and built there, without CUDA;
the working tree is not touched. Exit code 1 when a mutant survives, or its line is no longer there.

Two barriers are not here, because the executor can't show that they are needed: the sync_warp behind stmatrix, which there
writes for all lanes at once, and the one before a next tile's sums in sm90a_small_m, since a thread that reads sums is not
interrupted, and a whole warpgroup would have to overtake it.
"""
import sys

import mutants

COOPERATIVE = [
    ("no fence before TMA stores", "simt::fence_proxy_async();", ""),
    ("no barrier before TMA stores", "simt::fence_proxy_async(); simt::named_barrier_sync(barrier, 128);", "simt::fence_proxy_async();"),
    ("slices overwritten while TMA reads them", "if (thread == 0) simt::bulk_wait_read<C::slices - 1>();", ""),
    ("nobody told that TMA has read a slice", "simt::named_barrier_sync(barrier, 128);  // nobody", "// nobody"),
    ("the last stores not waited for", "if (thread == 0) simt::bulk_wait_read<0>();", ""),
    ("stages released while wgmma reads them", "simt::wgmma_wait<1>();", ""),
    ("the last stage of a tile never released", "simt::wgmma_wait<0>(sums); release(slot.before());", "simt::wgmma_wait<0>(sums);"),
    ("sums read while wgmma writes them", "simt::wgmma_wait<0>(sums);", ""),
    ("no wgmma_fence", "simt::wgmma_fence();", ""),
    ("wgmma not committed", "simt::wgmma_commit();", ""),
    ("stages read before they are full", "ring.wait_full(slot);", ""),
    ("stages filled before they are empty", "ring.wait_empty(slot); simt::Mbarrier* const full", "simt::Mbarrier* const full"),
    ("expects A alone", "simt::mbarrier_arrive_expect_tx(full, C::stage_bytes);", "simt::mbarrier_arrive_expect_tx(full, C::smem_a_bytes);"),
    ("adds to the tile before", "k_tile > 0 || k > 0", "true"),
    ("both halves of B the first", "k_tile * C::BLOCK_K, item, rank);", "k_tile * C::BLOCK_K, item, 0);"),
    ("the block ends while the other one arrives", "for (int i = 0; i < C::num_stages; ++i, slot.advance()) ring.wait_empty(slot);", ""),
    ("the other block's mbarriers not waited for", "simt::cluster_arrive_relaxed(); simt::cluster_wait();", "simt::sync_threads();"),
    ("mbarriers not fenced", "simt::fence_mbarrier_init();", ""),
    ("stages released in the own block alone", "simt::mbarrier_arrive_cluster_relaxed(simt::map_shared_rank(&ring.empty[stage], thread));", "simt::mbarrier_arrive(&ring.empty[stage]);"),
    ("ahead by tiles", "return p.k_tiles >= C::num_stages;", "return true;"),
    ("the same parity for each tile", "tile_parity ^= 1;", ""),
    ("the lead never said", "if (group == 0 && k_tile == C::lead - 1 && block.staggered() && thread == 0) simt::mbarrier_arrive(ahead);", ""),
]
SMALL_M = [
    ("stages released while wgmma reads them", "simt::wgmma_wait<1>();", ""),
    ("the last stage of a tile never released", "simt::wgmma_wait<0>(sums); if (thread == 0) simt::mbarrier_arrive(&ring.empty[slot.before()]);", "simt::wgmma_wait<0>(sums);"),
    ("sums read while wgmma writes them", "simt::wgmma_wait<0>(sums);", ""),
    ("no wgmma_fence", "simt::wgmma_fence();", ""),
    ("stages read before they are full", "ring.wait_full(slot);", ""),
    ("stages filled before they are empty", "block.ring().wait_empty(slot);", ""),
    ("expects B alone", "simt::mbarrier_arrive_expect_tx(full, C::stage_bytes);", "simt::mbarrier_arrive_expect_tx(full, C::smem_b_bytes);"),
    ("mbarriers not fenced", "simt::fence_mbarrier_init();", ""),
    ("adds to the tile before", "k_tile > block.first_k_tile || k > 0", "true"),
    ("the others' sums not waited for", "simt::cluster_sync(); store_part(block, rank, m, n, item);", "store_part(block, rank, m, n, item); simt::cluster_sync();"),
    ("the block ends while others read its sums", "simt::cluster_arrive_relaxed(); simt::cluster_wait();", ""),
    ("the own sums not waited for", "simt::named_barrier_sync(1, C::math_threads); store_part", "store_part"),
    ("a k-tile of each share left out", "last_k_tile = share(rank + 1);", "last_k_tile = share(rank + 1) - (p.splits > 1);"),
    ("one block's sums left out", "if (split < p.splits) { const auto part", "if (split + 1 < p.splits) { const auto part"),
]
FILES = {"sm90a_cooperative.cu": COOPERATIVE, "sm90a_small_m.cu": SMALL_M}

if __name__ == "__main__":
    table = [(name, file, good, bad) for file, lines in FILES.items() for name, good, bad in lines]
    sys.exit(mutants.main(table, "kernels", "kernels_tests", {file: f"*TmaKernel*/{file.removesuffix('.cu')}" for file in FILES}))
