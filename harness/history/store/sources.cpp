#include "harness/history/store/sources.h"

#include <algorithm>
#include <future>
#include <set>
#include <thread>

#include <fmt/format.h>

namespace kernelgate::history {
namespace {

namespace fs = std::filesystem;

/// A file to be read; foreign ones of a folder are no fault.
struct File {
  fs::path path;
  bool named = false;
};

/// criterion's changes are shares of what lies beside them; github-action-benchmark's data is a script.
bool may_be_a_result(const fs::path& path) {
  if (path.filename() == "data.js") return true;
  return path.extension() == ".json" && path.parent_path().filename() != "change";
}

void list_folder(const fs::path& folder, std::vector<File>& files, Found& found) {
  std::vector<fs::path> paths;
  std::error_code failed;
  fs::recursive_directory_iterator entry(folder, failed), end;
  while (!failed && entry != end) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored) && may_be_a_result(entry->path())) paths.push_back(entry->path());
    // Reported, and gone around, where it can't be entered.
    entry.increment(failed);
  }
  if (failed) found.unusable.push_back(fmt::format("'{}': {}; make it readable", folder.string(), failed.message()));
  std::ranges::sort(paths);
  for (fs::path& path : paths) files.push_back({std::move(path), false});
}

struct Outcome {
  std::vector<ReadDocument> read;
  std::string error;
  bool foreign = false;
};

Outcome outcome_of(const fs::path& path, Environments& environments) {
  Outcome outcome;
  try {
    outcome.read = read_documents(path, environments);
  } catch (const ForeignDocument& error) {
    outcome.error = error.what();
    outcome.foreign = true;
  } catch (const std::exception& error) {
    outcome.error = error.what();
  }
  return outcome;
}

/// Reads ahead a few files a thread, so that no more than those are in memory.
void read_files(const std::vector<File>& files, Environments& environments, Found& found,
                const std::function<void(const File&, const ReadDocument&)>& take) {
  const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t first = 0; first < files.size(); first += threads) {
    const std::size_t last = std::min(first + threads, files.size());
    std::vector<std::future<Outcome>> outcomes;
    for (std::size_t i = first; i < last; ++i)
      outcomes.push_back(std::async(std::launch::async,
                                    [&files, &environments, i] { return outcome_of(files[i].path, environments); }));
    for (std::size_t i = first; i < last; ++i) {
      const Outcome outcome = outcomes[i - first].get();
      if (outcome.error.empty())
        for (const ReadDocument& read : outcome.read) take(files[i], read);
      else if (outcome.foreign && !files[i].named)
        ++found.foreign;
      else
        found.unusable.push_back(outcome.error);
    }
  }
}

void require_there(const fs::path& place) {
  std::error_code failed;
  const fs::file_status status = fs::status(place, failed);
  if (!fs::exists(status))
    throw ResultError(fmt::format("'{}': {}; name a folder of results, a result, or a store", place.string(),
                                  failed ? failed.message() : "no such file"));
}

}  // namespace

Found take_documents(const std::vector<fs::path>& places, Environments& environments,
                     const std::function<void(const Document&)>& take) {
  Found found;
  std::vector<File> files;
  std::vector<fs::path> stores;
  for (const fs::path& place : places) {
    require_there(place);
    if (fs::is_directory(place))
      list_folder(place, files, found);
    else if (is_store(place))
      stores.push_back(place);
    else
      files.push_back({place, true});
  }
  std::set<std::string> hashes;
  const auto fresh = [&](const std::string& hash) {
    if (hashes.insert(hash).second) return true;
    ++found.duplicates;
    return false;
  };
  for (const fs::path& path : stores)
    Store::open_to_read(path).each(environments, [&](const std::string& hash, const Document& document) {
      if (!fresh(hash)) return;
      ++found.documents;
      take(document);
    });
  read_files(files, environments, found, [&](const File&, const ReadDocument& read) {
    if (!fresh(read.hash)) return;
    ++found.documents;
    take(read.document);
  });
  return found;
}

Found import_documents(const std::vector<fs::path>& places, Store& store, const std::string& imported_utc) {
  Found found;
  std::vector<File> files;
  for (const fs::path& place : places) {
    std::error_code ignored;
    if (fs::is_directory(place, ignored))
      list_folder(place, files, found);
    else
      files.push_back({place, true});
  }
  Environments environments;
  read_files(files, environments, found, [&](const File& file, const ReadDocument& read) {
    ++(store.add(read, file.path.string(), imported_utc) ? found.documents : found.duplicates);
  });
  return found;
}

}  // namespace kernelgate::history
