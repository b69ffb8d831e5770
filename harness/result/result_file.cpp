// The result document on disk.

#include "harness/base/atomic_file.h"
#include "harness/result/result.h"

namespace kernelgate {

Result read_result(const std::filesystem::path& path) { return result_from_json(read_json(path), path.string()); }

std::string result_text(const Result& result) { return dump_lines(to_json(result)); }

void write_result(const Result& result, const std::filesystem::path& path) { replace_file(path, result_text(result)); }

}  // namespace kernelgate
