#!/usr/bin/env python3
"""Takes one fence, wait, arrival or barrier out of a kernel at a time and expects its tests on the host executor to see it.

    scripts/mutate_kernels.py [FILTER]

FILTER picks mutants whose name, or file, contains it. The tree is copied to build/mutants and built there, without CUDA;
the working tree is not touched. Exit code 1 when a mutant survives, or its line is no longer there.

Some are not here, because the executor can't show that they are needed: the sync_warp beside ldmatrix and stmatrix, which
there read and write for all lanes at once; the barrier before a next tile's sums in sm90a_small_m, since a thread that reads
sums is not interrupted, and a whole warpgroup would have to overtake it; and thread_fence between blocks that divide K, since
the host's memory has one order.
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
    ("the others' sums not waited for", "simt::cluster_sync(); store_part<TYPE>(block, rank, m, n, item);", "store_part<TYPE>(block, rank, m, n, item); simt::cluster_sync();"),
    ("the block ends while others read its sums", "simt::cluster_arrive_relaxed(); simt::cluster_wait();", ""),
    ("the own sums not waited for", "simt::named_barrier_sync(1, C::math_threads); store_part", "store_part"),
    ("a k-tile of each share left out", "last_k_tile = share(rank + 1);", "last_k_tile = share(rank + 1) - (p.splits > 1);"),
    ("one block's sums left out", "if (split < p.splits) { const auto part", "if (split + 1 < p.splits) { const auto part"),
]
MULTISTAGE_LOOP = [
    ("the first stage read before it has landed", "simt::cp_async_wait<C::num_stages - 2>(); simt::sync_threads(); if (num_k_tiles > 0)", "simt::sync_threads(); if (num_k_tiles > 0)"),
    ("the first stage read before all threads' copies have landed", "simt::cp_async_wait<C::num_stages - 2>(); simt::sync_threads(); if (num_k_tiles > 0)", "simt::cp_async_wait<C::num_stages - 2>(); if (num_k_tiles > 0)"),
    ("stages read before they have landed", "simt::cp_async_wait<C::num_stages - 2>(); simt::sync_threads(); fragments.template multiply", "simt::sync_threads(); fragments.template multiply"),
    ("stages read and filled without a barrier", "simt::cp_async_wait<C::num_stages - 2>(); simt::sync_threads(); fragments.template multiply", "simt::cp_async_wait<C::num_stages - 2>(); fragments.template multiply"),
    ("a wait for too few groups", "simt::cp_async_wait<C::num_stages - 2>(); simt::sync_threads(); fragments.template multiply", "simt::cp_async_wait<C::num_stages - 1>(); simt::sync_threads(); fragments.template multiply"),
    ("no group where nothing is started", "simt::cp_async_commit(); } if (step + 1 < k_steps)", "if (more_to_start) simt::cp_async_commit(); } if (step + 1 < k_steps)"),
    ("the stage that is read filled", "free_stage = stage;", "free_stage = ring.stage;"),
    ("held elements never stored", "loader_b.finish(smem_b(free_stage));", ""),
]
SPLIT_K = [
    ("a block counted before all its sums are there", "simt::sync_threads(); auto* const last", "auto* const last"),
    ("the flag read before it is written", "? 1u : 0u); simt::sync_threads();", "? 1u : 0u);"),
    ("C staged over the flag", "!= 0; simt::sync_threads();", "!= 0;"),
    ("its own sums added twice", "sums.clear(); for (unsigned of", "for (unsigned of"),
    ("the last but one adds up", "atomic_inc(split.arrivals + tile, split.splits - 1) == split.splits - 1", "atomic_inc(split.arrivals + tile, split.splits - 1) == split.splits - 2"),
    ("arrivals never 0 again", "simt::atomic_inc(split.arrivals + tile, split.splits - 1)", "simt::atomic_add(split.arrivals + tile, 1)"),
    ("one part left out", "for (unsigned of = 0; of < split.splits; ++of)", "for (unsigned of = 1; of < split.splits; ++of)"),
]
TMA_MMA = [
    ("stages read before they are full", "block.ring().wait_full(slot);", ""),
    ("stages filled before they are empty", "block.ring().wait_empty(slot);", ""),
    ("stages never released", "if (lane == 0) simt::mbarrier_arrive(&block.ring().empty[slot.stage]);", ""),
    ("stages released before the last step is read", "if (step + 1 == k_steps) {", "if (step + 2 == k_steps) {"),
    ("expects A alone", "simt::mbarrier_arrive_expect_tx(full, C::stage_bytes);", "simt::mbarrier_arrive_expect_tx(full, C::smem_a_bytes);"),
    ("mbarriers not fenced", "simt::fence_mbarrier_init();", ""),
    ("mbarriers used before they are there", "simt::sync_threads(); if (warp == C::math_warps)", "if (warp == C::math_warps)"),
    ("sums of the tile before kept", "tile::Accumulators<C> sums; sums.clear(); for (int k_tile", "static thread_local tile::Accumulators<C> sums; for (int k_tile"),
]
GEMV = [
    ("sums read before all warps have written them", "simt::sync_threads(); // Thread i has output", "// Thread i has output"),
    ("a block counted before all its sums are there", "simt::sync_threads(); auto* const last", "auto* const last"),
    ("the flag read before it is written", "simt::atomic_inc(arrived, parts - 1)); simt::sync_threads();", "simt::atomic_inc(arrived, parts - 1));"),
    ("its own sum added twice", "simt::thread_fence(); sum = 0;", "simt::thread_fence();"),
    ("one part left out", "for (unsigned of = 0; of < parts; ++of)", "for (unsigned of = 1; of < parts; ++of)"),
]
FILES = {"sm90a_cooperative.cu": COOPERATIVE, "sm90a_small_m.cu": SMALL_M, "multistage_loop.h": MULTISTAGE_LOOP, "split_k.h": SPLIT_K,
         "sm90_tma_mma.cu": TMA_MMA, "sm75_gemv.cu": GEMV}
TESTS = {"multistage_loop.h": "Sm80Multistage.*", "split_k.h": "Sm80Multistage.*", "sm75_gemv.cu": "Sm75Gemv.*"}


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [(name, file, good, bad) for file, table in FILES.items() for name, good, bad in table if wanted in name or wanted in file]
    filters = {file: TESTS.get(file, f"*TmaKernel*/{file.removesuffix('.cu')}") for file in FILES}
    alive = mutants.survivors(chosen, "kernels", "kernels_tests", filters)
    for name in alive:
        print("SURVIVED " + name)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
