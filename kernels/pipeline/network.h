#pragma once
// The generator as data: its maps, and the convolutions between them.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/conv2d/conv2d.h"
#include "kernels/pipeline/pipeline.h"

namespace kernelgate::pipeline {

/// What lies between layers: [n, h, w, c].
struct Map {
  std::int64_t h = 1, w = 1, c = 1;
  std::int64_t count() const { return h * w * c; }  ///< of one frame
};

/// The network's two encoders wait for nothing of each other, and so run side by side; the decoder waits for both.
enum class Branch { hears, sees, speaks };

/// One convolution. Where its problem has a residual, that is its input.
struct Layer {
  std::string name;                    ///< as in conv2d/wav2lip_layers.h, with the layers of a kind counted: "fd6.res2"
  Conv2d::Problem problem;             ///< where it has a skip, of two inputs
  int input = 0;                       ///< a map
  int skip = -1;                       ///< the map whose channels follow the input's; -1: none
  int output = 0;                      ///< a map
  std::int64_t weights = 0, bias = 0;  ///< where they begin among the network's
  Branch branch = Branch::sees;
};

struct Network {
  static constexpr int faces = 0, windows = 1;  ///< the maps that it is given; the last one is the frames

  std::vector<Map> maps;
  std::vector<Layer> layers;  ///< by branches: each behind what it reads
  std::int64_t weight_count = 0;

  int frames() const { return static_cast<int>(maps.size()) - 1; }
};

/// At 5 levels and full width, layer for layer conv2d/wav2lip_layers.h. With more levels it is a generator of the same
/// kind for larger pictures: each level halves the picture, and 512 channels are the most.
Network network_of(const Pipeline::Problem& problem);

/// Multiplications and additions, two each, of one frame's convolutions.
double flop_of(const Network& network);

}  // namespace kernelgate::pipeline
