// Describes the convolution and what follows it in the backend's vocabulary.

#include "bench/peers/cudnn/cudnn_graph.h"

#include <fmt/core.h>

#include <cstdint>

namespace kernelgate::cudnn {
namespace {

using Shape = std::vector<std::int64_t>;  // in cuDNN's order N, C, H, W whatever the layout

Shape channels_last(const Shape& shape) { return {shape[1] * shape[2] * shape[3], 1, shape[3] * shape[1], shape[1]}; }

constexpr int alignment = 16;  // of every tensor in memory, in bytes

class GraphBuilder {
 public:
  GraphBuilder(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers, float* sum)
      : problem_(problem), buffers_(buffers), sum_(sum) {}

  Graph build(cudnnHandle_t handle, Part part) {
    const bool last_is_convolution = part == Part::convolution || epilogue_length() == 0;
    std::size_t value;
    if (part == Part::epilogue)
      value = in_memory(uid_sum, CUDNN_DATA_FLOAT, output_shape(), sum_);
    else if (last_is_convolution)
      value = convolve(part == Part::convolution ? in_memory(uid_sum, CUDNN_DATA_FLOAT, output_shape(), sum_) : y());
    else
      value = convolve(between());
    if (part != Part::convolution) add_epilogue(value);

    graph_.graph.emplace(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    graph_.graph->set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle)
        .set(CUDNN_ATTR_OPERATIONGRAPH_OPS, graph_.operations)
        .finalize();
    return std::move(graph_);
  }

 private:
  int epilogue_length() const {
    return problem_.residual + problem_.bias + (problem_.activation != Conv2d::Activation::none);
  }
  Shape output_shape() const { return {problem_.n, problem_.k, problem_.p(), problem_.q()}; }

  std::size_t keep(Descriptor descriptor) {
    graph_.parts.push_back(std::move(descriptor));
    return graph_.parts.size() - 1;
  }

  Descriptor tensor(std::int64_t uid, cudnnDataType_t type, const Shape& shape) {
    Descriptor descriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    descriptor.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, uid)
        .set(CUDNN_ATTR_TENSOR_DATA_TYPE, type)
        .set(CUDNN_ATTR_TENSOR_DIMENSIONS, shape)
        .set(CUDNN_ATTR_TENSOR_STRIDES, channels_last(shape))
        .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, std::int64_t{alignment});
    return descriptor;
  }

  std::size_t in_memory(std::int64_t uid, cudnnDataType_t type, const Shape& shape, const void* data) {
    graph_.uids.push_back(uid);
    graph_.pointers.push_back(const_cast<void*>(data));  // the variant pack has one list for inputs and outputs
    // Some engine of cuDNN 9 faults on a pointer of less though it was told so (seen on an H100 with one tensor of a
    // 3x3 convolution at 2 bytes), and a fault is the end of every later case of the process.
    if (reinterpret_cast<std::uintptr_t>(data) % alignment != 0)
      throw Unsupported(fmt::format("cuDNN is given tensors at multiples of {} bytes only", alignment));
    Descriptor descriptor = tensor(uid, type, shape);
    descriptor.finalize();
    return keep(std::move(descriptor));
  }

  std::size_t y() { return in_memory(uid_y, CUDNN_DATA_HALF, output_shape(), buffers_.y); }

  /// A value that never reaches memory, in f32.
  std::size_t between() {
    Descriptor descriptor = tensor(next_virtual_++, CUDNN_DATA_FLOAT, output_shape());
    descriptor.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, true).finalize();
    return keep(std::move(descriptor));
  }

  std::size_t convolve(std::size_t result) {
    const Conv2d::Problem& p = problem_;
    Descriptor convolution(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    convolution.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2})
        .set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT)
        .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION)
        .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, Shape{p.pad_h, p.pad_w})
        .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, Shape{p.pad_h, p.pad_w})
        .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, Shape{p.dilation_h, p.dilation_w})
        .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, Shape{p.stride_h, p.stride_w})
        .finalize();
    // cuDNN reads the number of groups off the channels of the input and of the filter. Transposed, our
    // input is the gradient of the forward convolution's output, and the filter is that convolution's.
    const Shape filter_shape =
        p.transposed ? Shape{p.c, p.k_per_group(), p.r, p.s} : Shape{p.k, p.c_per_group(), p.r, p.s};
    const std::size_t x = in_memory(uid_x, CUDNN_DATA_HALF, {p.n, p.c, p.h, p.w}, buffers_.x);
    const std::size_t w = in_memory(uid_w, CUDNN_DATA_HALF, filter_shape, buffers_.w);
    const std::size_t conv = keep(std::move(convolution));
    const auto& parts = graph_.parts;
    if (p.transposed) {
      Descriptor operation(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR);
      operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, parts[conv])
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, parts[x])
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, parts[w])
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, parts[result])
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, 1.0f)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, 0.0f)
          .finalize();
      graph_.operations.push_back(std::move(operation));
    } else {
      Descriptor operation(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
      operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, parts[conv])
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, parts[x])
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, parts[w])
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, parts[result])
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1.0f)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, 0.0f)
          .finalize();
      graph_.operations.push_back(std::move(operation));
    }
    return result;
  }

  /// Residual, bias, activation in this order: the one that cuDNN's own samples fuse.
  void add_epilogue(std::size_t value) {
    int left = epilogue_length();
    const auto result = [&] { return --left == 0 ? y() : between(); };
    if (problem_.residual)
      value = pointwise(CUDNN_POINTWISE_ADD, value,
                        in_memory(uid_residual, CUDNN_DATA_HALF, output_shape(), buffers_.residual), result());
    if (problem_.bias)
      value = pointwise(CUDNN_POINTWISE_ADD, value,
                        in_memory(uid_bias, CUDNN_DATA_HALF, {1, problem_.k, 1, 1}, buffers_.bias), result());
    // What ReLU makes of NaN is left at cuDNN's default: asking for more rules out its fastest engines.
    switch (problem_.activation) {
      case Conv2d::Activation::none:
        return;
      case Conv2d::Activation::relu:
        pointwise(CUDNN_POINTWISE_RELU_FWD, value, std::nullopt, result());
        return;
      case Conv2d::Activation::gelu:
        pointwise(CUDNN_POINTWISE_GELU_FWD, value, std::nullopt, result());
        return;
      case Conv2d::Activation::sigmoid:
        pointwise(CUDNN_POINTWISE_SIGMOID_FWD, value, std::nullopt, result());
        return;
    }
  }

  std::size_t pointwise(cudnnPointwiseMode_t mode, std::size_t x, std::optional<std::size_t> b, std::size_t result) {
    Descriptor descriptor(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    descriptor.set(CUDNN_ATTR_POINTWISE_MODE, mode).set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT).finalize();
    const std::size_t kept = keep(std::move(descriptor));
    Descriptor operation(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, graph_.parts[kept])
        .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, graph_.parts[x])
        .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, graph_.parts[result]);
    if (b) operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, graph_.parts[*b]);
    operation.finalize();
    graph_.operations.push_back(std::move(operation));
    return result;
  }

  const Conv2d::Problem& problem_;
  const Conv2d::Buffers& buffers_;
  float* sum_;
  std::int64_t next_virtual_ = uid_first_virtual;
  Graph graph_;
};

}  // namespace

Graph build_graph(cudnnHandle_t handle, Part part, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers,
                  float* sum) {
  return GraphBuilder(problem, buffers, sum).build(handle, part);
}

}  // namespace kernelgate::cudnn
