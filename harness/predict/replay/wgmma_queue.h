#pragma once
// The products that a warpgroup has asked the Tensor Cores for.

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace kernelgate::predict {

/// A product begins when all of the group's warps have issued it and the Tensor Cores are free; products of one
/// multiprocessor follow each other. Units  cycles.
class WgmmaQueue {
 public:
  struct Figures {
    double tail = 0;        ///< from a product's last cycle on the Tensor Cores until its sums are there
    std::size_t depth = 6;  ///< products that wait or go on at once; the next one can't be issued
  };
  static constexpr std::size_t warps = 4;

  explicit WgmmaQueue(Figures figures) : figures_(figures) {}

  /// When the warp's next product finds a place. Nothing: not known yet.
  std::optional<double> place(std::size_t warp) const;
  /// `tensor_free`: when the multiprocessor's Tensor Cores are; moved on by `busy`.
  void issue(std::size_t warp, double at, double busy, bool commits, double& tensor_free);
  /// When all but the last `left` groups of a warp have ended. Nothing: not known yet.
  std::optional<double> ended(std::size_t warp, std::size_t left) const;

 private:
  struct Product {
    std::size_t issued_by = 0;
    double issued = 0, ends = -1;  ///< on the Tensor Cores; below 0: not known
  };
  Figures figures_;
  std::vector<Product> products_;
  std::array<std::size_t, warps> next_{};
  std::array<std::vector<std::size_t>, warps> groups_;  ///< products until each commit
};

}  // namespace kernelgate::predict
