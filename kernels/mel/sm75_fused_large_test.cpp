// sm75_fused with an H100's shared memory, on the host executor: tiles as large as they get, and many to a block. In a
// batch it reads each sample and writes each feature about once, and its gaps and strides keep shared memory nearly
// free of bank conflicts.

#include <gtest/gtest.h>

#include "bench/run/devices.h"
#include "kernels/mel/mel_for_test.h"
#include "kernels/op/verify.h"
#include "kernels/simt/host/counters.h"

namespace kernelgate {
namespace {

simt::Counters prove_large(const Mel::Problem& problem, std::size_t misalign_elements = 0,
                           std::string* conflicts = nullptr) {
  SCOPED_TRACE(Mel::problem_name(problem));
  Device device = simt_device();
  device.multiprocessors = 2;
  device.shared_bytes_per_block = 227 * 1024;
  Proof proof(std::make_shared<TypedProblem<Mel>>(Workload<Mel>{problem, "", {}}), device,
              {.seed = 1, .misalign_elements = misalign_elements, .flop_budget = 1e8});
  const Launch launch = proof.prepare({"sm75_fused", Origin::ours, DeviceKind::simt});
  const simt::CountersScope scope;
  const Verification found = proof.verify(launch);
  EXPECT_TRUE(found.right) << found.describe();
  if (conflicts)
    for (const auto& [call, count] : scope.calls())
      if (count.conflicts > 0)
        *conflicts += std::string(call.file) + ":" + std::to_string(call.line) + ": " +
                      std::to_string(count.conflicts) + " of " + std::to_string(count.wavefronts) + "\n";
  return scope.counters();
}

/// Enough frames for the largest tiles.
Mel::Problem large_batch(const MelPreset& preset) { return synthetic(preset.name, std::int64_t{210} * preset.hop, 4); }

TEST(MelFusedLarge, BankConflictsAreRare) {
  for (const MelPreset& preset : mel_presets()) {
    std::string conflicts;
    const simt::Counters got = prove_large(large_batch(preset), 0, &conflicts);
    EXPECT_GT(got.shared_wavefronts, 0u);
    EXPECT_LE(static_cast<double>(got.bank_conflicts()), 0.05 * static_cast<double>(got.shared_wavefronts))
        << preset.name << '\n'
        << conflicts;
  }
}

// Tables are read once a block, and what neighbouring tiles share once. Where a clip's largest feature counts, pauses
// written before it was known are read again and raised. Not nemo80's: all its features are read again.
TEST(MelFusedLarge, ABatchMovesLittleMoreThanItsSamplesAndFeatures) {
  for (const MelPreset& preset : mel_presets()) {
    if (preset.per_feature) continue;
    const std::int64_t clips = preset.dynamic_range != 0 ? 2 : 4, frames = preset.dynamic_range != 0 ? 1920 : 480;
    const Mel::Problem problem = synthetic(preset.name, frames * preset.hop, clips);
    const simt::Counters got = prove_large(problem);
    const double bytes = static_cast<double>(got.global_read_bytes + got.global_written_bytes);
    // Of 1.25: each warp asks for the largest feature so far, once a tile.
    const double most = preset.dynamic_range != 0 ? 1.25 : 1.1;
    EXPECT_LE(bytes, most * Mel::work(problem).bytes) << preset.name << ": " << bytes / Mel::work(problem).bytes;
  }
}

TEST(MelFusedLarge, IsRightAtEveryEdge) {
  for (const MelPreset& preset : mel_presets()) {
    for (const std::int64_t samples : {std::int64_t{1}, std::int64_t{preset.n_fft} / 2, std::int64_t{preset.n_fft} + 1,
                                       std::int64_t{61} * preset.hop + 3})
      if (preset.frames(samples) > 0) prove_large(synthetic(preset.name, samples, 3));
    prove_large(synthetic(preset.name, std::int64_t{70} * preset.hop + 1, 2), 1);
    Mel::Problem narrow = synthetic(preset.name, std::int64_t{70} * preset.hop + 4, 2);
    narrow.input = Type::i16;
    prove_large(narrow);
    narrow.chunk = 2000;
    narrow.clips = 1;
    prove_large(narrow);
    Mel::Problem ragged = synthetic(preset.name, std::int64_t{90} * preset.hop, 3);
    ragged.lengths = std::make_shared<const std::vector<std::int64_t>>(
        std::vector<std::int64_t>{ragged.samples, 3, ragged.samples - 7});
    prove_large(ragged);
  }
}

}  // namespace
}  // namespace kernelgate
