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

  /// Says on stderr where it is. Where its place takes it no more it goes to another one, and the answer is the line
  /// that says so; empty: all is well. Errors  ResultError: no place takes it.
  std::string write(const Result& result) const;

 private:
  std::filesystem::path asked_;
  std::string name_;
};

}  // namespace kernelgate
