// What encode_tiled and encode_im2col refuse, and that the text names the parameter; the swizzle's pattern.

#include "kernels/simt/tensor_map.h"

#include <gmock/gmock.h>

#include <string>

#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::HasSubstr;

alignas(64) std::byte memory[1024];

TiledTensor matrix() {
  TiledTensor tiled;
  tiled.tensor = {.name = "A", .rank = 2, .address = memory, .dims = {40, 8}, .strides_bytes = {80}};
  tiled.box = {32, 4};
  return tiled;
}

Im2colTensor images() {
  Im2colTensor im2col;
  im2col.tensor = {.name = "X", .rank = 4, .address = memory, .dims = {16, 5, 4, 2}, .strides_bytes = {32, 160, 640}};
  im2col.lower = {-1, -1};
  im2col.upper = {-1, -1};
  im2col.channels_per_pixel = 8;
  im2col.pixels_per_column = 32;
  return im2col;
}

template <class Tensor>
std::string refusal(const Tensor& tensor) {
  try {
    if constexpr (std::is_same_v<Tensor, TiledTensor>)
      encode_tiled(tensor);
    else
      encode_im2col(tensor);
  } catch (const InvalidTensorMap& error) {
    return error.what();
  }
  return {};
}

#define EXPECT_REFUSED(tensor, change, text)  \
  do {                                        \
    auto t = tensor;                          \
    change;                                   \
    EXPECT_THAT(refusal(t), HasSubstr(text)); \
  } while (false)
#define EXPECT_TAKEN(tensor, change) \
  do {                               \
    auto t = tensor;                 \
    change;                          \
    EXPECT_EQ(refusal(t), "");       \
  } while (false)

TEST(TensorMap, IsWhatADriverTakes) {
  static_assert(sizeof(TensorMap) == 128 && alignof(TensorMap) == 64);
  EXPECT_EQ(refusal(matrix()), "");
  EXPECT_EQ(refusal(images()), "");
}

TEST(TensorMap, RefusesBadTensorsByName) {
  EXPECT_REFUSED(matrix(), t.tensor.rank = 0, "tensor map A: rank is 0, must be 1 to 5");
  EXPECT_REFUSED(matrix(), t.tensor.rank = 6, "rank is 6");
  EXPECT_REFUSED(images(), t.tensor.rank = 2, "tensor map X: rank is 2, must be 3 to 5");
  EXPECT_REFUSED(matrix(), t.tensor.address = nullptr, "address is null");
  EXPECT_REFUSED(matrix(), t.tensor.address = memory + 8, "address is 8 bytes past a multiple of 16");
  EXPECT_REFUSED(matrix(), t.tensor.dims[1] = 0, "dims[1] is 0, must be 1 to 2^32");
  EXPECT_REFUSED(matrix(), t.tensor.dims[0] = (1ull << 32) + 1, "dims[0] is 4294967297");
  EXPECT_TAKEN(matrix(), t.tensor.dims[1] = 1ull << 32);
  EXPECT_REFUSED(matrix(), t.tensor.strides_bytes[0] = 82, "strides_bytes[0] is 82, must be a multiple of 16");
  EXPECT_REFUSED(matrix(), t.tensor.strides_bytes[0] = 1ull << 40, "must be below 2^40");
  EXPECT_TAKEN(matrix(), t.tensor.strides_bytes[0] = (1ull << 40) - 16);
  EXPECT_TAKEN(matrix(), t.tensor.strides_bytes[1] = 7);  // of a dimension that there is not
  EXPECT_REFUSED(matrix(), t.tensor.element_strides[0] = 2, "element_strides[0] is 2, must be 1");
  EXPECT_REFUSED(matrix(), t.tensor.element_strides[1] = 0, "element_strides[1] is 0, must be 1 to 8");
  EXPECT_REFUSED(matrix(), t.tensor.element_strides[1] = 9, "element_strides[1] is 9");
  EXPECT_TAKEN(matrix(), t.tensor.element_strides[1] = 8);
}

TEST(TensorMap, RefusesBadBoxes) {
  EXPECT_REFUSED(matrix(), t.box[0] = 0, "box[0] is 0, must be 1 to 256");
  EXPECT_REFUSED(matrix(), t.box[1] = 257, "box[1] is 257");
  EXPECT_TAKEN(matrix(), (t.box = {256, 256}));
  EXPECT_REFUSED(matrix(), t.box[0] = 12, "box[0] is 12 elements = 24 bytes, must be a multiple of 16 bytes");
  EXPECT_REFUSED(matrix(), t.tensor.swizzle = Swizzle::bytes_32,
                 "64 bytes, must be at most the 32 bytes of the swizzle");
  EXPECT_TAKEN(matrix(), t.tensor.swizzle = Swizzle::bytes_64);
  EXPECT_REFUSED(matrix(), (t.tensor.swizzle = Swizzle::bytes_128, t.box[0] = 72), "at most the 128 bytes");
}

TEST(TensorMap, RefusesBadColumns) {
  EXPECT_REFUSED(images(), t.channels_per_pixel = 257, "channels_per_pixel is 257, must be 1 to 256");
  EXPECT_REFUSED(images(), t.channels_per_pixel = 4, "channels_per_pixel is 4 elements = 8 bytes");
  EXPECT_REFUSED(images(), t.pixels_per_column = 0, "pixels_per_column is 0, must be 1 to 1024");
  EXPECT_REFUSED(images(), t.pixels_per_column = 1025, "pixels_per_column is 1025");
  EXPECT_REFUSED(images(), t.lower[1] = -129, "lower[1] is -129, must be -128 to 127 at rank 4");
  EXPECT_REFUSED(images(), t.upper[0] = 128, "upper[0] is 128");
  EXPECT_TAKEN(images(), t.upper[0] = 127);
  EXPECT_REFUSED(images(), t.upper[0] = -6,
                 "the box reaches from -1 (lower[0]) to -2 (dims[1] - 1 + upper[0]): it is empty");
  EXPECT_TAKEN(images(), t.upper[0] = -5);  // one pixel wide
  EXPECT_TAKEN(images(), (t.tensor.rank = 3, t.lower[0] = -32768, t.lower[1] = 999));
  EXPECT_REFUSED(images(), (t.tensor.rank = 5, t.tensor.dims[4] = 1, t.lower[2] = -17), "must be -16 to 15 at rank 5");
}

// The manual's tables: which chunk stands where in each line of 128 bytes.
TEST(Swizzle, IsThatOfTheManual) {
  const unsigned of_32[2][8] = {{0, 1, 2, 3, 4, 5, 6, 7}, {1, 0, 3, 2, 5, 4, 7, 6}};
  const unsigned of_64[4][8] = {
      {0, 1, 2, 3, 4, 5, 6, 7}, {1, 0, 3, 2, 5, 4, 7, 6}, {2, 3, 0, 1, 6, 7, 4, 5}, {3, 2, 1, 0, 7, 6, 5, 4}};
  const unsigned of_128[8][8] = {{0, 1, 2, 3, 4, 5, 6, 7}, {1, 0, 3, 2, 5, 4, 7, 6}, {2, 3, 0, 1, 6, 7, 4, 5},
                                 {3, 2, 1, 0, 7, 6, 5, 4}, {4, 5, 6, 7, 0, 1, 2, 3}, {5, 4, 7, 6, 1, 0, 3, 2},
                                 {6, 7, 4, 5, 2, 3, 0, 1}, {7, 6, 5, 4, 3, 2, 1, 0}};
  for (unsigned line = 0; line < 32; ++line)
    for (unsigned place = 0; place < 8; ++place)
      for (const unsigned byte : {0u, 7u, 15u}) {
        const auto chunk_at = [&](unsigned chunk) { return line * 128 + chunk * 16 + byte; };
        const unsigned to = chunk_at(place);
        EXPECT_EQ(swizzled(Swizzle::none, to), to);
        EXPECT_EQ(swizzled(Swizzle::bytes_32, chunk_at(of_32[line % 2][place])), to);
        EXPECT_EQ(swizzled(Swizzle::bytes_64, chunk_at(of_64[line % 4][place])), to);
        EXPECT_EQ(swizzled(Swizzle::bytes_128, chunk_at(of_128[line % 8][place])), to);
      }
}

}  // namespace
}  // namespace kernelgate::simt
