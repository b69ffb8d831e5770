// One box for several blocks of a cluster.

#include "kernels/silicon/box_cases.h"
#include "kernels/silicon/box_kernels.h"
#include "kernels/silicon/probe.h"

namespace kernelgate::sm90_tma_multicast {
namespace {

using silicon::BoxCase;
using silicon::BoxParams;

constexpr unsigned cluster = 4;

template <int RANK>
SIMT_DEVICE void load_for(const BoxParams& p, void* to, simt::Mbarrier* came, std::uint16_t blocks) {
  if constexpr (RANK == 1) simt::tma_load_multicast_1d(to, p.map, came, blocks, p.at[0], p.hint);
  if constexpr (RANK == 2) simt::tma_load_multicast_2d(to, p.map, came, blocks, p.at[0], p.at[1], p.hint);
  if constexpr (RANK == 3) simt::tma_load_multicast_3d(to, p.map, came, blocks, p.at[0], p.at[1], p.at[2], p.hint);
  if constexpr (RANK == 4)
    simt::tma_load_multicast_4d(to, p.map, came, blocks, p.at[0], p.at[1], p.at[2], p.at[3], p.hint);
  if constexpr (RANK == 5)
    simt::tma_load_multicast_5d(to, p.map, came, blocks, p.at[0], p.at[1], p.at[2], p.at[3], p.at[4], p.hint);
}

/// Block `from` loads for those of `blocks`.
template <int RANK>
SIMT_KERNEL(silicon::box_threads)
void show_multicast(const SIMT_GRID_CONSTANT BoxParams p, char* out, unsigned from, unsigned blocks) {
  auto* smem = simt::dynamic_shared<char>();
  simt::Mbarrier* came = silicon::begin_box(smem);
  const unsigned rank = simt::cluster_rank();
  const bool gets = (blocks >> rank & 1) != 0;
  if (simt::thread_idx().x == 0 && gets) simt::mbarrier_arrive_expect_tx(came, p.bytes);
  simt::cluster_sync();
  if (simt::thread_idx().x == 0 && rank == from)
    load_for<RANK>(p, smem + p.offset, came, static_cast<std::uint16_t>(blocks));
  if (gets) simt::mbarrier_wait(came, 0);
  silicon::copy_from_shared(out + rank * silicon::image_bytes, smem, silicon::image_bytes);
  simt::cluster_sync();
}

template <int RANK>
void show(const BoxParams& params, void* out, unsigned from, unsigned blocks, Stream stream) {
  simt::LaunchShape shape{{cluster}, {silicon::box_threads}, silicon::box_shared_bytes, "show_multicast"};
  shape.cluster = {cluster};
  simt::launch(show_multicast<RANK>, shape, stream, params, static_cast<char*>(out), from, blocks);
}

void show_rank(const BoxCase& one, const void* in, void* out, unsigned from, unsigned blocks, Stream stream) {
  static constexpr decltype(&show<1>) by_rank[] = {show<1>, show<2>, show<3>, show<4>, show<5>};
  simt::TiledTensor tiled{silicon::tensor_at(in, one.shape), {}};
  for (std::size_t i = 0; i < one.box.size(); ++i) tiled.box[i] = one.box[i];
  BoxParams params{simt::encode_tiled(tiled), {}, one.offset, silicon::box_bytes(one), simt::CacheHint::evict_last};
  for (std::size_t i = 0; i < one.box.size(); ++i) params.at[i] = one.at[1][i];
  by_rank[one.box.size() - 1](params, out, from, blocks, stream);
}

std::vector<silicon::Probe> all() {
  std::vector<silicon::Probe> made;
  unsigned from = 0;
  for (const BoxCase& one : silicon::box_cases(true))
    for (unsigned blocks : {0x1u, 0x6u, 0xau, 0xfu}) {
      const bool each_mask = one.name == "2d_swizzle_128";
      const bool each_rank = one.name.ends_with("_swizzle_64") && blocks == 0xau;
      if (!each_mask && !each_rank) continue;
      from = (from + 1) % cluster;
      made.push_back({"tma_multicast/" + one.name + "_to_" + std::to_string(blocks) + "_by_" + std::to_string(from),
                      {90},
                      silicon::Inputs::bits,
                      silicon::tensor_bytes(one.shape),
                      silicon::Outputs::bits,
                      cluster * silicon::image_bytes,
                      {},
                      [one, from, blocks](const void* in, void* out, Stream stream) {
                        show_rank(one, in, out, from, blocks, stream);
                      }});
    }
  return made;
}

const silicon::RegisterProbes these{simt::device_kind, all()};

}  // namespace
}  // namespace kernelgate::sm90_tma_multicast
