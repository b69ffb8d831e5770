#pragma once
// Driver versions: dotted numbers, compared field by field.

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kernelgate {

/// "535.104.05": two to four numeric fields, leading zeros allowed and without meaning.
class Version {
 public:
  /// Nothing when the text is not such a number.
  static std::optional<Version> parse(std::string_view text);
  int branch() const { return fields_[0]; }
  bool same_minor(const Version& other) const;  ///< the first two fields are equal
  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }

 private:
  explicit Version(std::vector<int> fields) : fields_(std::move(fields)) {}
  std::vector<int> fields_;  // missing fields count as 0: 580.65 == 580.65.0
};

}  // namespace kernelgate
