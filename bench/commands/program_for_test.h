#pragma once
// Runs the program as a person would, in a fresh folder, and keeps its exit code and both streams apart.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/paths_for_test.h"
#include "harness/base/temporary_folder.h"

namespace kernelgate {

class ProgramTest : public ::testing::Test {
 protected:
  TemporaryFolder temporary_;
  std::filesystem::path scratch_ = temporary_.path();   ///< what the program prints is kept here
  std::filesystem::path folder_ = scratch_ / "folder";  ///< and the program runs here
  std::string out_, err_;

  void SetUp() override { std::filesystem::create_directories(folder_); }
  /// Where the program keeps what it counts: not in the home of the person who runs the tests.
  std::filesystem::path state_folder() const { return scratch_ / "state"; }

  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string read(const std::string& name) const { return text_of(folder_ / name); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  nlohmann::json read_json_file(const std::string& name) const { return nlohmann::json::parse(read(name)); }

  /// `before`: of the shell, e.g. NAME=value. `stdout_to`: instead of out_.
  int run(const std::string& arguments, const std::string& before = "", const std::string& stdout_to = "") {
    const std::string out = (scratch_ / "out.txt").string(), err = (scratch_ / "err.txt").string();
    // What the person who runs the tests has set or counted is not the test's. One thread for oneDNN: on a busy machine
    // two wait for each other, and take up to 26 times as long.
    const int status = std::system(fmt::format("cd '{}' && unset KERNELGATE_INJECT KERNELGATE_BASELINES && "
                                               "export OMP_NUM_THREADS=1 KERNELGATE_STATE='{}' && {} '{}' {} "
                                               ">'{}' 2>'{}'",
                                               folder_.string(), state_folder().string(), before, program(), arguments,
                                               stdout_to.empty() ? out : stdout_to, err)
                                       .c_str());
    out_ = stdout_to.empty() ? text_of(out) : "";
    err_ = text_of(err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  /// Files and their text: to see that nothing was written.
  std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_))
      files[entry.path().string()] = entry.is_regular_file() ? text_of(entry.path()) : "";
    return files;
  }

  /// How many lines of stderr are the program's word on what went wrong.
  int errors_said() const {
    int lines = 0;
    std::istringstream text(err_);
    for (std::string line; std::getline(text, line);) lines += line.starts_with("kernelgate: ") ? 1 : 0;
    return lines;
  }

  /// What the program wrote, read by a program that is made for it; `reader` is in harness/report/read_back.
  void read_back(const std::string& reader, const std::string& arguments) const {
    const std::string script = (source_folder() / "harness/report/read_back" / reader).string();
    const std::string log = (scratch_ / "reader.txt").string();
    // What apt installs is the system Python's.
    const std::string python = std::filesystem::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    const int status = std::system(
        fmt::format("cd '{}' && {} -B '{}' {} >'{}' 2>&1", folder_.string(), python, script, arguments, log).c_str());
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code == 77) GTEST_SKIP() << text_of(log);
    EXPECT_EQ(code, 0) << reader << ": " << text_of(log);
    std::fputs(text_of(log).c_str(), stdout);
  }

  /// It ends with the code, says why in one line that has the text, and leaves the folder as it was.
  void expect_refusal(int code, const std::string& arguments, const std::string& text, const std::string& before = "") {
    SCOPED_TRACE(arguments);
    const auto files = everything();
    EXPECT_EQ(run(arguments, before), code) << err_;
    EXPECT_EQ(errors_said(), 1) << err_;
    EXPECT_THAT(err_, ::testing::HasSubstr(text));
    EXPECT_EQ(out_, "");
    EXPECT_EQ(everything(), files);
  }
};

}  // namespace kernelgate
