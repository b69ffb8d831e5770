// Clusters: who a block is, the shared memory of the others, and arrivals at their mbarriers.

#include "kernels/silicon/probe.h"
#include "kernels/simt/simt.h"

namespace kernelgate::sm90_cluster {
namespace {

using Word = std::uint32_t;

constexpr unsigned threads = 64, id_words = 8, id_blocks = 4 * 4 * 2;

simt::LaunchShape clustered(unsigned blocks, unsigned cluster, std::size_t shared, const char* name) {
  simt::LaunchShape shape{{blocks}, {threads}, shared, name};
  shape.cluster = {cluster};
  return shape;
}

SIMT_KERNEL(threads) void places(Word* out) {
  const simt::Dim3 block = simt::block_idx(), grid = simt::grid_dim(), dim = simt::cluster_dim(),
                   idx = simt::cluster_idx();
  const Word words[id_words] = {simt::cluster_rank(), dim.x, dim.y, dim.z, idx.x, idx.y, idx.z, 0};
  if (simt::linear_thread_idx() != 0) return;
  const unsigned number = block.x + grid.x * (block.y + grid.y * block.z);
  for (unsigned i = 0; i < id_words; ++i) simt::store_global(out + number * id_words + i, words[i]);
}

/// Each thread reads the next block's value, and writes the sum with its own to the block before.
template <class T>
SIMT_KERNEL(threads)
void exchange(const T* in, T* out) {
  auto* shared = simt::dynamic_shared<T>();
  const unsigned t = simt::thread_idx().x, blocks = simt::cluster_dim().x, rank = simt::cluster_rank();
  const unsigned at = simt::block_idx().x * threads + t;
  simt::store_shared(shared + t, simt::load_global(in + at));
  simt::store_shared(shared + threads + t, T{});
  simt::cluster_sync();
  const T next = simt::load_cluster(simt::map_shared_rank(shared + (t + 9) % threads, (rank + 1) % blocks));
  simt::store_cluster(simt::map_shared_rank(shared + threads + (t + 3) % threads, (rank + blocks - 1) % blocks), next);
  simt::cluster_arrive();
  simt::cluster_wait();
  simt::store_global(out + at, simt::load_shared(shared + threads + t));
}

/// The same by st_async, whose bytes an mbarrier of the block that gets them counts.
template <class T>
SIMT_KERNEL(threads)
void send(const T* in, T* out) {
  auto* smem = simt::dynamic_shared<char>();
  auto* came = reinterpret_cast<simt::Mbarrier*>(smem);
  auto* shared = reinterpret_cast<T*>(smem + 128);
  const unsigned t = simt::thread_idx().x, blocks = simt::cluster_dim().x, rank = simt::cluster_rank();
  const unsigned at = simt::block_idx().x * threads + t, to = (rank + 1) % blocks;
  if (t == 0) {
    simt::mbarrier_init(came, 1);
    simt::fence_mbarrier_init();
    simt::mbarrier_arrive_expect_tx(came, threads * sizeof(T));
  }
  simt::cluster_sync();
  simt::st_async(simt::map_shared_rank(shared + (t + 5) % threads, to), simt::load_global(in + at),
                 simt::map_shared_rank(came, to));
  simt::mbarrier_wait(came, 0);
  simt::store_global(out + at, simt::load_shared(shared + t));
  simt::cluster_sync();
}

/// Rounds in which each block waits for an arrival of every thread of every other.
template <bool RELAXED>
SIMT_KERNEL(threads)
void arrive(const Word* in, Word* out) {
  auto* smem = simt::dynamic_shared<char>();
  auto* all = reinterpret_cast<simt::Mbarrier*>(smem);
  auto* words = reinterpret_cast<Word*>(smem + 128);
  const unsigned t = simt::thread_idx().x, blocks = simt::cluster_dim().x, rank = simt::cluster_rank();
  const unsigned at = simt::block_idx().x * threads + t;
  if (t == 0) {
    simt::mbarrier_init(all, threads * blocks);
    simt::fence_mbarrier_init();
  }
  simt::cluster_arrive_relaxed();
  simt::cluster_wait();
  Word value = simt::load_global(in + at);
  for (unsigned round = 0; round < 4; ++round) {
    // Two halves by turns: who reads the one of this round has arrived before anybody writes it again.
    Word* half = words + round % 2 * threads;
    simt::store_cluster(simt::map_shared_rank(half + t, (rank + 1) % blocks), value);
    if constexpr (RELAXED) simt::cluster_sync();  // a relaxed arrival says nothing of memory
    for (unsigned other = 0; other < blocks; ++other) {
      simt::Mbarrier* theirs = simt::map_shared_rank(all, other);
      if constexpr (RELAXED)
        simt::mbarrier_arrive_cluster_relaxed(theirs);
      else
        simt::mbarrier_arrive_cluster(theirs);
    }
    simt::mbarrier_wait(all, round % 2);
    simt::fence_acq_rel_cluster();
    value = value * 3 + simt::load_shared(half + (t + 11) % threads);
  }
  simt::cluster_sync();
  simt::store_global(out + at, value);
}

template <class T, class Kernel>
silicon::Probe of_cluster(const char* name, Kernel kernel, unsigned cluster) {
  const unsigned blocks = 2 * cluster;
  return {name,
          {90},
          silicon::Inputs::bits,
          blocks * threads * sizeof(T),
          silicon::Outputs::bits,
          blocks * threads * sizeof(T),
          {},
          [=](const void* in, void* out, Stream stream) {
            simt::launch(kernel, clustered(blocks, cluster, 128 + 2 * threads * sizeof(T), name), stream,
                         static_cast<const T*>(in), static_cast<T*>(out));
          }};
}

silicon::Probe placed(const char* name, simt::Dim3 cluster) {
  return {name,
          {90},
          silicon::Inputs::bits,
          0,
          silicon::Outputs::bits,
          id_blocks * id_words * 4,
          {},
          [=](const void*, void* out, Stream stream) {
            simt::LaunchShape shape{{4, 4, 2}, {threads}, 0, "places"};
            shape.cluster = cluster;
            simt::launch(places, shape, stream, static_cast<Word*>(out));
          }};
}

const silicon::RegisterProbes these{
    simt::device_kind,
    {placed("cluster/places_2x2x1", {2, 2, 1}), placed("cluster/places_1x4x2", {1, 4, 2}),
     of_cluster<Word>("cluster/exchange_4_bytes", exchange<Word>, 2),
     of_cluster<std::uint64_t>("cluster/exchange_8_bytes", exchange<std::uint64_t>, 4),
     of_cluster<simt::Vec4>("cluster/exchange_16_bytes", exchange<simt::Vec4>, 8),
     of_cluster<Word>("cluster/st_async_4_bytes", send<Word>, 4),
     of_cluster<std::uint64_t>("cluster/st_async_8_bytes", send<std::uint64_t>, 2),
     of_cluster<simt::Vec4>("cluster/st_async_16_bytes", send<simt::Vec4>, 4),
     of_cluster<Word>("cluster/mbarrier_arrive", arrive<false>, 4),
     of_cluster<Word>("cluster/mbarrier_arrive_relaxed", arrive<true>, 4)}};

}  // namespace
}  // namespace kernelgate::sm90_cluster
