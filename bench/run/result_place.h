#pragma once
// Where a run's result goes, and that it gets there: what took minutes is not lost because a place is full by now.

#include <filesystem>
#include <string>

#include "harness/result/result.h"

namespace kernelgate {

class ResultPlace {
 public:
  /// `asked`: a file that is replaced; empty: a new one in results/ that is called `name`, and "-2" and so on where one
  /// of that name appeared since.
  ResultPlace(std::filesystem::path asked, std::string name);

  /// Before the measuring, not after it. Errors  ResultError, one line with the remedy.
  void expect_writable() const;

  /// Where the result will lie.
  std::filesystem::path folder() const;

  struct Written {
    std::filesystem::path path;
    std::string trouble;  ///< where its place took it no more, and it is elsewhere: the line that says so
  };
  /// Says on stderr where it is. Errors  ResultError: no place takes it.
  Written write(const Result& result) const;

 private:
  std::filesystem::path asked_;
  std::string name_;
};

}  // namespace kernelgate
