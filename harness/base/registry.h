#pragma once
// What registers itself from its own file (commands, formats): one registry for each kind, filled before main starts.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/error.h"

namespace kernelgate {

/// `T` has a member `name`. Nothing may be added once main runs: `find` hands out references.
template <class T>
class NamedRegistry {
 public:
  explicit NamedRegistry(const char* kind) : kind_(kind) {}  ///< in the singular: "report format"

  /// Ends the program for a name that is there already: before main there is nobody to catch an exception.
  void add(T one, const char* file) {
    const auto place = std::ranges::lower_bound(all_, std::string_view(one.name), {}, name_of);
    const auto index = place - all_.begin();
    if (place != all_.end() && name_of(*place) == one.name) {
      std::fprintf(stderr, "kernelgate: the %s '%s' is registered twice, in %s and in %s; rename one\n", kind_,
                   std::string(one.name).c_str(), files_[static_cast<std::size_t>(index)], file);
      std::_Exit(static_cast<int>(ExitCode::usage));
    }
    files_.insert(files_.begin() + index, file);
    all_.insert(place, std::move(one));
  }

  const std::vector<T>& all() const { return all_; }  ///< sorted by name

  std::string names() const {
    std::string text;
    for (const T& one : all_) text += (text.empty() ? "" : ", ") + std::string(one.name);
    return text;
  }

  /// Errors  HarnessError (usage): no such name, with those there are.
  const T& find(std::string_view name) const {
    const auto found = std::ranges::find(all_, name, name_of);
    if (found == all_.end())
      throw HarnessError(ExitCode::usage, fmt::format("there is no {} '{}'; there are: {}", kind_, name, names()));
    return *found;
  }

 private:
  static std::string_view name_of(const T& one) { return one.name; }

  const char* kind_;
  std::vector<T> all_;
  std::vector<const char*> files_;  ///< of each of `all_`
};

/// `const Registered<Command, commands> registered{{"check", ...}};` at file scope. `registry` returns a static of its
/// own, which so is there before the first is added.
template <class T, NamedRegistry<T>& (*registry)()>
struct Registered {
  explicit Registered(T one, const char* file = __builtin_FILE()) { registry().add(std::move(one), file); }
};

}  // namespace kernelgate
