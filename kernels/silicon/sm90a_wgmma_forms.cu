// The forms of wgmma, of one n: swizzles, major indices, types, signs; descriptors with a base offset.

#include "kernels/silicon/wgmma_probe.h"

namespace kernelgate::sm90a_wgmma_forms {
namespace {

using silicon::Inputs;
using silicon::WgmmaParams;
using simt::Major;
using simt::Swizzle;
using simt::WgmmaForm;
using simt::WgmmaInput;

constexpr int N = 64;
constexpr Swizzle swizzles[] = {Swizzle::none, Swizzle::bytes_32, Swizzle::bytes_64, Swizzle::bytes_128};
constexpr const char* words[] = {"plain", "swizzle_32", "swizzle_64", "swizzle_128"};

template <WgmmaForm form, bool RS>
void each_swizzle(std::vector<silicon::Probe>& all, const std::string& name) {
  const Inputs inputs = form.input == WgmmaInput::bf16 ? Inputs::integers_bf16 : Inputs::integers_f16;
  for (Swizzle swizzle : swizzles)
    all.push_back(silicon::wgmma_probe<N, form, RS>("wgmma/" + name + "_" + words[static_cast<int>(swizzle)],
                                                    silicon::placed_alike<N, form>(swizzle), inputs));
}

/// The pattern begins at a start that is no multiple of it: as the base offset tells, and without telling.
void base_offsets(std::vector<silicon::Probe>& all) {
  constexpr WgmmaForm form{};
  for (Swizzle swizzle : {Swizzle::bytes_32, Swizzle::bytes_64, Swizzle::bytes_128}) {
    const unsigned rows = simt::swizzle_period(swizzle) / 128;  // of 128 bytes
    for (unsigned row = 1; row < 8; row += row < 3 ? 1 : 2)
      for (bool told : {true, false}) {
        WgmmaParams params = silicon::placed_alike<N, form>(swizzle);
        params.a.start += 128 * row;
        params.b.start += 128 * row;
        if (told) params.a.base_offset = params.b.base_offset = row;
        silicon::Probe probe = silicon::wgmma_probe<N, form, false>(
            std::string("wgmma/start_128x") + std::to_string(row) + (told ? "_base_offset_" : "_no_base_offset_") +
                words[static_cast<int>(swizzle)],
            params, Inputs::integers_f16);
        if (told && row >= rows) probe.open = "what a base offset means that is beyond the pattern: no manual says it";
        all.push_back(std::move(probe));
      }
  }
}

std::vector<silicon::Probe> make() {
  std::vector<silicon::Probe> all;
  each_swizzle<WgmmaForm{}, false>(all, "ss_kk");
  each_swizzle<WgmmaForm{.a = Major::mn}, false>(all, "ss_mk");
  each_swizzle<WgmmaForm{.b = Major::mn}, false>(all, "ss_kn");
  each_swizzle<WgmmaForm{.a = Major::mn, .b = Major::mn}, false>(all, "ss_mn");
  each_swizzle<WgmmaForm{.b = Major::mn}, true>(all, "rs_kn");
  each_swizzle<WgmmaForm{.input = WgmmaInput::bf16}, false>(all, "ss_kk_bf16");
  each_swizzle<WgmmaForm{.input = WgmmaInput::bf16, .a = Major::mn, .b = Major::mn}, false>(all, "ss_mn_bf16");
  each_swizzle<WgmmaForm{.input = WgmmaInput::bf16}, true>(all, "rs_kk_bf16");
  each_swizzle<WgmmaForm{.negate_a = true}, false>(all, "ss_negative_a");
  each_swizzle<WgmmaForm{.negate_b = true}, false>(all, "ss_negative_b");
  each_swizzle<WgmmaForm{.negate_a = true, .negate_b = true}, true>(all, "rs_negative_a_and_b");
  base_offsets(all);

  constexpr WgmmaForm half{}, brain{.input = WgmmaInput::bf16};
  const WgmmaParams usual = silicon::placed_alike<N, half>(Swizzle::bytes_128);
  WgmmaParams leading = usual;  // is not looked at
  leading.a.leading = 48, leading.b.leading = 4096;
  all.push_back(silicon::wgmma_probe<N, half, false>("wgmma/leading_is_not_used", leading, Inputs::integers_f16));
  WgmmaParams wide = silicon::placed_alike<N, half>(Swizzle::none);
  wide.a.stride = 128, wide.a.leading = 1024, wide.b.stride = 384, wide.b.leading = 144;
  all.push_back(silicon::wgmma_probe<N, half, false>("wgmma/plain_far_chunks", wide, Inputs::integers_f16));
  const silicon::Tolerance sums = silicon::sums_of(2 * 16 + 1);
  all.push_back(silicon::wgmma_probe<N, half, false>("wgmma/ss_reals_f16", usual, Inputs::reals_f16, sums));
  all.push_back(silicon::wgmma_probe<N, half, true>("wgmma/rs_reals_f16", usual, Inputs::reals_f16, sums));
  all.push_back(silicon::wgmma_probe<N, brain, false>("wgmma/ss_reals_bf16", usual, Inputs::reals_bf16, sums));
  all.push_back(silicon::wgmma_probe<N, half, false>("wgmma/ss_subnormals_f16", usual, Inputs::subnormals_f16));
  return all;
}

const silicon::RegisterProbes these{simt::device_kind, make()};

}  // namespace
}  // namespace kernelgate::sm90a_wgmma_forms
