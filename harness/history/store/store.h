#pragma once
// A store of results: one SQLite file with what history needs of each document, and no samples.

#include <filesystem>
#include <functional>
#include <string>

#include "harness/base/sqlite.h"
#include "harness/history/store/document_reader.h"

namespace kernelgate::history {

/// `PRAGMA user_version` of the stores that this program reads and writes. 2: documents are known by XXH3, not SHA-256,
/// so that an older store would take each of its documents once more.
inline constexpr int store_version = 2;

/// True for a file that begins as SQLite's do. An empty file is none.
bool is_store(const std::filesystem::path& path);

class Store {
 public:
  /// Errors  ResultError, one line: not a store, another program's database, another version.
  static Store open_to_read(const std::filesystem::path& path);
  /// Makes it, if it is not there.
  static Store open_to_write(const std::filesystem::path& path);

  bool holds(const std::string& hash);

  /// Whole or not at all. False: it was there, by its hash. `source` is said to people only.
  bool add(const ReadDocument& read, const std::string& source, const std::string& imported_utc);

  /// Each document and its hash, by time. Errors  ResultError.
  void each(Environments& environments, const std::function<void(const std::string& hash, const Document&)>& take);

 private:
  explicit Store(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace kernelgate::history
