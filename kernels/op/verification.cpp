#include "kernels/op/verification.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <tuple>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"

namespace kernelgate {
namespace {

template <class T>
T element(std::span<const std::byte> bytes, std::int64_t index) {
  T value;
  std::memcpy(&value, bytes.data() + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
  return value;
}

double value_at(std::span<const std::byte> bytes, Type type, std::int64_t index) {
  switch (type) {
    case Type::f16:
      return to_float(element<f16>(bytes, index));
    case Type::bf16:
      return to_float(element<bf16>(bytes, index));
    case Type::i16:
      return element<std::int16_t>(bytes, index);
    case Type::f32:
      break;
  }
  return element<float>(bytes, index);
}

/// Poison is a NaN that no computation makes: all bits set.
std::int64_t count_poison(std::span<const std::byte> bytes, const TensorSpec& spec) {
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < spec.count; ++i)
    found += size_of(spec.type) == 2 ? element<std::uint16_t>(bytes, i) == 0xffffu
                                     : element<std::uint32_t>(bytes, i) == 0xffffffffu;
  return found;
}

/// How far off, in bounds: at most 1 is right. NaN is right only where NaN is expected, and an
/// infinity only where the same infinity is.
double error_ratio(double got, const Expected& expected) {
  if (std::isnan(expected.value)) return std::isnan(got) ? 0 : INFINITY;
  if (got == expected.value) return 0;
  if (!std::isfinite(got)) return INFINITY;
  return std::abs(got - expected.value) / expected.bound;
}

/// Of an element, where the output is one or several matrices.
struct Place {
  std::int64_t item, row, column;
};

Place place(std::int64_t index, std::int64_t rows, std::int64_t columns) {
  return {index / columns / rows, index / columns % rows, index % columns};
}

std::string named(std::int64_t index, std::int64_t rows, std::int64_t columns) {
  if (columns == 0) return "index " + std::to_string(index);
  const Place at = place(index, rows, columns);
  return "row " + std::to_string(at.row) + ", column " + std::to_string(at.column) +
         (at.item == 0 ? "" : " of item " + std::to_string(at.item));
}

/// Where the tiles with wrong outputs are, in the order of rows of tiles.
void count_tiles(Verification& found, const TensorSpec& spec, std::span<const std::int64_t> wrong) {
  found.rows = spec.rows;
  found.columns = spec.columns;
  if (spec.columns == 0) return;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::int64_t> tiles;  // to an index in each
  for (const std::int64_t index : wrong) {
    const Place at = place(index, spec.rows, spec.columns);
    tiles.try_emplace({at.item, at.row / Verification::tile, at.column / Verification::tile}, index);
  }
  found.wrong_tiles = std::ssize(tiles);
  if (!tiles.empty()) found.first_wrong_index = tiles.begin()->second;
}

}  // namespace

std::string Verification::describe() const {
  const auto number = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return std::string(text);
  };
  if (right)
    return "right: " + std::to_string(checked) + " of " + std::to_string(outputs) + " outputs compared, worst error " +
           number(max_error_ratio) + " of the bound";
  std::string text = "wrong:";
  if (!guards_intact) text += " wrote outside its output;";
  if (!spoilt_input.empty()) text += " changed its input " + spoilt_input + ";";
  if (unwritten > 0)
    text += " left " + std::to_string(unwritten) + " of " + std::to_string(outputs) + " outputs unwritten;";
  if (wrong > 0) {
    text += " " + std::to_string(wrong) + " of " + std::to_string(checked) + " outputs compared are off";
    if (columns > 0) {
      const Place at = place(first_wrong_index, rows, columns);
      text += ", in " + std::to_string(wrong_tiles) + (wrong_tiles == 1 ? " tile" : " tiles") +
              " of 128 x 128, the first from row " + std::to_string(at.row / tile * tile) + ", column " +
              std::to_string(at.column / tile * tile) + " on";
    }
    text += "; worst at " + named(worst_index, rows, columns) + ": got " + number(worst_got) + ", expected " +
            number(worst_expected) + ", " + number(max_error_ratio) + " times the bound;";
  }
  text.pop_back();
  return text;
}

std::size_t bytes_of(const TensorSpec& spec) { return static_cast<std::size_t>(spec.count) * size_of(spec.type); }

Verification compare(const TensorSpec& spec, std::span<const std::byte> output, std::span<const std::int64_t> indices,
                     std::span<const Expected> expected) {
  Verification found;
  found.outputs = spec.count;
  found.checked = static_cast<std::int64_t>(indices.size());
  found.unwritten = count_poison(output, spec);
  std::vector<std::int64_t> wrong;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const double got = value_at(output, spec.type, indices[i]);
    const double ratio = error_ratio(got, expected[i]);
    if (std::isfinite(got) && std::isfinite(expected[i].value))
      found.max_error = std::max(found.max_error, std::abs(got - expected[i].value));
    if (!(ratio <= 1)) wrong.push_back(indices[i]);
    if (found.worst_index < 0 || ratio > found.max_error_ratio) {
      found.max_error_ratio = ratio;
      found.worst_index = indices[i];
      found.worst_got = got;
      found.worst_expected = expected[i].value;
    }
  }
  found.wrong = std::ssize(wrong);
  count_tiles(found, spec, wrong);
  found.right = found.wrong == 0 && found.unwritten == 0;
  return found;
}

std::vector<std::int64_t> differences(const TensorSpec& spec, std::span<const std::byte> one,
                                      std::span<const std::byte> other, double tolerance) {
  std::vector<std::int64_t> found;
  for (std::int64_t i = 0; i < spec.count; ++i) {
    const double a = value_at(one, spec.type, i), b = value_at(other, spec.type, i);
    // Equal infinities have no difference that is a number.
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    if (!(std::abs(a - b) <= tolerance)) found.push_back(i);
  }
  return found;
}

}  // namespace kernelgate
