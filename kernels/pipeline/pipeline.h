#pragma once
// The contract of the whole digital-human network: a recording and pictures of a face in, the frames of the video out.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/mel/mel.h"
#include "kernels/op/f16.h"
#include "kernels/op/op.h"

namespace kernelgate {

/// The Wav2Lip generator with its mel spectrogram: a face encoder, an audio encoder, a decoder that joins each level of
/// the face encoder's (network.h). Batch normalisation is folded into weights and biases, which are random.
///
/// Shapes  audio: [samples()] at 16 kHz. faces: [n, pixels, pixels, 6]: the face whose lower half is to be made, and
///         another picture of it. weights: Network's. frames: [n, pixels, pixels, 3], in [0, 1].
///         Frame i hears columns 3.2 i, rounded down, and the 15 behind it of the spectrogram: 25 frames a second.
/// Types   audio f32, all else f16; sums in f32 or more. Maps between layers may be rounded to f16.
///         NaN and infinity are not defined.
/// Errors  validate: InvalidProblem.
/// Source  Prajwal et al. 2020, "A lip sync expert is all you need", arXiv:2008.10010, and its published code.
struct Pipeline {
  static constexpr std::string_view name = "pipeline";

  static constexpr int frames_per_second = 25;
  static constexpr std::int64_t window = 16;  ///< columns of the spectrogram that a frame hears

  struct Problem {
    std::int64_t n = 1;       ///< frames at a time
    std::int64_t levels = 5;  ///< halvings of the picture, until it is 3 x 3
    std::int64_t narrow = 1;  ///< so many times fewer channels, for tests

    std::int64_t pixels() const { return std::int64_t{3} << levels; }  ///< of a side
    std::int64_t first_column(std::int64_t frame) const { return frame * 80 / frames_per_second; }
    std::int64_t columns() const { return first_column(n - 1) + window; }
    std::int64_t samples() const { return 200 * (columns() - 1); }
    std::int64_t face_count() const { return n * pixels() * pixels() * 6; }
    std::int64_t frame_outputs() const { return pixels() * pixels() * 3; }

    friend bool operator==(const Problem&, const Problem&) = default;
  };

  struct Buffers {
    const float* audio = nullptr;
    const f16* faces = nullptr;
    const f16* weights = nullptr;
    f16* frames = nullptr;
  };

  /// "wav2lip/n:16"; "wav2lip/n:2_pixels:24_narrow:4" where it is not the published network.
  static std::string problem_name(const Problem& problem);
  static void validate(const Problem& problem);
  /// Bytes: weights, audio, faces and frames. Maps between layers need not leave a chip.
  static Work work(const Problem& problem);
  static std::vector<TensorSpec> inputs(const Problem& problem);
  static TensorSpec output(const Problem& problem);
  static void fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs);
  static Buffers bind(const Problem& problem, std::span<void* const> pointers);
  /// Whole frames, since all outputs of one share what leads to them: all, or as many as the budget allows, drawn by
  /// the seed; one at least.
  static std::vector<std::int64_t> check_indices(const Problem& problem, double flop_budget, std::uint64_t seed);

  /// In double, no map rounded. An implementation rounds maps to f16, 38 times on the way of the picture, and no bound
  /// that always holds is of use: each layer would multiply it by its sum of |w|. So what rounding does to this very
  /// network and its inputs is computed: the frame once more in double, each map rounded to f16, each feature of the
  /// recording as far off as mel's bound allows. What the
  /// sigmoid is given may be off by twelve times the root of the mean square by which that moves a channel of the
  /// frame; the bound is that at the sigmoid's slope, plus half a unit in the last place and 2^-21. Sums in f32 move it
  /// far less: of 4608 products by 2^-24 * 592 of the sum's size at most, where rounding to f16 takes 2^-11.
  ///
  /// Which layer is wrong this can't tell, and one wrong element of a deep map may hide in it. A test therefore holds
  /// each map against its own layer's reference, given the map before as it lies in memory (pipeline_layers_test.cpp).
  static void reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                        std::span<Expected> expected);
};

/// What the network hears.
Mel::Problem mel_of(const Pipeline::Problem& problem);

}  // namespace kernelgate
