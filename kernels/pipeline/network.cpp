#include "kernels/pipeline/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kernelgate::pipeline {
namespace {

using Activation = Conv2d::Activation;

constexpr std::int64_t weights_begin_at = 64;  // elements: a whole line of 128 bytes

/// Channels of the face encoder's and of the decoder's map at a level; beyond the tables 512.
std::int64_t face_channels(std::int64_t level) {
  return std::min<std::int64_t>(std::int64_t{16} << std::min<std::int64_t>(level, 5), 512);
}
std::int64_t decoder_channels(std::int64_t level) {
  constexpr std::array<std::int64_t, 4> channels{64, 128, 256, 384};
  return level < std::ssize(channels) ? channels[static_cast<std::size_t>(level)] : 512;
}
/// Residual layers of the face encoder at a level.
int face_residuals(std::int64_t level, std::int64_t levels) { return level == levels ? 1 : level == 2 ? 3 : 2; }

struct Kernel {
  std::int64_t size = 3;
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t pad = 1;
};

class Builder {
 public:
  explicit Builder(const Pipeline::Problem& problem) : problem_(problem) {
    network_.maps = {{problem.pixels(), problem.pixels(), 6}, {80, Pipeline::window, 1}};
  }

  int convolve(std::string name, int input, std::int64_t k, Kernel kernel, Activation activation = Activation::relu) {
    return add(std::move(name), input, -1, k, kernel, activation, false, false);
  }
  int transpose(std::string name, int input, int skip, std::int64_t k, bool doubles) {
    return add(std::move(name), input, skip, k, doubles ? Kernel{3, 2, 2, 1} : Kernel{3, 1, 1, 0}, Activation::relu,
               false, true);
  }
  int join_and_convolve(std::string name, int input, int skip, std::int64_t k) {
    return add(std::move(name), input, skip, k, {}, Activation::relu, false, false);
  }
  /// `count` times, each on the one before.
  int residuals(const std::string& name, int input, int count) {
    for (int i = 0; i < count; ++i)
      input = add(count == 1 ? name : fmt::format("{}{}", name, i + 1), input, -1, at(input).c, {}, Activation::relu,
                  true, false);
    return input;
  }
  std::int64_t narrowed(std::int64_t channels) const { return std::max<std::int64_t>(channels / problem_.narrow, 1); }
  void begin(Branch branch) { branch_ = branch; }
  Network take() { return std::move(network_); }

 private:
  const Map& at(int map) const { return network_.maps[static_cast<std::size_t>(map)]; }

  int add(std::string name, int input, int skip, std::int64_t k, Kernel kernel, Activation activation, bool residual,
          bool transposed) {
    const Map from = at(input);
    Conv2d::Problem p;
    p.n = problem_.n;
    p.h = from.h, p.w = from.w, p.k = k;
    p.skip_c = skip < 0 ? 0 : at(skip).c;
    p.c = from.c + p.skip_c;
    p.r = p.s = kernel.size;
    p.stride_h = kernel.stride_h, p.stride_w = kernel.stride_w;
    p.pad_h = p.pad_w = kernel.pad;
    p.bias = true;
    p.residual = residual;
    p.activation = activation;
    p.transposed = transposed;
    if (transposed && kernel.stride_h == 2) p.output_padding_h = p.output_padding_w = 1;
    Layer layer{std::move(name),    p,        input,  skip, static_cast<int>(network_.maps.size()),
                place(p.w_count()), place(k), branch_};
    network_.maps.push_back({p.p(), p.q(), k});
    network_.layers.push_back(std::move(layer));
    return network_.layers.back().output;
  }

  std::int64_t place(std::int64_t count) {
    const std::int64_t begin = network_.weight_count;
    network_.weight_count += (count + weights_begin_at - 1) / weights_begin_at * weights_begin_at;
    return begin;
  }

  Pipeline::Problem problem_;
  Network network_;
  Branch branch_ = Branch::hears;
};

int hear(Builder& net) {
  net.begin(Branch::hears);
  const auto k = [&](std::int64_t channels) { return net.narrowed(channels); };
  int map = net.convolve("ae0", Network::windows, k(32), {});
  map = net.residuals("ae.res32", map, 2);
  map = net.convolve("ae3", map, k(64), {3, 3, 1, 1});
  map = net.residuals("ae.res64", map, 2);
  map = net.convolve("ae6", map, k(128), {3, 3, 3, 1});
  map = net.residuals("ae.res128", map, 2);
  map = net.convolve("ae9", map, k(256), {3, 3, 2, 1});
  map = net.residuals("ae.res256", map, 1);
  map = net.convolve("ae11", map, k(512), {3, 1, 1, 0});
  map = net.convolve("ae12", map, k(512), {1, 1, 1, 0});
  return net.convolve("fd0", map, k(512), {1, 1, 1, 0});
}

}  // namespace

Network network_of(const Pipeline::Problem& problem) {
  Builder net(problem);
  const std::int64_t levels = problem.levels;
  int map = hear(net);

  net.begin(Branch::sees);
  std::vector<int> face{net.convolve("fe0", Network::faces, net.narrowed(face_channels(0)), {7, 1, 1, 3})};
  for (std::int64_t level = 1; level <= levels; ++level) {
    const int halved =
        net.convolve(fmt::format("fe{}.0", level), face.back(), net.narrowed(face_channels(level)), {3, 2, 2, 1});
    face.push_back(net.residuals(fmt::format("fe{}.res", level), halved, face_residuals(level, levels)));
  }
  int bottom = net.convolve(fmt::format("fe{}.0", levels + 1), face.back(), net.narrowed(512), {3, 1, 1, 0});
  bottom = net.convolve(fmt::format("fe{}.1", levels + 1), bottom, net.narrowed(512), {1, 1, 1, 0});

  net.begin(Branch::speaks);
  map = net.transpose("fd1.T", map, bottom, net.narrowed(decoder_channels(levels)), false);
  map = net.residuals("fd1.res", map, 1);
  for (std::int64_t level = levels; level-- > 0;) {
    const std::string block = fmt::format("fd{}", levels + 1 - level);
    map = net.transpose(block + ".T", map, face[static_cast<std::size_t>(level + 1)],
                        net.narrowed(decoder_channels(level)), true);
    map = net.residuals(block + ".res", map, 2);
  }
  map = net.join_and_convolve("out0", map, face[0], net.narrowed(32));
  net.convolve("out1", map, 3, {1, 1, 1, 0}, Activation::sigmoid);
  return net.take();
}

double flop_of(const Network& network) {
  double flop = 0;
  for (const Layer& layer : network.layers)
    flop += Conv2d::work(layer.problem).flop / static_cast<double>(std::max<std::int64_t>(layer.problem.n, 1));
  return flop;
}

}  // namespace kernelgate::pipeline
