// Compiled, never run (sm75_instructions.cu): the bulk copies and tensor operations that came with sm_90.

#include "kernels/simt/simt.h"

namespace kernelgate::simt {

struct Maps {
  TensorMap map;
};

__global__ __launch_bounds__(128) void sm90_tma(const SIMT_GRID_CONSTANT Maps maps, unsigned char* global,
                                                std::uint16_t blocks) {
  auto* smem = dynamic_shared<unsigned char>();
  const TensorMap& map = maps.map;
  auto* mbarrier = reinterpret_cast<Mbarrier*>(smem + 65536);

  prefetch_tensor_map(map);
  tma_prefetch_1d(map, 0);
  tma_prefetch_2d(map, 0, 1);
  tma_prefetch_3d(map, 0, 1, 2);
  tma_prefetch_4d(map, 0, 1, 2, 3);
  tma_prefetch_5d(map, 0, 1, 2, 3, 4, CacheHint::evict_last);
  tma_load_1d(smem, map, mbarrier, 0);
  tma_load_2d(smem, map, mbarrier, 0, 1);
  tma_load_3d(smem, map, mbarrier, 0, 1, 2);
  tma_load_4d(smem, map, mbarrier, 0, 1, 2, 3);
  tma_load_5d(smem, map, mbarrier, 0, 1, 2, 3, 4, CacheHint::evict_first);
  tma_load_multicast_1d(smem, map, mbarrier, blocks, 0);
  tma_load_multicast_2d(smem, map, mbarrier, blocks, 0, 1);
  tma_load_multicast_3d(smem, map, mbarrier, blocks, 0, 1, 2);
  tma_load_multicast_4d(smem, map, mbarrier, blocks, 0, 1, 2, 3);
  tma_load_multicast_5d(smem, map, mbarrier, blocks, 0, 1, 2, 3, 4);
  tma_load_im2col_3d(smem, map, mbarrier, 0, 1, 2, {1});
  tma_load_im2col_4d(smem, map, mbarrier, 0, 1, 2, 3, {1, 2});
  tma_load_im2col_5d(smem, map, mbarrier, 0, 1, 2, 3, 4, {1, 2, 3});
  bulk_load(smem, global, 64, mbarrier);
  bulk_load_multicast(smem, global, 64, mbarrier, blocks);

  tma_store_1d(map, smem, 0);
  tma_store_2d(map, smem, 0, 1);
  tma_store_3d(map, smem, 0, 1, 2);
  tma_store_4d(map, smem, 0, 1, 2, 3);
  tma_store_5d(map, smem, 0, 1, 2, 3, 4);
  tma_reduce_add_1d(map, smem, 0);
  tma_reduce_add_2d(map, smem, 0, 1);
  tma_reduce_add_3d(map, smem, 0, 1, 2);
  tma_reduce_add_4d(map, smem, 0, 1, 2, 3);
  tma_reduce_add_5d(map, smem, 0, 1, 2, 3, 4);
  bulk_store(global, smem, 64);
  bulk_commit();
  bulk_wait_read<1>();
  bulk_wait<0>();
}

void launch_sm90_tma(const TiledTensor& tiled, const Im2colTensor& im2col, unsigned char* global, Stream stream) {
  const LaunchShape shape{{1}, {128}, 1 << 17, "sm90_tma"};
  launch(sm90_tma, shape, stream, Maps{encode_tiled(tiled)}, global, std::uint16_t{3});
  launch(sm90_tma, shape, stream, Maps{encode_im2col(im2col)}, global, std::uint16_t{3});
}

}  // namespace kernelgate::simt
