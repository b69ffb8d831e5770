// TMA loads in im2col mode: columns of pixels that begin before an image, wrap around its rows, and go on in the next
// image and past the last one.

#include <array>

#include "kernels/silicon/box_kernels.h"
#include "kernels/silicon/probe.h"
#include "kernels/silicon/tensor_probe.h"

namespace kernelgate::sm90_tma_im2col {
namespace {

using silicon::TensorShape;
using simt::Swizzle;

/// at: channel, the pixel's coordinates, the image.
struct ColumnStart {
  std::array<int, 5> at;
  simt::Im2colOffsets offsets;
};

struct ColumnCase {
  const char* name;
  TensorShape shape;  ///< C, W, [H, [D,]] N
  std::array<int, 3> lower, upper;
  unsigned channels, pixels;
  std::vector<ColumnStart> starts;
  const char* open = "";
};

struct ColumnParams {
  simt::TensorMap map;
  int at[5] = {};
  simt::Im2colOffsets offsets;
  unsigned bytes = 0;
};

template <int RANK>
SIMT_KERNEL(silicon::box_threads)
void show_column(const SIMT_GRID_CONSTANT ColumnParams p, void* out) {
  auto* smem = simt::dynamic_shared<char>();
  simt::Mbarrier* came = silicon::begin_box(smem);
  if (simt::thread_idx().x == 0) {
    simt::mbarrier_arrive_expect_tx(came, p.bytes);
    if constexpr (RANK == 3) simt::tma_load_im2col_3d(smem, p.map, came, p.at[0], p.at[1], p.at[2], p.offsets);
    if constexpr (RANK == 4) simt::tma_load_im2col_4d(smem, p.map, came, p.at[0], p.at[1], p.at[2], p.at[3], p.offsets);
    if constexpr (RANK == 5)
      simt::tma_load_im2col_5d(smem, p.map, came, p.at[0], p.at[1], p.at[2], p.at[3], p.at[4], p.offsets);
  }
  simt::mbarrier_wait(came, 0);
  silicon::copy_from_shared(out, smem, silicon::image_bytes);
}

template <int RANK>
void show(const ColumnParams& params, void* out, Stream stream) {
  simt::launch(show_column<RANK>, {{1}, {silicon::box_threads}, silicon::box_shared_bytes, "show_column"}, stream,
               params, out);
}

void show_all(const ColumnCase& one, const void* in, void* out, Stream stream) {
  static constexpr decltype(&show<3>) by_rank[] = {show<3>, show<4>, show<5>};
  simt::Im2colTensor tensor{silicon::tensor_at(in, one.shape), one.lower, one.upper, one.channels, one.pixels};
  ColumnParams params{simt::encode_im2col(tensor), {}, {}, one.channels * one.pixels * 2};
  for (std::size_t i = 0; i < one.starts.size(); ++i) {
    for (std::size_t d = 0; d < one.shape.dims.size(); ++d) params.at[d] = one.starts[i].at[d];
    params.offsets = one.starts[i].offsets;
    by_rank[one.shape.dims.size() - 3](params, static_cast<char*>(out) + i * silicon::image_bytes, stream);
  }
}

TensorShape pixels_of(std::vector<unsigned> dims, Swizzle swizzle, std::vector<unsigned> strides = {}) {
  return {simt::TensorElement::f16, std::move(dims), std::move(strides), swizzle, simt::L2Promotion::none};
}

// A filter of 3 taps and a padding of 1 has lower -1 and upper -1.
std::vector<ColumnCase> cases() {
  return {
      {"3d_3_taps",
       pixels_of({24, 13, 3}, Swizzle::bytes_32),
       {-1},
       {-1},
       16,
       20,
       {{{0, -1, 0}, {0}}, {{0, -1, 0}, {1}}, {{0, 10, 1}, {2}}, {{16, 5, 2}, {2}}, {{0, 11, 2}, {0}}}},
      {"3d_valid",
       pixels_of({40, 9, 2}, Swizzle::none),
       {0},
       {-2},
       24,
       17,
       {{{0, 0, 0}, {0}}, {{24, 6, 0}, {2}}, {{0, 3, 1}, {1}}}},
      {"4d_3x3_taps",
       pixels_of({64, 7, 6, 2}, Swizzle::bytes_128),
       {-1, -1},
       {-1, -1},
       64,
       40,
       {{{0, -1, -1, 0}, {0, 0}},
        {{0, -1, -1, 0}, {2, 2}},
        {{0, 5, 4, 0}, {1, 0}},
        {{0, 3, 4, 1}, {2, 1}},
        {{32, 2, 2, 0}, {1, 1}}}},
      {"4d_stride_2",
       pixels_of({32, 11, 9, 2}, Swizzle::bytes_64, {1, 2, 2, 1}),
       {-1, -1},
       {-1, -1},
       32,
       33,
       {{{0, -1, -1, 0}, {0, 0}}, {{0, -1, -1, 0}, {1, 2}}, {{0, 5, 7, 0}, {2, 2}}, {{0, 9, 7, 1}, {1, 1}}}},
      {"4d_5x5_dilated",
       pixels_of({16, 12, 10, 2}, Swizzle::bytes_32),
       {-4, -4},
       {-4, -4},
       16,
       50,
       {{{0, -4, -4, 0}, {0, 8}}, {{0, 7, 5, 0}, {8, 8}}, {{0, 0, 0, 1}, {4, 2}}}},
      {"4d_uneven_box",
       pixels_of({16, 10, 8, 2}, Swizzle::none),
       {-2, 0},
       {1, -3},
       8,
       60,
       {{{0, -2, 0, 0}, {0, 3}}, {{8, 10, 4, 0}, {2, 0}}, {{0, 4, 2, 1}, {1, 1}}}},
      {"5d_3x3x3_taps",
       pixels_of({32, 5, 4, 3, 2}, Swizzle::bytes_64),
       {-1, -1, -1},
       {-1, -1, -1},
       32,
       45,
       {{{0, -1, -1, -1, 0}, {0, 0, 0}},
        {{0, -1, -1, -1, 0}, {2, 2, 2}},
        {{0, 3, 2, 1, 0}, {1, 2, 0}},
        {{0, 2, 1, 1, 1}, {2, 0, 1}}}},
      {"4d_narrow_channels",
       pixels_of({16, 7, 6, 2}, Swizzle::bytes_128),
       {-1, -1},
       {-1, -1},
       16,
       30,
       {{{0, -1, -1, 0}, {0, 0}}, {{0, 2, 3, 1}, {2, 2}}},
       "where pixels lie that are shorter than their swizzle: no manual says it"},
  };
}

std::vector<silicon::Probe> all() {
  std::vector<silicon::Probe> made;
  for (const ColumnCase& one : cases()) {
    silicon::Probe probe{std::string("tma_im2col/") + one.name,
                         {90},
                         silicon::Inputs::bits,
                         silicon::tensor_bytes(one.shape),
                         silicon::Outputs::bits,
                         one.starts.size() * silicon::image_bytes,
                         {},
                         [one](const void* in, void* out, Stream stream) { show_all(one, in, out, stream); }};
    probe.open = one.open;
    made.push_back(std::move(probe));
  }
  return made;
}

const silicon::RegisterProbes these{simt::device_kind, all()};

}  // namespace
}  // namespace kernelgate::sm90_tma_im2col
