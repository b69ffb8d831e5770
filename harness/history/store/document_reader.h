#pragma once
// Reads of a result document what history needs, fast.

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/analysis/series.h"

namespace kernelgate::history {

/// Documents of one environment share it; may be used by several threads.
class Environments {
 public:
  std::shared_ptr<const Environment> shared(Environment environment);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Environment>> by_text_;
};

/// A document, and what its bytes are known by.
struct ReadDocument {
  Document document;
  std::string hash;  ///< content_hash() of the file
};

/// A JSON file that is no result, and nobody's fault: a program's that is not known, or a baseline.
struct ForeignDocument : ResultError {
  using ResultError::ResultError;
};

/// The same as side_of(read_result(path)) says, without building the whole document. What can't be read this way is
/// read that way, for its word on what is wrong. Another tool's file is as many documents as it holds runs. Errors
/// ForeignDocument; ResultError, one line as read_result() and read_foreign_runs().
std::vector<ReadDocument> read_documents(const std::filesystem::path& path, Environments& environments);

/// The same from the text of a file. Errors  as above.
Document document_from_text(std::string_view text, const std::string& where, Environments& environments);

}  // namespace kernelgate::history
