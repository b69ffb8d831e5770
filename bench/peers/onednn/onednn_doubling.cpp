#include "bench/peers/onednn/onednn_doubling.h"

#include <algorithm>

namespace kernelgate::onednn {
namespace {

using dnnl::memory;

constexpr auto f32 = memory::data_type::f32;
using tag = memory::format_tag;

/// The filter's row for a phase's tap: an even output row meets row 1 of the filter, an odd one row 2 on its own input
/// row and row 0 on the next.
std::int64_t filter_row(std::size_t odd, std::int64_t tap) { return odd == 0 ? 1 : tap == 0 ? 2 : 0; }

dnnl::convolution_forward::primitive_desc describe_phase(const Conv2d::Problem& p, std::size_t phase, tag layout,
                                                         const dnnl::primitive_attr& attributes) {
  const auto odd_h = static_cast<std::int64_t>(phase / 2), odd_w = static_cast<std::int64_t>(phase % 2);
  const memory::desc input({p.n, p.c, p.h, p.w}, f32, layout), filters({p.k, p.c, 1 + odd_h, 1 + odd_w}, f32, tag::any),
      biases({p.k}, f32, tag::a), output({p.n, p.k, p.h, p.w}, f32, layout);
  const memory::dims strides{1, 1}, dilates{0, 0}, before{0, 0}, behind{odd_h, odd_w};
#if DNNL_VERSION_MAJOR >= 3
  return {cpu_engine(),
          dnnl::prop_kind::forward_inference,
          dnnl::algorithm::convolution_direct,
          input,
          filters,
          biases,
          output,
          strides,
          dilates,
          before,
          behind,
          attributes};
#else
  return {{dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, input, filters, biases, output,
           strides, dilates, before, behind},
          attributes,
          cpu_engine()};
#endif
}

}  // namespace

bool doubles(const Conv2d::Problem& p) {
  return p.transposed && p.groups == 1 && p.r == 3 && p.s == 3 && p.stride_h == 2 && p.stride_w == 2 && p.pad_h == 1 &&
         p.pad_w == 1 && p.output_padding_h == 1 && p.output_padding_w == 1;
}

DoublingLayout doubling_layout(const Conv2d::Problem& p) {
  const auto liked = describe_phase(p, 3, tag::any, {}).dst_desc();
  for (const auto& [one, chunk] : {std::pair{tag::nChw16c, std::int64_t{16}}, {tag::nChw8c, 8}})
    if (liked == memory::desc({p.n, p.k, p.h, p.w}, f32, one)) return {one, chunk, p.n * ((p.k + chunk - 1) / chunk)};
  return {tag::nhwc, p.k, p.n};
}

PhaseOfDoubling phase_of_doubling(const Conv2d::Problem& p, std::size_t phase, const DoublingLayout& layout,
                                  const std::vector<float>& given, const dnnl::primitive_attr& attributes) {
  const std::size_t odd_h = phase / 2, odd_w = phase % 2;
  const auto rows = static_cast<std::int64_t>(1 + odd_h), columns = static_cast<std::int64_t>(1 + odd_w);
  PhaseOfDoubling made{describe_phase(p, phase, layout.tag, attributes), {}, {}};
  for (std::int64_t c = 0; c < p.c; ++c)
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j) {
        const auto from = given.begin() + ((c * 3 + filter_row(odd_h, i)) * 3 + filter_row(odd_w, j)) * p.k;
        made.weights.insert(made.weights.end(), from, from + p.k);
      }
  made.given_filters =
      memory::desc({p.k, p.c, rows, columns}, f32, memory::dims{1, rows * columns * p.k, columns * p.k, p.k});
  return made;
}

void interleave(const Conv2d::Problem& p, const DoublingLayout& layout, const std::array<const float*, 4>& phases,
                float* y) {
  const auto lines = static_cast<std::size_t>(layout.blocks * p.h);
  const auto line = static_cast<std::size_t>(p.w * layout.chunk), chunk = static_cast<std::size_t>(layout.chunk);
  in_parallel(lines * line, [&](std::size_t begin, std::size_t end) {
    // Whole lines: parts begin anywhere.
    for (std::size_t at = (begin + line - 1) / line; at < (end + line - 1) / line; ++at)
      for (std::size_t odd = 0; odd < 2; ++odd) {
        float* to = y + (2 * at + odd) * 2 * line;
        const float *even_columns = phases[2 * odd] + at * line, *odd_columns = phases[2 * odd + 1] + at * line;
        for (std::int64_t w = 0; w < p.w; ++w, even_columns += chunk, odd_columns += chunk) {
          to = std::copy_n(even_columns, chunk, to);
          to = std::copy_n(odd_columns, chunk, to);
        }
      }
  });
}

}  // namespace kernelgate::onednn
