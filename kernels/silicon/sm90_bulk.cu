// Copies of contiguous bytes, with each cache hint, to one block and to several; and what the hints are.

#include "kernels/silicon/created_policy.h"
#include "kernels/silicon/probe.h"
#include "kernels/silicon/shared_words.h"

namespace kernelgate::sm90_bulk {
namespace {

using simt::CacheHint;

constexpr unsigned threads = 64, largest = 4096, slack = 128, mbarrier_at = largest + slack;
constexpr CacheHint hints[] = {CacheHint::evict_normal, CacheHint::evict_first, CacheHint::evict_last};

/// `bytes` in, then out again `skip` bytes further on; what is not copied stays.
SIMT_KERNEL(threads) void round_trip(const char* in, char* out, unsigned bytes, unsigned skip, CacheHint hint) {
  auto* smem = simt::dynamic_shared<char>();
  auto* came = reinterpret_cast<simt::Mbarrier*>(smem + mbarrier_at);
  silicon::fill_shared(smem, largest + slack, 0x33333333u);
  simt::fence_proxy_async();
  if (simt::thread_idx().x == 0) {
    simt::mbarrier_init(came, 1);
    simt::fence_mbarrier_init();
  }
  simt::sync_threads();
  if (simt::thread_idx().x == 0) {
    simt::mbarrier_arrive_expect_tx(came, bytes);
    simt::bulk_load(smem + 16, in, bytes, came, hint);
  }
  simt::mbarrier_wait(came, 0);
  silicon::copy_from_shared(out, smem, largest + slack);
  simt::sync_threads();
  if (simt::thread_idx().x == 0) {
    simt::bulk_store(out + largest + slack + skip, smem + 16, bytes, hint);
    simt::bulk_commit();
    simt::bulk_wait_read<0>();
    simt::bulk_wait<0>();
  }
}

/// Block `from` of the cluster loads for those of `blocks`.
SIMT_KERNEL(threads)
void to_several(const char* in, char* out, unsigned bytes, unsigned from, unsigned blocks, CacheHint hint) {
  auto* smem = simt::dynamic_shared<char>();
  auto* came = reinterpret_cast<simt::Mbarrier*>(smem + mbarrier_at);
  const unsigned rank = simt::cluster_rank();
  const bool gets = (blocks >> rank & 1) != 0;
  silicon::fill_shared(smem, largest + slack, 0x33333333u);
  simt::fence_proxy_async();
  if (simt::thread_idx().x == 0) {
    simt::mbarrier_init(came, 1);
    simt::fence_mbarrier_init();
    if (gets) simt::mbarrier_arrive_expect_tx(came, bytes);
  }
  simt::cluster_sync();
  if (rank == from && simt::thread_idx().x == 0)
    simt::bulk_load_multicast(smem + 64, in, bytes, came, static_cast<std::uint16_t>(blocks), hint);
  if (gets) simt::mbarrier_wait(came, 0);
  silicon::copy_from_shared(out + rank * (largest + slack), smem, largest + slack);
  simt::cluster_sync();
}

SIMT_KERNEL(32) void policies(std::uint64_t* out) {
  if (simt::lane_idx() != 0) return;
  simt::store_global(out, silicon::created_policy(CacheHint::evict_normal));
  simt::store_global(out + 1, silicon::created_policy(CacheHint::evict_first));
  simt::store_global(out + 2, silicon::created_policy(CacheHint::evict_last));
}

constexpr std::size_t shared_bytes = mbarrier_at + 16;

std::vector<silicon::Probe> all() {
  std::vector<silicon::Probe> made;
  for (unsigned bytes : {16u, 144u, 1024u, largest})
    for (std::size_t h = 0; h < std::size(hints); ++h) {
      if (bytes != 1024 && h != 0) continue;
      static constexpr const char* names[] = {"", "_evict_first", "_evict_last"};
      made.push_back({"bulk_copy/" + std::to_string(bytes) + "_bytes" + names[h],
                      {90},
                      silicon::Inputs::bits,
                      largest,
                      silicon::Outputs::bits,
                      2 * (largest + slack),
                      {},
                      [=](const void* in, void* out, Stream stream) {
                        simt::launch(round_trip, {{1}, {threads}, shared_bytes, "round_trip"}, stream,
                                     static_cast<const char*>(in), static_cast<char*>(out), bytes, slack / 2, hints[h]);
                      }});
    }
  for (unsigned blocks : {0x1u, 0x2u, 0x5u, 0xau, 0xfu})
    made.push_back({"bulk_copy/multicast_to_" + std::to_string(blocks),
                    {90},
                    silicon::Inputs::bits,
                    largest,
                    silicon::Outputs::bits,
                    4 * (largest + slack),
                    {},
                    [=](const void* in, void* out, Stream stream) {
                      simt::LaunchShape shape{{4}, {threads}, shared_bytes, "to_several"};
                      shape.cluster = {4};
                      simt::launch(to_several, shape, stream, static_cast<const char*>(in), static_cast<char*>(out),
                                   768u, 2u, blocks, CacheHint::evict_last);
                    }});
  made.push_back({"cache_hint/values",
                  {90},
                  silicon::Inputs::bits,
                  0,
                  silicon::Outputs::bits,
                  24,
                  {},
                  [](const void*, void* out, Stream stream) {
                    simt::launch(policies, {{1}, {32}, 0, "policies"}, stream, static_cast<std::uint64_t*>(out));
                  }});
  return made;
}

const silicon::RegisterProbes these{simt::device_kind, all()};

}  // namespace
}  // namespace kernelgate::sm90_bulk
