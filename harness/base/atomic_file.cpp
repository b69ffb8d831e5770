#include "harness/base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

/// Closes what it holds, and removes the partial file unless it was kept.
struct PartialFile {
  int descriptor = -1;
  std::string path;  ///< empty: nothing to remove
  ~PartialFile() {
    if (descriptor >= 0) ::close(descriptor);
    if (!path.empty()) ::unlink(path.c_str());
  }
};

[[noreturn]] void fail(const fs::path& path, int error) {
  const char* remedy = "";
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) remedy = "; free some space or choose another place";
  if (error == EACCES || error == EPERM || error == EROFS) remedy = "; choose a place that you may write to";
  if (error == ENOENT || error == ENOTDIR) remedy = "; create its folder first, or choose another place";
  throw ResultError(fmt::format("can't write '{}': {}{}", path.string(), std::strerror(error), remedy));
}

void write_all(int descriptor, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(path, written < 0 ? errno : ENOSPC);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// mkstemp makes files private; a result is as readable as any other file of this user.
mode_t usual_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

void write_into(const fs::path& path, std::string_view text) {
  PartialFile file;
  file.descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file.descriptor < 0) fail(path, errno);
  write_all(file.descriptor, text, path);
}

void require_no_folder(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    throw ResultError(fmt::format("can't write '{}': it is a folder; name a file in it", path.string()));
}

/// A new text beside its target, on disk; gone again unless it was put in place.
class Replacement {
 public:
  Replacement(const fs::path& path, std::string_view text) : path_(path) {
    // Through a link, so that the link stays one.
    std::error_code ignored;
    target_ = fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : path;
    std::string beside = (folder() / ("." + target_.filename().string() + ".XXXXXX")).string();
    file_.descriptor = ::mkstemp(beside.data());
    if (file_.descriptor < 0) fail(path, errno);
    file_.path = beside;
    write_all(file_.descriptor, text, path);
    if (::fchmod(file_.descriptor, usual_mode()) != 0 || ::fsync(file_.descriptor) != 0) fail(path, errno);
    const int closed = ::close(file_.descriptor);
    file_.descriptor = -1;
    if (closed != 0) fail(path, errno);
  }

  void put_in_place() {
    if (::rename(file_.path.c_str(), target_.c_str()) != 0) fail(path_, errno);
    file_.path.clear();
    flush_folder();
  }

  /// False: there is one. A second name for the file is what every file system refuses where there is one; those that
  /// give no second names are asked to rename without replacing.
  bool put_where_none_is() {
    if (::link(file_.path.c_str(), target_.c_str()) != 0) {
      if (errno == EEXIST) return false;
      if (::renameat2(AT_FDCWD, file_.path.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) != 0) {
        if (errno == EEXIST) return false;
        fail(path_, errno);
      }
      file_.path.clear();
    }
    flush_folder();
    return true;
  }

 private:
  void flush_folder() const {
    // The rename itself survives a power cut only once the folder is on disk; some file systems can't.
    PartialFile directory;
    directory.descriptor = ::open(folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory.descriptor >= 0) ::fsync(directory.descriptor);
  }

  fs::path folder() const { return target_.has_parent_path() ? target_.parent_path() : fs::path("."); }

  fs::path path_, target_;
  PartialFile file_;
};

void require_finite(const ordered_json& value, const std::string& where) {
  if (value.is_number_float() && !std::isfinite(value.get<double>()))
    throw ResultError(fmt::format("{} is {}, which JSON can't hold; this is a defect of the program",
                                  where.empty() ? "a number" : where, value.get<double>()));
  if (!value.is_structured()) return;
  for (const auto& [key, child] : value.items()) require_finite(child, where + "/" + key);
}

std::string compact(const ordered_json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);  // text from outside may be no UTF-8
}

void append_lines(std::string& out, const ordered_json& value, const std::string& indent) {
  const bool rows = value.is_array() && !value.empty() && value.front().is_object();
  if (value.empty() || !(value.is_object() || rows)) {
    out += compact(value);
    return;
  }
  out += value.is_object() ? '{' : '[';
  const char* separator = "\n";
  for (const auto& [key, child] : value.items()) {
    out += separator + indent + ' ';
    separator = ",\n";
    if (rows) {
      out += compact(child);
    } else {
      out += compact(ordered_json(key)) + ": ";
      append_lines(out, child, indent + ' ');
    }
  }
  out += '\n' + indent + (value.is_object() ? '}' : ']');
}

}  // namespace

std::string dump_lines(const ordered_json& document) {
  require_finite(document, "");
  std::string out;
  append_lines(out, document, "");
  return out + '\n';
}

void replace_file(const fs::path& path, std::string_view text) {
  std::error_code ignored;
  require_no_folder(path);
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) return write_into(path, text);
  Replacement replacement(path, text);
  replacement.put_in_place();
}

bool create_file(const fs::path& path, std::string_view text) {
  std::error_code ignored;
  if (fs::symlink_status(path, ignored).type() != fs::file_type::not_found) return false;
  return Replacement(path, text).put_where_none_is();
}

void replace_files(const std::vector<std::pair<fs::path, std::string>>& files) {
  std::vector<std::unique_ptr<Replacement>> replacements;
  std::error_code ignored;
  for (const auto& [path, text] : files) {
    require_no_folder(path);
    if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
      throw ResultError(fmt::format("can't write '{}': it is no regular file", path.string()));
    replacements.push_back(std::make_unique<Replacement>(path, text));
  }
  for (const auto& one : replacements) one->put_in_place();
}

std::string read_text(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    throw ResultError(fmt::format("can't read '{}': it is a folder; name a file in it", path.string()));
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw ResultError(fmt::format("can't read '{}': {}", path.string(), std::strerror(errno ? errno : EIO)));
  // By pieces, for a pipe has no size; and with an end, for a device may have none.
  constexpr std::size_t largest = std::size_t{1} << 31;
  const auto size = fs::file_size(path, ignored);  // and more, so that the first read meets the end, and JSON has room
  const std::size_t piece =
      ignored || size > largest ? std::size_t{1} << 20 : static_cast<std::size_t>(size) + json_padding;
  std::string text;
  std::size_t used = 0;
  do {
    if (used > largest)
      throw ResultError(fmt::format("can't read '{}': it is larger than 2 GiB, as no result is", path.string()));
    if (text.size() < used + piece) text.resize(std::max(2 * used, piece));
    in.read(text.data() + used, static_cast<std::streamsize>(text.size() - used));
    used += static_cast<std::size_t>(in.gcount());
  } while (in);
  if (in.bad()) throw ResultError(fmt::format("can't read '{}' to its end", path.string()));
  text.resize(used);
  return text;
}

json read_json(const fs::path& path) { return parse_json(read_text(path), path.string()); }

}  // namespace kernelgate
