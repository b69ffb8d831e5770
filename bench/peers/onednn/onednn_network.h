#pragma once
// The network's layers as oneDNN's primitives.

#include <cstddef>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench/peers/onednn/onednn.h"
#include "kernels/pipeline/buffer_plan.h"
#include "kernels/pipeline/network.h"

namespace kernelgate::onednn {

/// The primitives of a network in their order, and the memory that they share. Weights are packed once; maps stay in
/// the layout that the primitives like best, and are reordered where two disagree.
class Network {
 public:
  /// `features`: of the whole recording, [80, columns], there when `execute` is called.
  /// Errors  dnnl::error.
  Network(const Pipeline::Problem& problem, const Pipeline::Buffers& buffers, const float* features);

  void execute();

 private:
  /// A tensor between two primitives. Its memory is found when all of them are known.
  struct Tensor {
    dnnl::memory::desc layout;
    pipeline::Lifetime life;
    dnnl::memory data;
  };
  struct Step {
    dnnl::primitive primitive;
    std::unordered_map<int, dnnl::memory> arguments;
    std::vector<std::pair<int, std::size_t>> tensors;  ///< arguments that are tensors of ours
    std::function<void()> own;                         ///< instead of a primitive
  };
  /// A convolution's weights and bias, as it wants them.
  struct Packed {
    dnnl::memory weights, bias;
  };

  int now() const { return static_cast<int>(steps_.size()) + 1; }  // 0 is when the inputs come
  void used(std::size_t tensor) { tensors_[tensor].life.last = now(); }
  std::size_t add_tensor(const dnnl::memory::desc& layout);
  void add_step(dnnl::primitive primitive, std::vector<std::pair<int, std::size_t>> tensors,
                std::unordered_map<int, dnnl::memory> constants = {});
  /// The tensor itself where it lies so, else a reordered copy.
  std::size_t in_layout(std::size_t tensor, const dnnl::memory::desc& layout);
  std::size_t joined(std::size_t first, std::size_t second);
  void add_layer(const pipeline::Layer& layer);
  template <class Primitive>
  std::size_t add_primitive(const pipeline::Layer& layer, std::size_t input, dnnl::algorithm algorithm);
  std::size_t add_doubling(const pipeline::Layer& layer, std::size_t input);
  void give_memory();
  void take_inputs();
  dnnl::memory packed(const float* given, const dnnl::memory::desc& given_layout, const dnnl::memory::desc& wanted);
  dnnl::memory bias_of(const pipeline::Layer& layer);

  Pipeline::Problem problem_;
  Pipeline::Buffers buffers_;
  const float* features_;
  dnnl::stream stream_{cpu_engine()};
  std::vector<Tensor> tensors_;
  std::vector<std::size_t> of_map_;
  std::vector<Step> steps_;
  std::size_t frames_ = 0;
  dnnl::memory arena_;
};

}  // namespace kernelgate::onednn
