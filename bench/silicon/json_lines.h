#pragma once
// A file of JSON, a line for each thing that is known: what was written before the end is never lost.

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace kernelgate::silicon {

class JsonLines {
 public:
  /// Begins the file anew; no path: no file.
  /// Errors  HarnessError (usage): it can't be made.
  explicit JsonLines(const std::filesystem::path& path);
  ~JsonLines();
  JsonLines(const JsonLines&) = delete;
  JsonLines& operator=(const JsonLines&) = delete;

  /// At once on disk. What does not fit is said by `why_incomplete`.
  void add(const nlohmann::ordered_json& line);
  const std::string& why_incomplete() const { return why_incomplete_; }

 private:
  int file_ = -1;
  std::string path_, why_incomplete_;
};

/// The lines of such a file that are whole; `broken`: whether there are others, as a full disk leaves them. A file that
/// is not there has none.
std::vector<nlohmann::json> read_json_lines(const std::filesystem::path& path, bool& broken);

}  // namespace kernelgate::silicon
