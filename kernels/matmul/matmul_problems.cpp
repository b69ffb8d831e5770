// The matrix products worth timing, and those that are verified only.

#include "kernels/matmul/matmul.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

std::vector<Workload<Matmul>> worth_timing() {
  // `shapes`: the 33 by which our kernels are held against cuBLAS.
  const std::vector<std::string> smoke{"smoke"}, usual{"default", "shapes"}, extended{"shapes"};
  using enum Layout;
  return {
      // Two CPU cores are done with these in a moment.
      {{256, 256, 256}, "small square", smoke},
      {{512, 512, 512}, "S1: launch latency, 8 large tiles", {"smoke", "default", "shapes"}},
      {{1000, 300, 512}, "no multiple of a tile", smoke},
      {{16, 2112, 7168}, "D2: decode, deepseek-v3 fused qkv-a", {"smoke", "default", "shapes"}},
      {{128, 128, 128, 8}, "small batch", smoke},
      {{255, 257, 129, 1, nn}, "odd leading dimensions", smoke},
      // Squares.
      {{1024, 1024, 1024}, "S2: tile-size choice", usual},
      {{2048, 2048, 2048}, "S3: one wave of an H100", usual},
      {{4096, 4096, 4096}, "S4: the usual headline", usual},
      {{8192, 8192, 8192}, "S5: power limit", usual},
      {{16384, 16384, 16384}, "S6: sustained power", extended},
      // Prefill.
      {{4096, 4096, 7168}, "P1: deepseek-v3 attention projection", usual},
      {{4096, 7168, 16384}, "P2: deepseek-v3 attention output", usual},
      {{4096, 24576, 1536}, "P3: deepseek-v3 q-b, wide and short K", usual},
      {{4096, 2112, 7168}, "P4: deepseek-v3 fused qkv-a, N no multiple of 128", usual},
      {{2048, 28672, 8192}, "P5: llama-70b gate/up", usual},
      {{8192, 8192, 512}, "P6: bound by its output", usual},
      // Decode.
      {{1, 7168, 16384}, "D1: matrix times vector, memory bandwidth", usual},
      {{16, 28672, 8192}, "D3: llama-70b gate/up, streams its weights", usual},
      {{64, 7168, 2048}, "D4: medium M", usual},
      {{128, 7168, 16384}, "D5: medium M, deep K", usual},
      {{256, 7168, 7168}, "D6: medium M, few tiles", usual},
      // Long and thin.
      {{128, 128, 16384}, "K1: one tile, deep K", usual},
      {{512, 512, 16384}, "K2: few tiles, deep K", usual},
      {{65536, 1024, 1024}, "K3: tall", usual},
      {{17024, 256, 4096}, "K4: 133 tiles for 132 multiprocessors", usual},
      {{8448, 9216, 1024}, "K5: exactly 18 waves of 132 multiprocessors", usual},
      // Unaligned.
      {{4095, 4095, 4095}, "U1: 2-byte alignment", usual},
      {{4100, 4100, 4100}, "U2: 8-byte alignment", usual},
      {{4096, 50257, 768}, "U3: gpt-2 output layer, odd N", usual},
      {{2000, 1000, 2000}, "U4: aligned, no multiple of a tile", usual},
      // Layouts.
      {{4096, 4096, 4096, 1, nn}, "L1: B contiguous along N", usual},
      {{7168, 2048, 8192, 1, tn}, "L2: gradient of the weights", usual},
      {{4096, 4096, 4096, 1, tt}, "L3: A contiguous along M", usual},
      // Batches.
      {{512, 512, 512, 16}, "B1: one wave", usual},
      {{256, 256, 256, 32}, "B2: many small", usual},
      {{1024, 1024, 128, 64}, "B3: attention scores", usual},
  };
}

/// Sizes at which kernels break.
std::vector<Workload<Matmul>> awkward() {
  const std::vector<std::string> verify{"verify"};
  using enum Layout;
  return {
      {{1, 1, 1}, "one of everything", verify},
      {{1, 257, 64}, "a single row", verify},
      {{257, 1, 64, 1, nn}, "a single column", verify},
      {{17, 31, 1, 1, tt}, "a single step of K", verify},
      {{33, 65, 0}, "nothing to add up: zeros", verify},
      {{127, 129, 67}, "primes and tile edges", verify},
      {{65, 63, 97, 1, nn}, "primes and tile edges, NN", verify},
      {{129, 127, 95, 1, tn}, "primes and tile edges, TN", verify},
      {{63, 131, 33, 1, tt}, "primes and tile edges, TT", verify},
      {{128, 256, 192}, "whole tiles", verify},
      {{96, 64, 128, 1, tn}, "whole tiles, TN", verify},
      {{31, 33, 35, 3}, "a batch of odd matrices", verify},
      {{64, 64, 64, 5, nn}, "a batch, NN", verify},
      {{65, 63, 97, 1, nt, Type::bf16}, "bf16, primes and tile edges", verify},
      {{72, 136, 40, 1, tn, Type::bf16, {.bias = true, .activation = Activation::gelu}}, "bf16, bias, GELU", verify},
      {{67, 71, 73, 2, nt, Type::f16, {.alpha = 0.5f, .beta = -2, .source = true}}, "alpha and beta", verify},
      {{64, 72, 80, 1, nn, Type::f16, {.bias = true, .activation = Activation::relu}}, "bias, ReLU", verify},
      {{16, 16, 2048}, "deep K", verify},
  };
}

const RegisterWorkloads<Matmul> timed{worth_timing()}, verified{awkward()};

}  // namespace
}  // namespace kernelgate
