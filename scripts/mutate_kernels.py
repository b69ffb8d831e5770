#!/usr/bin/env python3
"""Takes one fence, wait, arrival or barrier out of a kernel at a time and expects its tests on the host executor to see it.

    scripts/mutate_kernels.py [FILTER]

FILTER picks mutants whose name, or file, contains it. The tree is copied to build/mutants and built there, without CUDA;
the working tree is not touched. Exit code 1 when a mutant survives, or its line is no longer there.

Some are not here, because the executor can't show that they are needed: the sync_warp beside ldmatrix and stmatrix, which
there read and write for all lanes at once; the barrier before a next tile's sums in sm90a_small_m, since a thread that reads
sums is not interrupted, and a whole warpgroup would have to overtake it; and thread_fence and the barrier before a block that
divides K counts itself, since the host's memory has one order, and another block rarely runs just then.
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
    ("both halves of B the first", "k_tile * C::BLOCK_K, item, part_b);", "k_tile * C::BLOCK_K, item, 0);"),
    ("all quarters of A the first", "k_tile * C::BLOCK_K, item, part_a);", "k_tile * C::BLOCK_K, item, 0);"),
    ("tiles side by side all the first", "column = C::cluster_n > 1 ? rank * C::BLOCK_N : 0;", "column = 0;"),
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
    ("the flag read before it is written", "? 1u : 0u); simt::sync_threads();", "? 1u : 0u);"),
    ("C staged over the flag", "== 1; simt::sync_threads();", "== 1;"),
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
    ("the flag read before it is written", "simt::atomic_inc(arrived, parts - 1)); simt::sync_threads();", "simt::atomic_inc(arrived, parts - 1));"),
    ("its own sum added twice", "simt::thread_fence(); sum = 0;", "simt::thread_fence();"),
    ("one part left out", "for (unsigned of = 0; of < parts; ++of)", "for (unsigned of = 1; of < parts; ++of)"),
]
DIRECT = [
    ("sums read before all warps have left them", "simt::sync_threads(); add_up_and_store", "add_up_and_store"),
    ("one warp's sums left out", "if (warp >= warps) continue;", "if (warp + 1 >= warps) continue;"),
    ("k behind the end counts", "k < k_end ? simt::load_global(matrix_ + at).bits : std::uint16_t{0}", "simt::load_global(matrix_ + at).bits"),
    ("the second 32 of K left out", "if (second) multiply<TYPE>(sums, second_a, second_b);", ""),
    ("rows behind the last read", "std::min(first_row + r, rows - 1)", "first_row + r"),
    ("rows in another order than C's", "d[r / 2][j][r % 2 * 2 + side]", "d[r % 2][j][r / 2 * 2 + side]"),
    ("16 bytes behind the end of K count", "k < k_end ? simt::load_global_16(matrix_ + rows_[r] * ld_ + k) : simt::Vec4{}", "simt::load_global_16(matrix_ + rows_[r] * ld_ + k)"),
    ("8 bytes across behind the end of K count", "k + e < k_end ?", "true ?"),
    ("across, the last four rows read past the end", "std::min(first_row, rows - LANE_ROWS)", "first_row"),
    ("all warps leave their sums in one place", "leave_sums(smem + warp * warp_sums_bytes, sums, g, t);", "leave_sums(smem, sums, g, t);"),
    ("a round of eight warps left out", "k += at_once * step)", "k += 2 * at_once * step)"),
    ("the second 32 of K at the first one's place", "second_a = a.load(k + step + own, p.k)", "second_a = a.load(k + own, p.k)"),
    ("a second 32 of K behind the end", "at_once == 2 && k + step < p.k", "at_once == 2"),
    ("every item of the batch the first", "p.b + item * p.item_b", "p.b"),
    ("C of the first item for all", "item * p.m + m_begin + row;", "std::min<std::int64_t>(item, 0) + m_begin + row;"),
    ("rows behind C's last stored", "if (m_begin + row >= p.m || column >= p.n) continue;", "if (column >= p.n) continue;"),
    ("columns behind C's last stored", "if (column + e < p.n) finish_neighbours", "finish_neighbours"),
    ("fours behind C's last stored", "|| column >= p.n) continue;", ") continue;"),
    ("fours where C has none", "if (p.epilogue.fours) {", "if (p.n % 4 == 0) {"),
    ("8 bytes from where they don't begin", ">= (along_k ? 16u : 8u)", ">= (along_k ? 16u : 4u)"),
    ("lanes that store at once have the same banks", "(four ^ (row / 4 % 2))", "four"),
    ("beta is 1", ".epilogue = epilogue_params(problem, buffers)};", ".epilogue = [&] { EpilogueParams all = epilogue_params(problem, buffers); all.beta = 1; return all; }()};"),
    ("half of a step of K left out", "step < CHUNK_K / 16; ++step", "step < CHUNK_K / 32; ++step"),
]
IM2COL = [
    ("stages released while wgmma reads them", "simt::wgmma_wait<1>();", ""),
    ("the last stage of a tile never released", "simt::wgmma_wait<0>(sums); if (thread == 0) simt::mbarrier_arrive(&ring.empty[slot.before()]);", "simt::wgmma_wait<0>(sums);"),
    ("no wgmma_fence", "simt::wgmma_fence();", ""),
    ("stages read before they are full", "ring.wait_full(slot);", ""),
    ("mbarriers not fenced", "simt::fence_mbarrier_init();", ""),
    ("adds to the tile before", "k_tile > tile.first_k_tile || k > 0", "true"),
    ("the others' sums not waited for", "simt::cluster_sync(); store_part(ending);", "simt::cluster_arrive(); store_part(ending);"),
    ("the block ends while others read its sums", "if (p.splits > 1) simt::cluster_wait();", ""),
    ("the own sums not waited for", "simt::named_barrier_sync(1, C::math_threads); store_alone", "store_alone"),
    ("places read before they are there", "simt::named_barrier_sync(1, C::math_threads);  // all places", "// all places"),
    ("rows and columns of the output changed", "(at.n * p.conv.p + out_p) * p.conv.q + out_q", "(at.n * p.conv.p + out_q) * p.conv.q + out_p"),
]
IM2COL_LOADERS = [
    ("stages filled before they are empty", "else block.ring().wait_empty(slot);", ""),
    ("a stage too many thought empty", "int unused = C::num_stages;", "int unused = C::num_stages + 1;"),
    ("expects the filter alone", "simt::mbarrier_arrive_expect_tx(full, C::smem_x_bytes);", "simt::mbarrier_arrive(full);"),
    ("taps of one row alone", "j_w = 0; ++j_h; }", "j_w = 0; }"),
    ("the second input never read", "const bool second = at.channel_tile >= x_k_tiles;", "const bool second = false;"),
    ("the second input from the first one's channel on", "(second ? at.channel_tile - x_k_tiles : at.channel_tile) * C::BLOCK_K", "at.channel_tile * C::BLOCK_K"),
]
IM2COL_ENDING = [
    ("one block's sums left out", "for (unsigned split = 0; split < SPLITS; ++split) add(sums", "for (unsigned split = 1; split < SPLITS; ++split) add(sums"),
    ("half of what four blocks divide", "if (ending.block.p.splits == 2)", "if (ending.block.p.splits <= 4)"),
    ("the first pixels of a share alone", "round < pixels / at_once", "round < 1"),
    ("pixels behind the last stored", "if (!ending.has(row)) continue; float sums[4] = {}; SIMT_UNROLL", "float sums[4] = {}; SIMT_UNROLL"),
    ("residuals of the first pixels for all", "for (int i = 0; i < E::at_once; ++i) ending.residual[i] = next[i];", ";"),
    ("residuals of a share's first pixels for all", "for (int i = 0; i < at_once; ++i) ending.residual[i] = next[i];", ";"),
    ("nobody told that others' sums are read", "simt::cluster_arrive_relaxed();", ""),
]
IM2COL_BLOCK = [
    ("a k-tile of each share left out", "share(rank + 1)}", "share(rank + 1) - (p.splits > 1)}"),
]
GEMM = [
    ("stages read before they have landed", "simt::cp_async_wait<ahead - 1>();", ""),
    ("stages overwritten while others read them", "simt::sync_threads();  // this tile has landed", "// this tile has landed"),
    ("the residual not waited for", "simt::cp_async_wait<0>(); simt::sync_threads();  // all are done", "simt::sync_threads();  // all are done"),
    ("pixels read before they are there", "simt::sync_threads();  // the pixels are there", "// the pixels are there"),
    ("slices added before they are there", "simt::sync_threads(); for_each_fragment<C>([&](int i, int j, int f) { if (!owns(f)) return; float", "for_each_fragment<C>([&](int i, int j, int f) { if (!owns(f)) return; float"),
    ("the tile stored before it is whole", "simt::sync_threads(); output.store();", "output.store();"),
    ("bias in every split", "params.bias != nullptr && first_split && slice == 0", "params.bias != nullptr && slice == 0"),
    ("bias in every slice", "params.bias != nullptr && first_split && slice == 0", "params.bias != nullptr && first_split"),
    ("a split left out", "for (int from = 0; from < p.splits; ++from)", "for (int from = 1; from < p.splits; ++from)"),
    ("every block ends the tile", "return false;", "return true;"),
    ("a k-tile counted twice", "(split + 1) / p.splits) - first_k_tile;", "(split + 1) / p.splits) - first_k_tile + (split > 0);"),
]
GEMM_LOADERS = [
    ("the second input never read", "return params_.skip_c > 0 && first_channel_", "return false && first_channel_"),
    ("chunks stay with the first tap's input", "if (const bool second = is_second(tap_); second != second_) turn_to(second);", ";"),
    ("chunks never turn back", "second != second_) turn_to(second);", "second && !second_) turn_to(second);"),
    ("chunks of the second input read from the first", "second_ ? params_.skip : params_.x;", "params_.x;"),
    ("elements stay with the first tap's input", "if (of_second(tap) != second) turn(second = !second);", ""),
    ("the second input as wide as the first", "second ? params_.skip_c : params_.x_c", "params_.x_c"),
    ("the second input from the first one's channel on", "second ? first_channel_ - params_.x_c : first_channel_", "first_channel_"),
    ("every group the first", "first_channel_(group * params.c_per_group)", "first_channel_(0)"),
]
OUTPUT = [
    ("rows behind the last pixel stored", "pixel >= 0 && column < channels", "column < channels"),
    ("channels behind the last stored", "pixel >= 0 && column < channels", "pixel >= 0"),
    ("no residual", "low += simt::low_half(residual);", ""),
]
STORE_FOUR = [
    ("no residual", "sums[i] += bias[i] + simt::to_float(f16{static_cast<std::uint16_t>(residual >> 16 * i)});", "sums[i] += bias[i];"),
    ("bias of the first channel for all", "simt::load_global(conv.bias + channel + i)", "simt::load_global(conv.bias + channel)"),
]
FEW_CHANNELS = [
    ("images read before they are there", "simt::cp_async_wait<1>();", ""),
    ("images overwritten while others read them", "simt::sync_threads();  // before the next tile's pixels", "// before the next tile's pixels"),
    ("filled-up pairs count", "j + 1 < row ? 0xffffffffu : 0xffffu", "0xffffffffu"),
    ("what is behind the filter counts", "mask = !any ? 0 : j + 1", "mask = j + 1"),
    ("odd pixels read from the first copy", "if (p.halo.twice && at % 2 != 0)", "if (false)"),
    ("the filter's tail not cleared", "simt::store_shared(to + k, f16{});", ""),
]
FEW_OUTPUTS = [
    ("channels read before they are there", "simt::cp_async_wait<num_stages - 2>();", ""),
    ("stages overwritten while others read them", "simt::sync_threads();  // these channels", "// these channels"),
    ("channels behind the last count", "&& channel < p.conv.c;", ";"),
    ("filter columns not dilated", "s * p.conv.dilation_w;", "s;"),
    ("the tile stored before it is whole", "simt::sync_threads(); output.store();", "output.store();"),
]
TILES = [
    ("pixels outside the image stored", "return p < conv.p && q < conv.q ?", "return p < conv.p ?"),
]
HALO = [
    ("reads outside the image's columns", "line_inside && static_cast<unsigned>(first + e) < static_cast<unsigned>(image_elements); simt::cp_async", "line_inside; simt::cp_async"),
    ("no second copy", "if (halo.twice && e > 0)", "if (false)"),
]
DEPTHWISE = [
    ("the filter read before it is there", "simt::sync_threads(); if (channel", "if (channel"),
    ("outputs behind the last column stored", "if (q + output >= conv.q) continue;", ""),
    ("columns outside the image read", "line_inside && static_cast<unsigned>(w + i) < static_cast<unsigned>(conv.w_in);", "line_inside;"),
    ("a tap too many", "s < 0 || s >= C::taps", "s < 0 || s > C::taps - 2"),
]
FILES = {"sm90a_cooperative.cu": COOPERATIVE, "sm90a_small_m.cu": SMALL_M, "multistage_loop.h": MULTISTAGE_LOOP,
         "split_k.h": SPLIT_K, "sm90_tma_mma.cu": TMA_MMA, "sm75_gemv.cu": GEMV, "sm80_direct.cu": DIRECT,
         "sm90a_im2col.cu": IM2COL, "im2col_loaders.h": IM2COL_LOADERS,
         "im2col_ending.h": IM2COL_ENDING, "im2col_block.h": IM2COL_BLOCK,
         "implicit_gemm.h": GEMM, "implicit_gemm_loaders.h": GEMM_LOADERS, "output_tile.h": OUTPUT, "store_four.h": STORE_FOUR,
         "sm75_few_channels.cu": FEW_CHANNELS, "sm75_few_outputs.cu": FEW_OUTPUTS, "pixel_tiles.h": TILES,
         "halo_tile.h": HALO, "sm75_depthwise.cu": DEPTHWISE}
TESTS = {"multistage_loop.h": "Sm80Multistage.*", "split_k.h": "Sm80Multistage.*", "sm75_gemv.cu": "Sm75Gemv.*",
         "sm80_direct.cu": "Sm80Direct.*"}
CONVOLUTIONS = {"sm90a_im2col.cu": "sm90a_im2col", "im2col_loaders.h": "sm90a_im2col", "im2col_ending.h": "sm90a_im2col", "im2col_block.h": "sm90a_im2col", "implicit_gemm.h": "sm80_implicit_gemm", "implicit_gemm_loaders.h": "sm80_implicit_gemm", "output_tile.h": "sm80_implicit_gemm", "store_four.h": "sm90a_im2col", "sm75_few_channels.cu": "sm75_few_channels", "sm75_few_outputs.cu": "sm75_few_outputs", "pixel_tiles.h": "sm75_few_outputs", "halo_tile.h": "sm75_few_channels", "sm75_depthwise.cu": "sm75_depthwise"}


def tests(file):
    if file in CONVOLUTIONS:
        return f"*Conv2dKernel*/{CONVOLUTIONS[file]}"
    return TESTS.get(file, f"*TmaKernel*/{file.removesuffix('.cu')}")


if __name__ == "__main__":
    table = [(name, file, good, bad) for file, lines in FILES.items() for name, good, bad in lines]
    sys.exit(mutants.main(table, "kernels", "kernels_tests", {file: tests(file) for file in FILES}))
