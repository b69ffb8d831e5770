#include "bench/run/result_place.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "harness/base/atomic_file.h"
#include "harness/base/temporary_folder.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

/// In the first place that takes it.
fs::path rescue(const Result& result, const ResultError& why) {
  for (const fs::path& place : places_for_files()) try {
      fs::path path = place / fmt::format("kernelgate-{}.json", getpid());
      write_result(result, path);
      return path;
    } catch (const ResultError&) {  // the next, then
    }
  throw why;
}

}  // namespace

ResultPlace::ResultPlace(fs::path asked, std::string name) : asked_(std::move(asked)), name_(std::move(name)) {}

fs::path ResultPlace::folder() const {
  if (asked_.empty()) return "results";
  return asked_.has_parent_path() ? asked_.parent_path() : fs::path(".");
}

void ResultPlace::expect_writable() const {
  std::error_code error;
  if (asked_.empty()) fs::create_directories(folder(), error);
  if (!asked_.empty() && fs::is_directory(asked_, error))
    throw ResultError(fmt::format("{}: is a folder; name a file with --out", asked_.string()));
  if (!asked_.empty() && fs::exists(asked_, error) && !fs::is_regular_file(asked_, error))
    return;  // a device or a pipe
  std::string probe = (folder() / ".kernelgate-XXXXXX").string();
  const int file = mkstemp(probe.data());
  if (file < 0)
    throw ResultError(fmt::format("{}: no file can be made in {}: {}; name another place with --out",
                                  asked_.empty() ? name_ : asked_.string(), folder().string(), std::strerror(errno)));
  close(file);
  unlink(probe.c_str());
}

ResultPlace::Written ResultPlace::write(const Result& result) const {
  fs::path path = asked_;
  std::string trouble;
  try {
    if (!asked_.empty()) {
      write_result(result, asked_);
    } else {
      path = folder() / (name_ + ".json");
      const std::string text = result_text(result);
      for (int next = 2; !create_file(path, text); ++next) path = folder() / fmt::format("{}-{}.json", name_, next);
    }
  } catch (const ResultError& error) {
    path = rescue(result, error);
    trouble = fmt::format("{}; the result is at {} instead", error.what(), path.string());
  }
  fmt::print(stderr, "result: {}{}\n", path.string(), result.status == "complete" ? "" : " (interrupted)");
  return {path, trouble};
}

}  // namespace kernelgate
