#pragma once
// Convolutions of other networks, as rows of a table: depthwise, one-dimensional, image generators, detectors,
// vocoders.
//
// Source  MobileNetV2 (Sandler et al. 2018), MobileNetV3 (Howard et al. 2019), ConvNeXt (Liu et al. 2022), Whisper
// (Radford
//         et al. 2022), Stable Diffusion 1 (Rombach et al. 2022), S3FD (Zhang et al. 2017), HiFi-GAN (Kong et al.
//         2020). Only shapes; ReLU6 and LeakyReLU are timed as ReLU.

#include <cstdint>

#include "kernels/conv2d/shape.h"

namespace kernelgate::conv2d {

struct OtherLayer {
  const char* name;
  Shape shape;               ///< of one image
  std::int64_t large_batch;  ///< 1: the tensors of more would be gigabytes
  bool in_default = false;   ///< one image, in the suite "default"
};

constexpr OtherLayer depthwise_of(const char* name, std::int64_t c, std::int64_t size, std::int64_t taps,
                                  std::int64_t stride, bool relu, bool in_default = false) {
  return {name,
          {.image = size,
           .c = c,
           .k = c,
           .filter = taps,
           .stride = stride,
           .pad = taps / 2,
           .groups = c,
           .bias = true,
           .relu = relu},
          32,
          in_default};
}

constexpr OtherLayer square_3x3(const char* name, std::int64_t c, std::int64_t size, std::int64_t k,
                                std::int64_t large_batch, bool relu = false, bool in_default = false) {
  return {name,
          {.image = size, .c = c, .k = k, .filter = 3, .pad = 1, .bias = true, .relu = relu},
          large_batch,
          in_default};
}

constexpr OtherLayer audio(const char* name, std::int64_t c, std::int64_t k, std::int64_t stride,
                           bool in_default = false) {
  return {name,
          {.image = {1, 3000},
           .c = c,
           .k = k,
           .filter = {1, 3},
           .stride = {1, stride},
           .pad = {0, 1},
           .bias = true,
           .activation = Conv2d::Activation::gelu},
          32,
          in_default};
}

constexpr OtherLayer other_layers[] = {
    depthwise_of("mobilenetv2 dw3 112", 32, 112, 3, 1, true),
    depthwise_of("mobilenetv2 dw3 s2 112", 96, 112, 3, 2, true),
    depthwise_of("mobilenetv2 dw3 56", 144, 56, 3, 1, true, true),
    depthwise_of("mobilenetv2 dw3 28", 192, 28, 3, 1, true),
    depthwise_of("mobilenetv2 dw3 14", 384, 14, 3, 1, true),
    depthwise_of("mobilenetv2 dw3 7", 960, 7, 3, 1, true),
    depthwise_of("mobilenetv3 dw5 28", 120, 28, 5, 1, true),
    depthwise_of("convnext-t dw7 56", 96, 56, 7, 1, false, true),
    depthwise_of("convnext-t dw7 28", 192, 28, 7, 1, false),
    depthwise_of("convnext-t dw7 14", 384, 14, 7, 1, false),
    depthwise_of("convnext-t dw7 7", 768, 7, 7, 1, false),
    {"convnext-t stem", {.image = 224, .c = 3, .k = 96, .filter = 4, .stride = 4, .bias = true}, 32},
    {"convnext-t down", {.image = 56, .c = 96, .k = 192, .filter = 2, .stride = 2, .bias = true}, 32},
    audio("whisper-large conv1", 128, 1280, 1, true),
    audio("whisper-large conv2", 1280, 1280, 2),
    audio("whisper-tiny conv1", 80, 384, 1),
    audio("whisper-tiny conv2", 384, 384, 2),
    square_3x3("sd-unet 64", 320, 64, 320, 32),
    square_3x3("sd-unet 32", 640, 32, 640, 32),
    square_3x3("sd-unet 16", 1280, 16, 1280, 32, false, true),
    square_3x3("sd-unet 8", 1280, 8, 1280, 32),
    square_3x3("sd-unet skip 16", 2560, 16, 1280, 32),
    square_3x3("sd-unet skip 64", 960, 64, 320, 32),
    {"sd-unet down 64", {.image = 64, .c = 320, .k = 320, .filter = 3, .stride = 2, .pad = 1, .bias = true}, 32},
    square_3x3("sd-vae 64", 512, 64, 512, 32),
    square_3x3("sd-vae 128", 512, 128, 512, 1),
    square_3x3("sd-vae 256", 512, 256, 512, 1),
    square_3x3("sd-vae 512 256", 256, 512, 256, 1),
    square_3x3("sd-vae 512 128", 128, 512, 128, 1),
    square_3x3("sd-vae conv_out", 128, 512, 3, 1, false, true),
    {"s3fd conv1_1 720p",
     {.image = {720, 1280}, .c = 3, .k = 64, .filter = 3, .pad = 1, .bias = true, .relu = true},
     1},
    {"s3fd conv1_2 720p",
     {.image = {720, 1280}, .c = 64, .k = 64, .filter = 3, .pad = 1, .bias = true, .relu = true},
     1},
    {"s3fd conv3_2 720p",
     {.image = {180, 320}, .c = 256, .k = 256, .filter = 3, .pad = 1, .bias = true, .relu = true},
     1},
    {"s3fd conv4_2 720p",
     {.image = {90, 160}, .c = 512, .k = 512, .filter = 3, .pad = 1, .bias = true, .relu = true},
     1},
    {"hifigan resblock k11",
     {.image = {1, 2048}, .c = 256, .k = 256, .filter = {1, 11}, .pad = {0, 5}, .relu = true},
     32},
    {"hifigan up k16 s8",
     {.image = {1, 256},
      .c = 512,
      .k = 256,
      .filter = {1, 16},
      .stride = {1, 8},
      .pad = {0, 4},
      .relu = true,
      .transposed = true},
     32},
};

}  // namespace kernelgate::conv2d
