#include "bench/peers/onednn/onednn_network.h"

#include <algorithm>
#include <array>

#include "bench/peers/onednn/onednn_doubling.h"

namespace kernelgate::onednn {
namespace {

using dnnl::memory;
using pipeline::Layer;

constexpr auto f32 = memory::data_type::f32;
using tag = memory::format_tag;

/// What follows a convolution, done while its sums are in registers. `residual`: null for none.
dnnl::primitive_attr after(const Conv2d::Problem& p, const memory::desc* residual) {
  dnnl::post_ops ops;
  if (residual != nullptr) ops.append_binary(dnnl::algorithm::binary_add, *residual);
#if DNNL_VERSION_MAJOR >= 3
  const auto append = [&](dnnl::algorithm algorithm) { ops.append_eltwise(algorithm, 0, 0); };
#else
  const auto append = [&](dnnl::algorithm algorithm) { ops.append_eltwise(1, algorithm, 0, 0); };
#endif
  if (p.activation == Conv2d::Activation::relu) append(dnnl::algorithm::eltwise_relu);
  if (p.activation == Conv2d::Activation::sigmoid) append(dnnl::algorithm::eltwise_logistic);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  return attributes;
}

template <class Primitive>
typename Primitive::primitive_desc describe_layer(const Conv2d::Problem& p, dnnl::algorithm algorithm,
                                                  const memory::desc& input, const memory::desc& output,
                                                  const dnnl::primitive_attr& attributes) {
  const memory::desc any_filters({p.k, p.c, p.r, p.s}, f32, tag::any), biases({p.k}, f32, tag::a);
  const memory::dims strides{p.stride_h, p.stride_w}, dilates{0, 0}, before{p.pad_h, p.pad_w},
      behind{p.pad_h - p.output_padding_h, p.pad_w - p.output_padding_w};
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(cpu_engine(), dnnl::prop_kind::forward_inference, algorithm, input,
                                            any_filters, biases, output, strides, dilates, before, behind, attributes);
#else
  return typename Primitive::primitive_desc(
      typename Primitive::desc(dnnl::prop_kind::forward_inference, algorithm, input, any_filters, biases, output,
                               strides, dilates, before, behind),
      attributes, cpu_engine());
#endif
}

/// In the layouts that the primitive likes best. A residual must lie as the output does, so that it is asked for what
/// it likes without one first: given another layout, oneDNN would take a slower way rather than refuse.
template <class Primitive>
typename Primitive::primitive_desc describe_layer(const Conv2d::Problem& p, dnnl::algorithm algorithm) {
  const memory::desc any_input({p.n, p.c, p.h, p.w}, f32, tag::any),
      any_output({p.n, p.k, p.p(), p.q()}, f32, tag::any);
  auto liked = describe_layer<Primitive>(p, algorithm, any_input, any_output, after(p, nullptr));
  if (!p.residual) return liked;
  const memory::desc output = liked.dst_desc();
  return describe_layer<Primitive>(p, algorithm, liked.src_desc(), output, after(p, &output));
}

/// [K, C, R, S] as oneDNN counts, laid out as conv2d's contract says.
memory::desc given_filters(const Conv2d::Problem& p) {
  const std::int64_t taps = p.r * p.s;
  return p.transposed ? memory::desc({p.k, p.c, p.r, p.s}, f32, memory::dims{1, taps * p.k, p.s * p.k, p.k})
                      : memory::desc({p.k, p.c, p.r, p.s}, f32, memory::dims{taps * p.c, 1, p.s * p.c, p.c});
}

std::vector<float> widened(const f16* from, std::int64_t count) {
  std::vector<float> wide(static_cast<std::size_t>(count));
  to_float(from, wide.data(), wide.size());
  return wide;
}

}  // namespace

Network::Network(const Pipeline::Problem& problem, const Pipeline::Buffers& buffers, const float* features)
    : problem_(problem), buffers_(buffers), features_(features) {
  const pipeline::Network network = pipeline::network_of(problem);
  const std::int64_t pixels = problem.pixels();
  of_map_.resize(network.maps.size());
  of_map_[pipeline::Network::faces] = add_tensor(memory::desc({problem.n, 6, pixels, pixels}, f32, tag::nhwc));
  of_map_[pipeline::Network::windows] = add_tensor(memory::desc({problem.n, 1, 80, Pipeline::window}, f32, tag::nchw));
  for (const Layer& layer : network.layers) add_layer(layer);
  frames_ = in_layout(of_map_[static_cast<std::size_t>(network.frames())],
                      memory::desc({problem.n, 3, pixels, pixels}, f32, tag::nhwc));
  used(frames_);
  give_memory();
}

void Network::execute() {
  take_inputs();
  for (Step& step : steps_) {
    if (step.own) {
      stream_.wait();
      step.own();
    } else {
      step.primitive.execute(stream_, step.arguments);
    }
  }
  stream_.wait();
  narrow(tensors_[frames_].data, buffers_.frames, static_cast<std::size_t>(problem_.n * problem_.frame_outputs()));
}

std::size_t Network::add_tensor(const memory::desc& layout) {
  const int born = steps_.empty() ? 0 : now();
  tensors_.push_back({layout, {layout.get_size(), born, born}, {}});
  return tensors_.size() - 1;
}

void Network::add_step(dnnl::primitive primitive, std::vector<std::pair<int, std::size_t>> tensors,
                       std::unordered_map<int, memory> constants) {
  for (const auto& [argument, tensor] : tensors) used(tensor);
  steps_.push_back({std::move(primitive), std::move(constants), std::move(tensors), {}});
}

std::size_t Network::in_layout(std::size_t from, const memory::desc& layout) {
  if (tensors_[from].layout == layout) return from;
  const std::size_t to = add_tensor(layout);
  add_step(dnnl::reorder({cpu_engine(), tensors_[from].layout, cpu_engine(), layout}),
           {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  return to;
}

std::size_t Network::joined(std::size_t first, std::size_t second) {
  const std::vector<memory::desc> layouts{tensors_[first].layout, tensors_[second].layout};
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::concat::primitive_desc descriptor(cpu_engine(), 1, layouts);
#else
  const dnnl::concat::primitive_desc descriptor(1, layouts, cpu_engine());
#endif
  const std::size_t to = add_tensor(descriptor.dst_desc());
  add_step(dnnl::concat(descriptor),
           {{DNNL_ARG_MULTIPLE_SRC, first}, {DNNL_ARG_MULTIPLE_SRC + 1, second}, {DNNL_ARG_DST, to}});
  return to;
}

void Network::add_layer(const Layer& layer) {
  std::size_t input = of_map_[static_cast<std::size_t>(layer.input)];
  if (layer.skip >= 0) input = joined(input, of_map_[static_cast<std::size_t>(layer.skip)]);
  std::size_t& output = of_map_[static_cast<std::size_t>(layer.output)];
  if (doubles(layer.problem))
    output = add_doubling(layer, input);
  else if (layer.problem.transposed)
    output = add_primitive<dnnl::deconvolution_forward>(layer, input, dnnl::algorithm::deconvolution_direct);
  else  // "auto" may choose Winograd, whose rounding errors are not in the bound
    output = add_primitive<dnnl::convolution_forward>(layer, input, dnnl::algorithm::convolution_direct);
}

template <class Primitive>
std::size_t Network::add_primitive(const Layer& layer, std::size_t input, dnnl::algorithm algorithm) {
  const Conv2d::Problem& p = layer.problem;
  const auto descriptor = describe_layer<Primitive>(p, algorithm);
  const std::size_t x = in_layout(input, descriptor.src_desc());
  const std::size_t residual = p.residual ? in_layout(x, descriptor.dst_desc()) : x;
  const std::size_t y = add_tensor(descriptor.dst_desc());
  std::vector<std::pair<int, std::size_t>> tensors{{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}};
  if (p.residual) tensors.emplace_back(DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, residual);
  const std::vector<float> given = widened(buffers_.weights + layer.weights, p.w_count());
  add_step(Primitive(descriptor), std::move(tensors),
           {{DNNL_ARG_WEIGHTS, packed(given.data(), given_filters(p), descriptor.weights_desc())},
            {DNNL_ARG_BIAS, bias_of(layer)}});
  return y;
}

/// Four convolutions, each of one phase of the output, and their interleaving: 1, 2, 2 and 4 of the 9 taps. oneDNN's
/// own deconvolution took two to three times as long on an EPYC with AVX-512 (version 2.6).
std::size_t Network::add_doubling(const Layer& layer, std::size_t input) {
  const Conv2d::Problem& p = layer.problem;
  const std::vector<float> given = widened(buffers_.weights + layer.weights, p.w_count());
  const memory bias = bias_of(layer);
  const DoublingLayout layout = doubling_layout(p);
  const std::size_t x = in_layout(input, memory::desc({p.n, p.c, p.h, p.w}, f32, layout.tag));
  std::array<std::size_t, 4> phases{};
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const PhaseOfDoubling phase = phase_of_doubling(p, i, layout, given, after(p, nullptr));
    phases[i] = add_tensor(phase.descriptor.dst_desc());
    add_step(dnnl::convolution_forward(phase.descriptor), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, phases[i]}},
             {{DNNL_ARG_WEIGHTS, packed(phase.weights.data(), phase.given_filters, phase.descriptor.weights_desc())},
              {DNNL_ARG_BIAS, bias}});
  }
  const std::size_t y = add_tensor(memory::desc({p.n, p.k, p.p(), p.q()}, f32, layout.tag));
  for (const std::size_t phase : phases) used(phase);
  steps_.push_back({{}, {}, {}, [=, this] {
                      std::array<const float*, 4> from{};
                      for (std::size_t i = 0; i < from.size(); ++i)
                        from[i] = static_cast<const float*>(tensors_[phases[i]].data.get_data_handle());
                      interleave(p, layout, from, static_cast<float*>(tensors_[y].data.get_data_handle()));
                    }});
  return y;
}

memory Network::packed(const float* given, const memory::desc& given_layout, const memory::desc& wanted) {
  memory from(given_layout, cpu_engine(), const_cast<float*>(given)), to(wanted, cpu_engine());
  dnnl::reorder(from, to).execute(stream_, from, to);
  stream_.wait();
  return to;
}

memory Network::bias_of(const Layer& layer) {
  memory bias(memory::desc({layer.problem.k}, f32, tag::a), cpu_engine());
  to_float(buffers_.weights + layer.bias, static_cast<float*>(bias.get_data_handle()),
           static_cast<std::size_t>(layer.problem.k));
  return bias;
}

void Network::give_memory() {
  std::vector<pipeline::Lifetime> lives;
  for (const Tensor& tensor : tensors_) lives.push_back(tensor.life);
  const pipeline::BufferPlan plan = pipeline::plan_buffers(lives);
  arena_ = memory(memory::desc({static_cast<std::int64_t>(plan.bytes)}, memory::data_type::u8, tag::a), cpu_engine());
  auto* const begin = static_cast<std::byte*>(arena_.get_data_handle());
  for (std::size_t i = 0; i < tensors_.size(); ++i)
    tensors_[i].data = memory(tensors_[i].layout, cpu_engine(), begin + plan.offsets[i]);
  for (Step& step : steps_)
    for (const auto& [argument, tensor] : step.tensors) step.arguments.emplace(argument, tensors_[tensor].data);
}

void Network::take_inputs() {
  const auto at = [&](int map) { return tensors_[of_map_[static_cast<std::size_t>(map)]].data; };
  widen(buffers_.faces, at(pipeline::Network::faces), static_cast<std::size_t>(problem_.face_count()));
  auto* to = static_cast<float*>(at(pipeline::Network::windows).get_data_handle());
  for (std::int64_t frame = 0; frame < problem_.n; ++frame)
    for (std::int64_t band = 0; band < 80; ++band, to += Pipeline::window)
      std::copy_n(features_ + band * problem_.columns() + problem_.first_column(frame), Pipeline::window, to);
}

}  // namespace kernelgate::onednn
