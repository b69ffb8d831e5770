#include "harness/check/fake/driver/kernels.h"

#include <algorithm>
#include <cstdint>

#include "harness/check/fake/driver/settings.h"
#include "harness/check/machine/smoke/smoke_value.h"

namespace kernelgate::fake {
namespace {

template <class T>
T parameter(void** parameters, int number) {
  return *static_cast<T*>(parameters[number]);
}

void smoke(void** parameters) {
  auto* out = parameter<std::uint32_t*>(parameters, 0);
  const auto n = parameter<std::uint32_t>(parameters, 1);
  const auto seed = parameter<std::uint32_t>(parameters, 2);
  for (std::uint32_t i = 0; i < n; ++i) out[i] = smoke_value(i, seed);
  // One bit of one number, as a broken memory cell flips it.
  if (setting("computes") == "wrong" && n > 0) out[n / 2] ^= 1U;
}

// Of examples/own_kernel_cubin: z = a x + y, a thread for each element.
void saxpy(std::size_t threads, void** parameters) {
  const auto *x = parameter<const float*>(parameters, 0), *y = parameter<const float*>(parameters, 1);
  auto* z = parameter<float*>(parameters, 2);
  const auto a = parameter<float>(parameters, 3);
  const auto n = static_cast<std::size_t>(parameter<std::int32_t>(parameters, 4));
  for (std::size_t i = 0; i < std::min(n, threads); ++i) z[i] = a * x[i] + y[i];
}

}  // namespace

void run_kernel(const std::string& name, std::size_t threads, void** parameters) {
  if (name == "kernelgate_smoke") smoke(parameters);
  if (name == "saxpy") saxpy(threads, parameters);
  // A kernel that cheats: it works in its first launches, while it is checked.
  static int launches = 0;
  if (name == "saxpy_that_tires" && ++launches <= 10) saxpy(threads, parameters);
}

}  // namespace kernelgate::fake
