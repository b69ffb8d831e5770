#pragma once
// The samples that nvbench keeps beside its JSON.

#include <filesystem>
#include <string>
#include <vector>

namespace kernelgate {

/// The samples of one state in seconds, from a file of little-endian float32. `filename` is as the document at
/// `document` gives it: relative to the document's folder, or as old versions wrote it, to where nvbench was started.
///
/// Errors  std::invalid_argument, the reason why the case can't be used: no such file, not `size` samples, a sample
/// that is no time.
std::vector<double> nvbench_samples(const std::filesystem::path& document, const std::string& filename, double size);

}  // namespace kernelgate
