// Boxes and their images in shared memory, against a model that goes element by element, and against what a GPU gave.

#include "kernels/simt/host/tensor_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <source_location>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/op/random.h"
#include "kernels/simt/host/element_add.h"
#include "kernels/simt/tensor_map.h"
#include "kernels/simt/tensor_map_rules.h"

namespace kernelgate::simt::executor {
namespace {

const Operation operation{"test", std::source_location::current()};

struct Shared {
  alignas(1024) std::array<std::byte, 1 << 16> bytes;
};

int between(Random& random, int least, int most) {
  return least + static_cast<int>(random.bits() % static_cast<unsigned>(most - least + 1));
}

// A random tensor whose every byte is random, with room between its rows.
struct RandomTensor {
  std::vector<std::byte> memory;
  GlobalTensor tensor;

  RandomTensor(Random& random, unsigned least_rank) {
    constexpr TensorElement elements[] = {TensorElement::u8, TensorElement::f16, TensorElement::f32,
                                          TensorElement::f64};
    tensor.element = elements[random.bits() % 4];
    tensor.rank = static_cast<unsigned>(between(random, static_cast<int>(least_rank), 5));
    std::uint64_t bytes = bytes_of(tensor.element);
    for (unsigned i = 0; i < tensor.rank; ++i) {
      tensor.dims[i] = static_cast<std::uint64_t>(between(random, 1, i == 0 ? 40 : 6));
      bytes = (bytes * tensor.dims[i] + 15) / 16 * 16 + 16 * (random.bits() % 3);
      if (i + 1 < tensor.rank) tensor.strides_bytes[i] = bytes;
      if (i > 0) tensor.element_strides[i] = static_cast<std::uint32_t>(between(random, 1, 3));
    }
    memory.resize(bytes + 16);
    for (std::byte& byte : memory) byte = static_cast<std::byte>(random.bits());
    const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    tensor.address = memory.data() + (16 - address % 16) % 16;
    tensor.swizzle = static_cast<Swizzle>(random.bits() % 4);
  }

  // A number of elements for the innermost side, as many bytes as the swizzle takes.
  std::uint32_t random_row(Random& random) const {
    const int most = tensor.swizzle == Swizzle::none ? 10 : static_cast<int>(swizzle_span(tensor.swizzle) / 16);
    return static_cast<std::uint32_t>(between(random, 1, most) * 16) /
           static_cast<std::uint32_t>(bytes_of(tensor.element));
  }
};

// The model: where the element of a tensor is; null if outside.
std::byte* element_at(const GlobalTensor& tensor, const std::vector<std::int64_t>& index) {
  auto* at = static_cast<std::byte*>(const_cast<void*>(tensor.address));
  for (unsigned i = 0; i < tensor.rank; ++i) {
    if (index[i] < 0 || static_cast<std::uint64_t>(index[i]) >= tensor.dims[i]) return nullptr;
    at += index[i] * static_cast<std::int64_t>(i == 0 ? bytes_of(tensor.element) : tensor.strides_bytes[i - 1]);
  }
  return at;
}

// The model: where byte `offset` of a plain image at `begin` goes. In each line of 128 bytes the chunks of 16 change
// places with the line's number.
std::size_t swizzled_place(Swizzle swizzle, std::size_t begin, std::size_t offset) {
  const std::size_t lines[] = {1, 2, 4, 8};
  const std::size_t address = begin + offset;
  const std::size_t line = address / 128;
  const std::size_t chunk = address % 128 / 16;
  return line * 128 + (chunk ^ line % lines[static_cast<unsigned>(swizzle)]) * 16 + address % 16;
}

// The indices of a box's elements in the order of the plain image.
using Elements = std::vector<std::vector<std::int64_t>>;

Elements tiled_elements(const TiledTensor& tiled, const BoxStart& start) {
  Elements all{{}};
  for (unsigned i = tiled.tensor.rank; i-- > 0;) {
    Elements longer;
    for (const auto& outer : all)
      for (std::uint32_t at = 0; at < tiled.box[i]; at += tiled.tensor.element_strides[i]) {
        auto index = outer;
        index.insert(index.begin(), start.coordinates[i] + static_cast<std::int64_t>(at));
        longer.push_back(index);
      }
    all = longer;
  }
  return all;
}

Elements im2col_elements(const Im2colTensor& im2col, const BoxStart& start) {
  const GlobalTensor& tensor = im2col.tensor;
  const auto spatial = tensor.rank - 2;
  // Every position of a dimension of an image, from `first` on.
  const auto positions = [&](unsigned i, std::int64_t first) {
    std::vector<std::int64_t> all;
    const auto last = static_cast<std::int64_t>(tensor.dims[i + 1]) - 1 + im2col.upper[i] + start.offsets[i];
    for (auto at = first; at <= last; at += tensor.element_strides[i + 1]) all.push_back(at);
    return all;
  };
  const auto lowest = [&](unsigned i) { return std::int64_t{im2col.lower[i]} + start.offsets[i]; };
  const auto first = [&](unsigned i) { return std::int64_t{start.coordinates[i + 1]} + start.offsets[i]; };
  Elements all;
  bool begun[3] = {false, false, false};  // the dimension was left once: it starts from its lowest now
  const auto from = [&](unsigned i) {
    const bool before = !begun[i];
    begun[i] = true;
    return i >= spatial ? std::vector<std::int64_t>{0} : positions(i, before ? first(i) : lowest(i));
  };
  for (std::int64_t n = start.coordinates[tensor.rank - 1];; ++n)
    for (const auto d : from(2))
      for (const auto h : from(1))
        for (const auto w : from(0)) {
          if (all.size() == std::size_t{im2col.pixels_per_column} * im2col.channels_per_pixel) return all;
          for (std::uint32_t c = 0; c < im2col.channels_per_pixel; ++c) {
            std::vector<std::int64_t> index{start.coordinates[0] + static_cast<std::int64_t>(c), w};
            if (spatial > 1) index.push_back(h);
            if (spatial > 2) index.push_back(d);
            index.push_back(n);
            all.push_back(index);
          }
        }
}

void check_load(const GlobalTensor& tensor, const TensorLayout& layout, const BoxStart& start, const Elements& elements,
                Random& random) {
  const std::size_t bytes = bytes_of(tensor.element);
  ASSERT_EQ(layout.box_bytes(), elements.size() * bytes);
  Shared shared, expected;
  const std::size_t begin = 1024 + 128 * (random.bits() % 16);
  ASSERT_LE(begin + box_footprint(layout), shared.bytes.size());
  shared.bytes.fill(std::byte{0xee});
  expected.bytes.fill(std::byte{0xee});
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::byte* from = element_at(tensor, elements[i]);
    std::byte* to = &expected.bytes[swizzled_place(layout.swizzle, begin, i * bytes)];
    if (from != nullptr)
      std::memcpy(to, from, bytes);
    else
      std::memset(to, 0, bytes);
    ASSERT_LT(static_cast<std::size_t>(to - expected.bytes.data()), begin + box_footprint(layout));
  }
  fill_box(layout, &shared.bytes[begin], 0xff);
  load_box(layout, start, &shared.bytes[begin]);
  ASSERT_EQ(std::memcmp(shared.bytes.data(), expected.bytes.data(), shared.bytes.size()), 0);
}

TEST(TensorCopy, LoadsTiledBoxesAsTheModelDoes) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    const RandomTensor source(random, 1);
    TiledTensor tiled{source.tensor, {}};
    BoxStart start;
    for (unsigned i = 0; i < source.tensor.rank; ++i) {
      tiled.box[i] = i == 0 ? source.random_row(random) : static_cast<std::uint32_t>(between(random, 1, 5));
      const int size = static_cast<int>(source.tensor.dims[i]);
      start.coordinates[i] = between(random, -static_cast<int>(tiled.box[i]) - 1, size + 1);
    }
    const TensorMap map = host::encode_tiled(tiled);
    check_load(source.tensor, decode(operation, map), start, tiled_elements(tiled, start), random);
    if (HasFatalFailure()) FAIL() << "seed " << seed;
  }
}

TEST(TensorCopy, LoadsColumnsOfPixelsAsTheModelDoes) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    const RandomTensor source(random, 3);
    Im2colTensor im2col{source.tensor, {}, {}, source.random_row(random), 0};
    im2col.pixels_per_column = static_cast<std::uint32_t>(between(random, 1, 40));
    BoxStart start;
    start.coordinates[0] = between(random, -3, 40);
    start.coordinates[source.tensor.rank - 1] = between(random, 0, 3);
    for (unsigned i = 0; i < source.tensor.rank - 2; ++i) {
      const int size = static_cast<int>(source.tensor.dims[i + 1]);
      im2col.lower[i] = between(random, -3, 2);
      im2col.upper[i] = between(random, std::max(-3, im2col.lower[i] + 1 - size), 4);
      start.coordinates[i + 1] = between(random, im2col.lower[i], size - 1 + im2col.upper[i]);
      start.offsets[i] = between(random, 0, 3);
    }
    const TensorMap map = host::encode_im2col(im2col);
    check_load(source.tensor, decode(operation, map), start, im2col_elements(im2col, start), random);
    if (HasFatalFailure()) FAIL() << "seed " << seed;
  }
}

// What a GPU gave: images of 4 x 4 pixels numbered from 1, columns of 16 pixels.
// Source: Triton, python/tutorials/gluon/12-tma-im2col.py, whose expected results these are.
TEST(TensorCopy, ColumnsAreThoseOfAGpu) {
  alignas(16) float images[2 * 16 * 32];
  for (int i = 0; i < 2 * 16 * 32; ++i) images[i] = static_cast<float>(i / 32 + 1);
  const auto column = [&](std::uint64_t batch, int corner, int n, int h, int w, int offset) {
    Im2colTensor im2col;
    im2col.tensor = {.element = TensorElement::f32,
                     .rank = 4,
                     .address = images,
                     .dims = {32, 4, 4, batch},
                     .strides_bytes = {128, 512, 2048},
                     .swizzle = Swizzle::bytes_128};
    im2col.lower = im2col.upper = {corner, corner};
    im2col.channels_per_pixel = 32;
    im2col.pixels_per_column = 16;
    const TensorMap map = host::encode_im2col(im2col);
    Shared shared;
    load_box(decode(operation, map), {{0, w, h, n}, {offset, offset}}, shared.bytes.data());
    std::vector<int> pixels;
    for (unsigned i = 0; i < 16; ++i) {
      float value;
      std::memcpy(&value, &shared.bytes[swizzled_place(Swizzle::bytes_128, 0, i * 128)], 4);
      pixels.push_back(static_cast<int>(value));
    }
    return pixels;
  };
  using Pixels = std::vector<int>;
  const Pixels all{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  EXPECT_EQ(column(1, 0, 0, 0, 0, 0), all);
  EXPECT_EQ(column(1, -1, 0, -1, -1, 0), (Pixels{0, 0, 0, 0, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11}));
  EXPECT_EQ(column(1, -1, 0, -1, -1, 1), all);
  EXPECT_EQ(column(2, 0, 0, 1, 3, 0), (Pixels{8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}));
  EXPECT_EQ(column(2, -1, 0, 1, 2, 0), (Pixels{7, 0, 9, 10, 11, 0, 0, 0, 0, 0, 17, 18, 19, 0, 21, 22}));
}

TEST(TensorCopy, StoresWhatLiesInsideAndNothingElse) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    RandomTensor target(random, 1);
    TiledTensor tiled{target.tensor, {}};
    BoxStart start;
    for (unsigned i = 0; i < target.tensor.rank; ++i) {
      tiled.box[i] = i == 0 ? target.random_row(random) : static_cast<std::uint32_t>(between(random, 1, 5));
      start.coordinates[i] = between(random, 0, static_cast<int>(target.tensor.dims[i]) + 1);
    }
    const TensorMap map = host::encode_tiled(tiled);
    const TensorLayout layout = decode(operation, map);
    Shared shared;
    const std::size_t begin = 128 * (random.bits() % 16);
    for (std::byte& byte : shared.bytes) byte = static_cast<std::byte>(random.bits());

    const std::size_t bytes = bytes_of(target.tensor.element);
    const std::vector<std::byte> before = target.memory;
    const Elements elements = tiled_elements(tiled, start);
    for (std::size_t i = 0; i < elements.size(); ++i)
      if (std::byte* to = element_at(target.tensor, elements[i]))
        std::memcpy(to, &shared.bytes[swizzled_place(layout.swizzle, begin, i * bytes)], bytes);
    const std::vector<std::byte> expected = target.memory;
    std::copy(before.begin(), before.end(), target.memory.begin());  // in place: its address is in the map

    store_box(layout, start, &shared.bytes[begin], StoreMode::copy);
    ASSERT_EQ(target.memory, expected) << "seed " << seed;
  }
}

template <class T>
T add(TensorElement element, T to, T from) {
  add_element(element, reinterpret_cast<std::byte*>(&to), reinterpret_cast<const std::byte*>(&from));
  return to;
}

TEST(TensorCopy, AddsInTheElementsType) {
  EXPECT_EQ(add<std::uint32_t>(TensorElement::u32, 0xfffffffe, 5), 3u);
  EXPECT_EQ(add<std::int32_t>(TensorElement::i32, -7, 3), -4);
  EXPECT_EQ(add<std::uint64_t>(TensorElement::u64, 1ull << 40, 1), (1ull << 40) + 1);
  EXPECT_EQ(add<float>(TensorElement::f32, 0x1p24f, 1.0f), 0x1p24f);
  EXPECT_EQ(add<f16>(TensorElement::f16, to_f16(2048), to_f16(1)), to_f16(2048)) << "ties to even";
  EXPECT_EQ(add<f16>(TensorElement::f16, to_f16(2050), to_f16(1)), to_f16(2052)) << "ties to even";
  EXPECT_EQ(add<f16>(TensorElement::f16, to_f16(65504), to_f16(65504)), to_f16(1e9f)) << "infinity";
  const auto bf16 = [](float value) { return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16); };
  EXPECT_EQ(add<std::uint16_t>(TensorElement::bf16, bf16(1.5f), bf16(-0.25f)), bf16(1.25f));
  EXPECT_EQ(add<std::uint16_t>(TensorElement::bf16, bf16(256), bf16(1)), bf16(256)) << "ties to even";
  EXPECT_EQ(add<std::uint16_t>(TensorElement::bf16, bf16(258), bf16(1)), bf16(260)) << "ties to even";
  EXPECT_TRUE(can_add(TensorElement::f16));
  EXPECT_FALSE(can_add(TensorElement::u8));
  EXPECT_FALSE(can_add(TensorElement::f64));
}

TEST(TensorCopy, AddsABoxElementByElement) {
  alignas(16) float target[4 * 8];
  for (int i = 0; i < 32; ++i) target[i] = 100;
  TiledTensor tiled{
      {.element = TensorElement::f32, .rank = 2, .address = target, .dims = {6, 4}, .strides_bytes = {32}}, {8, 2}};
  const TensorMap map = host::encode_tiled(tiled);
  Shared shared;
  for (int i = 0; i < 16; ++i) {
    const auto value = static_cast<float>(i);
    std::memcpy(&shared.bytes[static_cast<unsigned>(4 * i)], &value, 4);
  }
  store_box(decode(operation, map), {{1, 3}, {}}, shared.bytes.data(), StoreMode::add);
  for (int row = 0; row < 4; ++row)
    for (int x = 0; x < 8; ++x)
      EXPECT_EQ(target[row * 8 + x], row == 3 && x >= 1 && x < 6 ? 100 + static_cast<float>(x - 1) : 100);
}

}  // namespace
}  // namespace kernelgate::simt::executor
