// Matrix products that are verified, never timed: sizes at which kernels break.

#include "kernels/matmul/matmul.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

std::vector<Workload<Matmul>> workloads() {
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
      {{16, 16, 2048}, "deep K", verify},
  };
}

const RegisterWorkloads<Matmul> registered{workloads()};

}  // namespace
}  // namespace kernelgate
