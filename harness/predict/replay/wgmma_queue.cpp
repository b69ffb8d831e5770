#include "harness/predict/replay/wgmma_queue.h"

#include <algorithm>

namespace kernelgate::predict {

std::optional<double> WgmmaQueue::place(std::size_t warp) const {
  const std::size_t next = next_[warp];
  if (next < figures_.depth) return 0;
  const Product& before = products_[next - figures_.depth];
  if (before.ends < 0) return std::nullopt;
  return before.ends;
}

void WgmmaQueue::issue(std::size_t warp, double at, double busy, bool commits, double& tensor_free) {
  const std::size_t number = next_[warp]++;
  if (number == products_.size()) products_.emplace_back();
  Product& product = products_[number];
  product.issued = std::max(product.issued, at);
  if (++product.issued_by == warps) {
    tensor_free = std::max(tensor_free, product.issued) + busy;
    product.ends = tensor_free;
  }
  if (commits) groups_[warp].push_back(next_[warp]);
}

std::optional<double> WgmmaQueue::ended(std::size_t warp, std::size_t left) const {
  const auto& groups = groups_[warp];
  if (groups.size() <= left) return 0;
  const std::size_t products = groups[groups.size() - 1 - left];
  if (products == 0) return 0;
  const Product& last = products_[products - 1];
  if (last.ends < 0) return std::nullopt;
  return last.ends + figures_.tail;
}

}  // namespace kernelgate::predict
