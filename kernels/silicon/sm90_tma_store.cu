// TMA stores of boxes, and those that add.

#include <utility>

#include "kernels/silicon/box_cases.h"
#include "kernels/silicon/box_kernels.h"
#include "kernels/silicon/probe.h"

namespace kernelgate::sm90_tma_store {
namespace {

using silicon::BoxCase;
using silicon::BoxParams;
using silicon::Inputs;
using silicon::Outputs;
using simt::TensorElement;

template <int RANK, bool ADD>
void show(const BoxParams& params, const void* in, Stream stream) {
  simt::launch(silicon::show_store<RANK, ADD>, {{1}, {silicon::box_threads}, silicon::box_shared_bytes, "show_store"},
               stream, params, in);
}

SIMT_KERNEL(128) void copy(const std::uint32_t* in, std::uint32_t* out, unsigned words) {
  for (unsigned i = simt::thread_idx().x; i < words; i += 128) simt::store_global(out + i, simt::load_global(in + i));
}

/// Each corner's box goes to a tensor of its own. Sums begin from the inputs, behind the image.
template <bool ADD>
void show_all(const BoxCase& one, const void* in, void* out, Stream stream) {
  static constexpr decltype(&show<1, ADD>) by_rank[] = {show<1, ADD>, show<2, ADD>, show<3, ADD>, show<4, ADD>,
                                                        show<5, ADD>};
  const std::size_t bytes = silicon::tensor_bytes(one.shape);
  for (std::size_t corner = 0; corner < one.at.size(); ++corner) {
    char* to = static_cast<char*>(out) + corner * bytes;
    if constexpr (ADD)
      simt::launch(copy, {{1}, {128}, 0, "copy"}, stream,
                   static_cast<const std::uint32_t*>(in) + silicon::image_bytes / 4,
                   reinterpret_cast<std::uint32_t*>(to), static_cast<unsigned>(bytes / 4));
    simt::TiledTensor tiled{silicon::tensor_at(to, one.shape), {}};
    for (std::size_t i = 0; i < one.box.size(); ++i) tiled.box[i] = one.box[i];
    BoxParams params{simt::encode_tiled(tiled), {}, one.offset, silicon::box_bytes(one), simt::CacheHint::evict_normal};
    for (std::size_t i = 0; i < one.at[corner].size(); ++i) params.at[i] = one.at[corner][i];
    by_rank[one.box.size() - 1](params, in, stream);
  }
}

template <bool ADD>
silicon::Probe probe_of(const BoxCase& one, Inputs inputs, Outputs outputs) {
  const std::size_t bytes = silicon::tensor_bytes(one.shape);
  silicon::Probe probe{(ADD ? "tma_reduce_add/" : "tma_store/") + one.name,
                       {90},
                       inputs,
                       silicon::image_bytes + (ADD ? bytes : 0),
                       outputs,
                       one.at.size() * bytes,
                       {},
                       [one](const void* in, void* out, Stream stream) { show_all<ADD>(one, in, out, stream); }};
  probe.open = one.open;
  return probe;
}

bool adds(TensorElement element, Inputs& inputs, Outputs& outputs) {
  inputs = Inputs::bits;
  outputs = Outputs::bits;
  switch (element) {
    case TensorElement::u32:
    case TensorElement::i32:
    case TensorElement::u64:
      return true;
    case TensorElement::f16:
      inputs = Inputs::integers_f16;
      outputs = Outputs::f16;
      return true;
    case TensorElement::bf16:
      inputs = Inputs::integers_bf16;
      outputs = Outputs::bf16;
      return true;
    case TensorElement::f32:
      inputs = Inputs::integers_f32;
      outputs = Outputs::f32;
      return true;
    default:
      return false;
  }
}

std::vector<silicon::Probe> all() {
  std::vector<silicon::Probe> made;
  for (BoxCase one : silicon::box_cases(false)) {
    made.push_back(probe_of<false>(one, Inputs::bits, Outputs::bits));
    Inputs inputs;
    Outputs outputs;
    // Where the elements are but bits, sums are of halves.
    if (one.shape.element == TensorElement::u16 && !one.name.ends_with("u16")) one.shape.element = TensorElement::f16;
    if (adds(one.shape.element, inputs, outputs)) made.push_back(probe_of<true>(one, inputs, outputs));
  }
  return made;
}

const silicon::RegisterProbes these{simt::device_kind, all()};

}  // namespace
}  // namespace kernelgate::sm90_tma_store
