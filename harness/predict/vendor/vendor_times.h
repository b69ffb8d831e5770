#pragma once
// What the vendor's libraries were measured to take: one JSON file for each GPU that was at hand once.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/check/knowledge/embedded_texts.h"

namespace kernelgate {

/// The JSON files of harness/predict/vendor, as part of the program. Defined in a source that cmake/embed_texts.cmake
/// writes.
std::span<const EmbeddedText> vendor_texts();

namespace predict {

/// The quickest of its libraries. Units  seconds; 0: not known, of at most one of the two.
struct VendorTime {
  std::string problem;  ///< "matmul/f16_nt/256x256x256"
  double cold_s = 0, hot_s = 0;
  std::string cold_by, hot_by;  ///< "cublaslt"; empty where the time is not known
  std::string source;           ///< of what others published, where and on which day; empty: the file's
};

/// "cublas, cublaslt" where cold and hot are not of the same one.
std::string by_whom(const VendorTime&);

struct VendorTimes {
  std::string gpu, measured, on, source;
  std::vector<VendorTime> times;
  const VendorTime* find(std::string_view problem) const;
};

/// Errors  HarnessError(usage) that names the file and the field.
VendorTimes parse_vendor_times(std::string_view text, const std::string& file);

/// Of a GPU that comes with the program ("h200-sxm"). Nothing: none was ever measured.
std::optional<VendorTimes> vendor_times(const std::string& gpu);

}  // namespace predict
}  // namespace kernelgate
