// wgmma of each n, with A in shared memory and in registers: n from 136 to 256.

#include <utility>

#include "kernels/silicon/wgmma_probe.h"

namespace kernelgate::sm90a_wgmma_high_n {
namespace {

constexpr simt::WgmmaForm form{};

template <int N>
void add(std::vector<silicon::Probe>& all) {
  const auto params = silicon::placed_alike<N, form>(simt::Swizzle::bytes_128);
  const std::string n = std::to_string(N);
  all.push_back(silicon::wgmma_probe<N, form, false>("wgmma/ss_n" + n, params, silicon::Inputs::integers_f16));
  all.push_back(silicon::wgmma_probe<N, form, true>("wgmma/rs_n" + n, params, silicon::Inputs::integers_f16));
}

template <int... EIGHTHS>
std::vector<silicon::Probe> each_n(std::integer_sequence<int, EIGHTHS...>) {
  std::vector<silicon::Probe> all;
  (add<8 * (EIGHTHS + 1 + 16)>(all), ...);
  return all;
}

const silicon::RegisterProbes these{simt::device_kind, each_n(std::make_integer_sequence<int, 16>{})};

}  // namespace
}  // namespace kernelgate::sm90a_wgmma_high_n
