// What our rules say of histories that other projects published, beside simpler rules: the tables of docs/verdicts.md.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <span>

#include "bench/studies/real_histories/compare_table.h"
#include "bench/studies/real_histories/history_table.h"
#include "bench/studies/real_histories/leave_one_out.h"

namespace kernelgate::real_histories {
namespace {

constexpr const char* usage =
    "usage: real_histories FILE [--history|--compare|--leave-one-out] [--only SOURCE] [--show PART] [--shuffles N] "
    "[--pairs N]\n"
    "       [--class hosted|own|gpu]: as if all were measured on such a machine\n"
    "       [--errors]: each false call and each step that compare missed, with the reason given\n"
    "FILE: histories as JSON, gzipped or not; its form is in bench/studies/real_histories/recorded_history.h\n";

int main(std::span<char*> words) {
  std::string file, only, show;
  CompareOptions options;
  int shuffles = 6, pairs = 400;
  bool history = true, compare = true, leave_one_out = true, errors = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string word = words[i];
    const bool more = i + 1 < words.size();
    if (word == "--only" && more)
      only = words[++i];
    else if (word == "--show" && more)
      show = words[++i];
    else if (word == "--shuffles" && more)
      shuffles = std::atoi(words[++i]);
    else if (word == "--pairs" && more)
      pairs = std::max(1, std::atoi(words[++i]));
    else if (word == "--class" && more)
      options.device_class = words[++i];
    else if (word == "--errors")
      errors = true;
    else if (word == "--history")
      compare = leave_one_out = false;
    else if (word == "--compare")
      history = leave_one_out = false;
    else if (word == "--leave-one-out")
      history = compare = false;
    else if (file.empty() && word.front() != '-')
      file = word;
    else
      file.clear();
  }
  if (file.empty()) {
    fmt::print(stderr, "{}", usage);
    return 1;
  }
  std::vector<Source> sources = read_sources(file);
  std::erase_if(sources, [&](const Source& source) { return source.name.find(only) == std::string::npos; });
  if (!options.device_class.empty())
    for (Source& source : sources) source.device_class = options.device_class == "gpu" ? "cuda" : "cpu";
  if (!show.empty()) {
    for (const Source& source : sources) print_series(source, show);
    return 0;
  }
  if (history) print_history_table(sources, shuffles);
  const auto learned = std::make_shared<LearnedSuites>();
  if (compare) print_compare_tables(sources, static_cast<std::size_t>(pairs), options, learned, errors);
  if (leave_one_out) print_leave_one_out(sources, static_cast<std::size_t>(pairs), options, learned);
  return 0;
}

}  // namespace
}  // namespace kernelgate::real_histories

int main(int argc, char** argv) {
  try {
    return kernelgate::real_histories::main(std::span(argv, static_cast<std::size_t>(argc)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "real_histories: {}\n", error.what());
    return 1;
  }
}
