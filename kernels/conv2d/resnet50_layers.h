#pragma once
// Every convolution of ResNet-50 v1.5 at 224x224 (stride in the 3x3 of each first block), as torchvision has it.
//
// Source  He et al. 2016, "Deep residual learning for image recognition", arXiv:1512.03385.

#include "kernels/conv2d/layer.h"

namespace kernelgate::conv2d {

// clang-format off
constexpr Layer resnet50_layers[] = {
    // name          C    H    W    K  RxS  s     p
    {"conv1",         3, 224, 224,  64, 7, 2, 2, 3, Epilogue::relu, 1, large_default},
    {"c2.b1.1x1a",   64, 56, 56,   64, 1, 1, 1, 0, Epilogue::relu, 1, smoke},
    {"c2.3x3",       64, 56, 56,   64, 3, 1, 1, 1, Epilogue::relu, 3},
    {"c2.proj",      64, 56, 56,  256, 1, 1, 1, 0, Epilogue::bias},
    {"c2.1x1b+res",  64, 56, 56,  256, 1, 1, 1, 0, Epilogue::residual_relu, 3, large_default},
    {"c2.1x1a",     256, 56, 56,   64, 1, 1, 1, 0, Epilogue::relu, 2},
    {"c3.b1.1x1a",  256, 56, 56,  128, 1, 1, 1, 0},
    {"c3.b1.3x3s2", 128, 56, 56,  128, 3, 2, 2, 1},
    {"c3.proj",     256, 56, 56,  512, 1, 2, 2, 0, Epilogue::bias},
    {"c3.1x1b+res", 128, 28, 28,  512, 1, 1, 1, 0, Epilogue::residual_relu, 4},
    {"c3.1x1a",     512, 28, 28,  128, 1, 1, 1, 0, Epilogue::relu, 3},
    {"c3.3x3",      128, 28, 28,  128, 3, 1, 1, 1, Epilogue::relu, 3, large_default},
    {"c4.b1.1x1a",  512, 28, 28,  256, 1, 1, 1, 0},
    {"c4.b1.3x3s2", 256, 28, 28,  256, 3, 2, 2, 1, Epilogue::relu, 1, large_default},
    {"c4.proj",     512, 28, 28, 1024, 1, 2, 2, 0, Epilogue::bias},
    {"c4.1x1b+res", 256, 14, 14, 1024, 1, 1, 1, 0, Epilogue::residual_relu, 6},
    {"c4.1x1a",    1024, 14, 14,  256, 1, 1, 1, 0, Epilogue::relu, 5, large_default},
    {"c4.3x3",      256, 14, 14,  256, 3, 1, 1, 1, Epilogue::relu, 5},
    {"c5.b1.1x1a", 1024, 14, 14,  512, 1, 1, 1, 0},
    {"c5.b1.3x3s2", 512, 14, 14,  512, 3, 2, 2, 1},
    {"c5.proj",    1024, 14, 14, 2048, 1, 2, 2, 0, Epilogue::bias},
    {"c5.1x1b+res", 512, 7, 7,   2048, 1, 1, 1, 0, Epilogue::residual_relu, 3},
    {"c5.1x1a",    2048, 7, 7,    512, 1, 1, 1, 0, Epilogue::relu, 2},
    {"c5.3x3",      512, 7, 7,    512, 3, 1, 1, 1, Epilogue::relu, 2, large_default},
};
// clang-format on

}  // namespace kernelgate::conv2d
