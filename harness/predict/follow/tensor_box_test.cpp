// What TMA reads of a tensor, worked out by hand.

#include "harness/predict/follow/tensor_box.h"

#include <gtest/gtest.h>

namespace kernelgate::predict {
namespace {

/// Two images of 8 x 8 pixels with 40 f16 channels under a 3 x 3 filter with padding, in columns of 16 pixels and 32
/// channels.
TensorFacts images() {
  TensorFacts facts;
  facts.rank = 4;
  facts.address = 1 << 20;
  facts.dims = {40, 8, 8, 2};
  facts.strides = {2, 80, 640, 5120};
  facts.box = {32};
  facts.im2col = true;
  facts.pixels = 16;
  facts.steps = {1, 1, 1, 1};
  facts.lower = facts.upper = {-1, -1};
  return facts;
}

TEST(TensorBox, HasNoneOfWhatLiesOutside) {
  TensorFacts facts;
  facts.rank = 2;
  facts.address = 1 << 20;
  facts.dims = {100, 100};
  facts.strides = {2, 256};
  facts.box = {64, 64};
  const TensorBox inner = box_at(facts, {0, 0}), corner = box_at(facts, {64, 64});
  EXPECT_EQ(inner.global_bytes, 64u * 128);
  EXPECT_EQ(inner.sectors, 64u * 4);
  EXPECT_EQ(corner.shared_bytes, 64u * 128);
  EXPECT_EQ(corner.global_bytes, 36u * 72);
  EXPECT_EQ(corner.sectors, 36u * 3);
  EXPECT_NE(inner.number, corner.number);
}

TEST(TensorBox, AColumnGoesOnInTheNextRow) {
  // The first tap of the first 16 outputs: a row above the image, and one that begins left of it.
  const TensorBox first = column_at(images(), {0, -1, -1, 0}, {0, 0});
  EXPECT_EQ(first.shared_bytes, 16u * 64);
  EXPECT_EQ(first.global_bytes, 7u * 64);
  EXPECT_EQ(first.sectors, 7u * 2);
  const TensorBox middle = column_at(images(), {0, -1, -1, 0}, {1, 1});
  EXPECT_EQ(middle.global_bytes, 16u * 64);
  EXPECT_EQ(middle.number, first.number) << "the same lines, mostly";
  EXPECT_NE(column_at(images(), {0, -1, 1, 0}, {1, 1}).number, first.number);
  EXPECT_EQ(column_at(images(), {32, -1, -1, 0}, {1, 1}).global_bytes, 16u * 16) << "8 channels are left";
}

TEST(TensorBox, AColumnGoesOnInTheNextImage) {
  // The last row of image 0, the first of image 1, and the bottom tap: the former is outside, the latter inside.
  EXPECT_EQ(column_at(images(), {0, -1, 6, 0}, {1, 2}).global_bytes, 8u * 64);
  // Nothing comes behind the last image.
  EXPECT_EQ(column_at(images(), {0, -1, 6, 1}, {1, 1}).global_bytes, 8u * 64);
}

TEST(TensorBox, AStrideSkipsPixels) {
  TensorFacts facts = images();
  facts.steps = {1, 2, 2, 1};
  facts.pixels = 8;
  // Outputs 0 to 3 of two rows, at inputs -1, 1, 3, 5 by the first tap.
  EXPECT_EQ(column_at(facts, {0, -1, -1, 0}, {0, 0}).global_bytes, 3u * 64);
  EXPECT_EQ(column_at(facts, {0, -1, -1, 0}, {1, 1}).global_bytes, 8u * 64);
}

}  // namespace
}  // namespace kernelgate::predict
