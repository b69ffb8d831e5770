#pragma once
// Where documents come from: folders, files and stores.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/history/store/document_reader.h"
#include "harness/history/store/store.h"

namespace kernelgate::history {

/// What was found.
struct Found {
  std::size_t documents = 0;          ///< taken
  std::size_t duplicates = 0;         ///< the same bytes, met again
  std::size_t foreign = 0;            ///< other JSON in a folder: nobody asked for it by name
  std::vector<std::string> unusable;  ///< one line each: the file and what is wrong with it
};

/// Takes each document of files, of folders with all that is below them (*.json, data.js), and of stores. A
/// file that can't be used is listed, and the rest goes on. Files are read by several threads, and taken one by one in
/// the order of their paths. Errors  ResultError for a place that is not there, or a store that can't be read.
Found take_documents(const std::vector<std::filesystem::path>& places, Environments& environments,
                     const std::function<void(const Document&)>& take);

/// The same of files and folders, into a store. `duplicates` are those that the store holds already.
Found import_documents(const std::vector<std::filesystem::path>& places, Store& store, const std::string& imported_utc);

}  // namespace kernelgate::history
