#pragma once
// What a block's shared memory holds, as far as it is known: what its threads computed and stored there, such as where
// a tile's pixels are. What copies and matrices bring is not.

#include <cstdint>
#include <vector>

namespace kernelgate::predict {

/// Units  bytes, from the begin of the block's shared memory.
class SharedContents {
 public:
  /// The lower `bytes` of a value, 4 at most.
  void store(std::uint32_t address, unsigned bytes, std::uint32_t value);
  void forget(std::uint32_t address, std::uint32_t bytes);
  void forget_all() { known_.clear(); }
  /// False where some of it is not known.
  bool load(std::uint32_t address, unsigned bytes, std::uint32_t& value) const;

 private:
  std::vector<std::uint8_t> bytes_, known_;
};

}  // namespace kernelgate::predict
