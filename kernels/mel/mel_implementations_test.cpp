// Each implementation of mel against the reference and the golden values, on every device there is.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/mel/mel.h"
#include "kernels/mel/mel_for_test.h"
#include "kernels/op/any_op.h"
#include "kernels/op/verify.h"
#if KERNELGATE_HAS_CUDA
#include <cuda_runtime_api.h>
#endif

namespace kernelgate {
namespace {

/// Every implementation on one kind of device.
class MelImplementations : public testing::TestWithParam<DeviceKind> {
 protected:
  void SetUp() override {
    device_.kind = GetParam();
    if (GetParam() == DeviceKind::cuda) {
#if KERNELGATE_HAS_CUDA
      cudaDeviceProp properties;
      if (cudaGetDeviceProperties(&properties, 0) != cudaSuccess) GTEST_SKIP() << "no GPU here";
      device_.compute_capability = properties.major * 10 + properties.minor;
      device_.multiprocessors = properties.multiProcessorCount;
      device_.shared_bytes_per_block = properties.sharedMemPerBlockOptin;
#else
      GTEST_SKIP() << "built without CUDA";
#endif
    }
    device_.threads = 2;
    const auto any =
        std::ranges::any_of(Registry<Mel>::sorted(), [&](const auto& i) { return i.device == device_.kind; });
    if (!any) GTEST_SKIP() << "no implementation for " << to_string(device_.kind) << " in this build";
  }

  /// The features of each implementation, each checked against the reference.
  std::vector<std::vector<double>> run(const Mel::Problem& mel, std::size_t misalign_elements = 0) {
    const auto problem = std::make_shared<TypedProblem<Mel>>(Workload<Mel>{mel, "", {}});
    Proof::Options options;
    options.misalign_elements = misalign_elements;
    Proof proof(problem, device_, options);
    std::vector<std::vector<double>> outputs;
    for (const auto& candidate : problem->implementations()) {
      if (candidate.device != device_.kind) continue;
      if (const Support support = problem->supports(candidate, device_); !support) {
        std::printf("skipped %s: %s\n", candidate.name.c_str(), support.reason.c_str());
        continue;
      }
      const Launch launch = proof.prepare(candidate);
      for (int repeat = 0; repeat < 2; ++repeat) {  // scratch must not remember the first time
        const Verification found = proof.verify(launch);
        EXPECT_TRUE(found.right) << candidate.name << " on " << problem->name() << ", " << mel.samples
                                 << " samples: " << found.describe();
        std::vector<float> floats(proof.output().size() / 4);
        const auto bytes = proof.output().download();
        if (!bytes.empty()) std::memcpy(floats.data(), bytes.data(), bytes.size());
        outputs.emplace_back(floats.begin(), floats.end());
        worst_ratio_ = std::max(worst_ratio_, found.max_error_ratio);
        if (repeat == 1 && std::ranges::none_of(floats, [](float v) { return std::isnan(v); })) {
          EXPECT_EQ(outputs[outputs.size() - 2], outputs.back()) << candidate.name << " is not deterministic";
        }
      }
    }
    return outputs;
  }

  Device device_;
  double worst_ratio_ = 0;
};

TEST_P(MelImplementations, HaveTheGoldenValues) {
  for (const Golden& golden : goldens) {
    SCOPED_TRACE(golden.preset);
    for (const auto& got : run(problem_of(golden.preset, golden_noise())))
      expect_golden(golden, got, golden.preset == "wav2lip80" ? 2e-5 : 2e-6);
  }
}

TEST_P(MelImplementations, AwkwardLengths) {
  for (const std::int64_t samples : {1, 2, 159, 160, 161, 199, 200, 201, 399, 997, 3999, 7919})
    for (const std::string_view preset : {"whisper80", "whisper128", "wav2lip80"}) run(synthetic(preset, samples));
}

TEST_P(MelImplementations, EmptyClips) {
  for (const MelPreset& preset : mel_presets()) {
    run(synthetic(preset.name, 0, 3));
    run(synthetic(preset.name, 16000, 0));
  }
}

TEST_P(MelImplementations, MisalignedByOneElement) {
  for (const MelPreset& preset : mel_presets()) run(synthetic(preset.name, 5003, 3), 1);
}

TEST_P(MelImplementations, TilesAndClipsTogether) {
  // Whole tiles of frames of the kernels, one less, one more.
  for (const std::int64_t frames : {20, 21, 22, 42}) run(synthetic("whisper80", frames * 160, 2));
  for (const std::int64_t frames : {17, 18, 19, 36}) run(synthetic("wav2lip80", (frames - 1) * 200, 2));
}

TEST_P(MelImplementations, ALongClip) {
  run(synthetic("whisper128", 480000));
  run(synthetic("wav2lip80", 160000));
}

TEST_P(MelImplementations, EveryClipHasItsOwnMaximum) {
  Audio audio = golden_noise();
  const Audio quiet(16000, 0.0f), whistle = tone(1000, 0.5), click = impulse(16000, 8000);
  for (const Audio* part : {&quiet, &whistle, &click}) audio.insert(audio.end(), part->begin(), part->end());
  for (const auto& got : run(problem_of("whisper80", audio, 4))) {
    for (std::size_t i = 8000; i < 16000; ++i) ASSERT_EQ(got[i], -1.5) << "digital silence, " << i;
    EXPECT_NEAR(*std::max_element(got.begin() + 16000, got.begin() + 24000), 1.439651665, 2e-6);
    EXPECT_NEAR(*std::min_element(got.begin() + 24000, got.end()), -1.392209, 2e-6);
  }
  for (const auto& got : run(problem_of("wav2lip80", audio, 4)))
    for (std::size_t i = 80 * 81; i < 2 * 80 * 81; ++i) ASSERT_EQ(got[i], -4.0) << "digital silence, " << i;
}

TEST_P(MelImplementations, NanPoisonsTheClipThatItIsIn) {
  Audio audio(9600, 0.25f);
  audio[3200 + 1601] = NAN;
  for (const auto& got : run(problem_of("whisper80", audio, 3)))
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_EQ(std::isnan(got[i]), i >= 80 * 20 && i < 2 * 80 * 20) << i;  // all of the second clip
  for (const auto& got : run(problem_of("wav2lip80", audio, 3)))
    for (std::size_t i = 0; i < got.size(); ++i) {
      const std::size_t clip = i / (80 * 17), frame = i % 17;
      // Samples 1601 and, through the pre-emphasis, 1602: frame t holds 200 t - 400 .. 200 t + 399.
      ASSERT_EQ(std::isnan(got[i]), clip == 1 && frame >= 7 && frame <= 10) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(, MelImplementations, testing::Values(DeviceKind::simt, DeviceKind::cpu, DeviceKind::cuda),
                         [](const auto& instance) { return std::string(to_string(instance.param)); });

}  // namespace
}  // namespace kernelgate
