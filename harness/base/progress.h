#pragma once
// What is going on, on stderr: a bar with the case and the time left on a terminal, plain lines elsewhere.

#include <chrono>
#include <cstdio>
#include <string>

namespace kernelgate {

class ProgressBar {
 public:
  /// `steps` are of about equal length.
  ProgressBar(int steps, std::string what, std::FILE* stream = stderr);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void begin_step(const std::string& name);
  void within_step(double share);  ///< 0 to 1
  void end_step(const std::string& outcome);

 private:
  void draw(double share);
  void erase();

  std::FILE* stream_;
  bool terminal_;
  int steps_;
  int done_ = 0;
  std::string what_;
  std::string current_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_draw_{};
};

/// "1:05", "12 s": for people.
std::string human_duration(double seconds);

}  // namespace kernelgate
