#pragma once
// A fact read from somewhere: its value, or the reason why it has none.

#include <optional>
#include <string>
#include <utility>

namespace kernelgate {

/// A fact that may be missing; then `reason` says why (never a 0 in its place).
template <class T>
struct Fact {
  std::optional<T> value;
  std::string reason;
};

template <class T>
Fact<T> missing(std::string reason) {
  return {std::nullopt, std::move(reason)};
}

}  // namespace kernelgate
