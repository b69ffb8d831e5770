#include "bench/silicon/json_lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/base/error.h"

namespace kernelgate::silicon {

JsonLines::JsonLines(const std::filesystem::path& path) : path_(path.string()) {
  if (path_.empty()) return;
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0)
    throw HarnessError(ExitCode::usage, path_ + " can't be written: " + std::strerror(errno) + "; name another --out");
}

JsonLines::~JsonLines() {
  if (file_ >= 0) close(file_);
}

void JsonLines::add(const nlohmann::ordered_json& line) {
  if (file_ < 0) return;
  const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = write(file_, text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      why_incomplete_ = path_ + " is not complete: " + std::strerror(errno);
      return;
    }
    at += static_cast<std::size_t>(n);
  }
}

std::vector<nlohmann::json> read_json_lines(const std::filesystem::path& path, bool& broken) {
  std::vector<nlohmann::json> lines;
  std::ifstream in(path);
  for (std::string text; std::getline(in, text);) {
    auto line = nlohmann::json::parse(text, nullptr, false);
    if (line.is_object())
      lines.push_back(std::move(line));
    else
      broken = true;
  }
  return lines;
}

}  // namespace kernelgate::silicon
