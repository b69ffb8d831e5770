// TMA loads of boxes, and the prefetches before them.

#include <utility>

#include "kernels/silicon/box_cases.h"
#include "kernels/silicon/box_kernels.h"
#include "kernels/silicon/probe.h"

namespace kernelgate::sm90_tma_load {
namespace {

using silicon::BoxCase;
using silicon::BoxParams;

template <int RANK>
void show(const BoxParams& params, void* out, Stream stream) {
  simt::launch(silicon::show_load<RANK>, {{1}, {silicon::box_threads}, silicon::box_shared_bytes, "show_load"}, stream,
               params, out);
}

constexpr simt::CacheHint hints[] = {simt::CacheHint::evict_normal, simt::CacheHint::evict_first,
                                     simt::CacheHint::evict_last};

void show_all(const BoxCase& one, const void* in, void* out, Stream stream) {
  static constexpr decltype(&show<1>) by_rank[] = {show<1>, show<2>, show<3>, show<4>, show<5>};
  simt::TiledTensor tiled{silicon::tensor_at(in, one.shape), {}};
  for (std::size_t i = 0; i < one.box.size(); ++i) tiled.box[i] = one.box[i];
  BoxParams params{simt::encode_tiled(tiled), {}, one.offset, silicon::box_bytes(one), simt::CacheHint::evict_normal};
  for (std::size_t corner = 0; corner < one.at.size(); ++corner) {
    for (std::size_t i = 0; i < one.at[corner].size(); ++i) params.at[i] = one.at[corner][i];
    params.hint = hints[corner % std::size(hints)];
    by_rank[one.box.size() - 1](params, static_cast<char*>(out) + corner * silicon::image_bytes, stream);
  }
}

std::vector<silicon::Probe> all() {
  std::vector<silicon::Probe> made;
  for (const BoxCase& one : silicon::box_cases(true)) {
    silicon::Probe probe{"tma_load/" + one.name,
                         {90},
                         silicon::Inputs::bits,
                         silicon::tensor_bytes(one.shape),
                         silicon::Outputs::bits,
                         one.at.size() * silicon::image_bytes,
                         {},
                         [one](const void* in, void* out, Stream stream) { show_all(one, in, out, stream); }};
    probe.open = one.open;
    made.push_back(std::move(probe));
  }
  return made;
}

const silicon::RegisterProbes these{simt::device_kind, all()};

}  // namespace
}  // namespace kernelgate::sm90_tma_load
