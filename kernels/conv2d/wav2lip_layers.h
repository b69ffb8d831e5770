#pragma once
// Every convolution of the Wav2Lip generator at 96x96: face encoder (fe), audio encoder (ae), decoder (fd, out).
// Only shapes. Decoder blocks read the previous block joined with the encoder's: 1024 = 512 + 512 channels.
//
// Source  Prajwal et al. 2020, "A lip sync expert is all you need", arXiv:2008.10010, and its published code.

#include "kernels/conv2d/layer.h"

namespace kernelgate::conv2d {

// clang-format off
constexpr Layer wav2lip_layers[] = {
    // name     C    H   W   K  RxS  s     p
    {"fe0",      6, 96, 96,  16, 7, 1, 1, 3, Epilogue::relu, 1, smoke | large_default},
    {"fe1.0",   16, 96, 96,  32, 3, 2, 2, 1, Epilogue::relu, 1, smoke},
    {"fe1.res", 32, 48, 48,  32, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"fe2.0",   32, 48, 48,  64, 3, 2, 2, 1},
    {"fe2.res", 64, 24, 24,  64, 3, 1, 1, 1, Epilogue::residual_relu, 3, smoke},
    {"fe3.0",   64, 24, 24, 128, 3, 2, 2, 1},
    {"fe3.res", 128, 12, 12, 128, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"fe4.0",   128, 12, 12, 256, 3, 2, 2, 1},
    {"fe4.res", 256, 6, 6, 256, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"fe5.0",   256, 6, 6, 512, 3, 2, 2, 1},
    {"fe5.res", 512, 3, 3, 512, 3, 1, 1, 1, Epilogue::residual_relu},
    {"fe6.0",   512, 3, 3, 512, 3, 1, 1, 0},
    {"fe6.1",   512, 1, 1, 512, 1, 1, 1, 0},
    {"ae0",       1, 80, 16,  32, 3, 1, 1, 1},
    {"ae.res32", 32, 80, 16,  32, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"ae3",      32, 80, 16,  64, 3, 3, 1, 1},
    {"ae.res64", 64, 27, 16,  64, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"ae6",      64, 27, 16, 128, 3, 3, 3, 1},
    {"ae.res128", 128, 9, 6, 128, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"ae9",      128, 9, 6, 256, 3, 3, 2, 1},
    {"ae.res256", 256, 3, 3, 256, 3, 1, 1, 1, Epilogue::residual_relu},
    {"ae11",     256, 3, 3, 512, 3, 1, 1, 0},
    {"ae12",     512, 1, 1, 512, 1, 1, 1, 0},
    {"fd0",      512, 1, 1, 512, 1, 1, 1, 0},
    {"fd1.T",   1024, 1, 1, 512, 3, 1, 1, 0, Epilogue::relu, 1, everywhere, true},
    {"fd1.res",  512, 3, 3, 512, 3, 1, 1, 1, Epilogue::residual_relu},
    {"fd2.T",   1024, 3, 3, 512, 3, 2, 2, 1, Epilogue::relu, 1, everywhere, true, 1},
    {"fd2.res",  512, 6, 6, 512, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"fd3.T",    768, 6, 6, 384, 3, 2, 2, 1, Epilogue::relu, 1, everywhere, true, 1},
    {"fd3.res",  384, 12, 12, 384, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"fd4.T",    512, 12, 12, 256, 3, 2, 2, 1, Epilogue::relu, 1, smoke | large_default, true, 1},
    {"fd4.res",  256, 24, 24, 256, 3, 1, 1, 1, Epilogue::residual_relu, 2, large_default},
    {"fd5.T",    320, 24, 24, 128, 3, 2, 2, 1, Epilogue::relu, 1, everywhere, true, 1},
    {"fd5.res",  128, 48, 48, 128, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"fd6.T",    160, 48, 48,  64, 3, 2, 2, 1, Epilogue::relu, 1, large_default, true, 1},
    {"fd6.res",   64, 96, 96,  64, 3, 1, 1, 1, Epilogue::residual_relu, 2},
    {"out0",      80, 96, 96,  32, 3, 1, 1, 1, Epilogue::relu, 1, large_default},
    {"out1",     32, 96, 96,   3, 1, 1, 1, 0, Epilogue::sigmoid},
};
// clang-format on

}  // namespace kernelgate::conv2d
