// Files are whole or untouched, one by one and several at once; a lock keeps the next one waiting.
#include "harness/base/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file_lock.h"
#include "harness/base/temporary_folder.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class AtomicFile : public ::testing::Test {
 protected:
  TemporaryFolder temporary_;
  fs::path path(const std::string& name) const { return temporary_.path() / name; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(temporary_.path()), {}));
  }
  template <class Action>
  static std::string error_of(Action&& action) {
    try {
      action();
    } catch (const ResultError& error) {
      return error.what();
    }
    return "no error";
  }
};

TEST_F(AtomicFile, SeveralAreReplacedTogetherOrNotAtAll) {
  replace_files({{path("a"), "old a"}, {path("b"), "old b"}});
  fs::create_directory(path("folder"));
  EXPECT_THAT(error_of([&] {
                replace_files({{path("a"), "new"}, {path("folder"), "new"}});
              }),
              HasSubstr("is a folder"));
  EXPECT_EQ(read_text(path("a")), "old a") << "the second could not be written";
  EXPECT_THAT(error_of([&] { replace_files({{path("a"), "new"}, {path("none/b"), "new"}}); }), HasSubstr("create its"));
  EXPECT_EQ(read_text(path("a")), "old a");
  EXPECT_EQ(files(), 3u) << "and nothing half-written is left";
  replace_files({{path("a"), "new a"}, {path("b"), "new b"}});
  EXPECT_EQ(read_text(path("a")) + read_text(path("b")), "new anew b");
}

TEST_F(AtomicFile, ANewFileReplacesNone) {
  EXPECT_TRUE(create_file(path("a"), "first"));
  EXPECT_FALSE(create_file(path("a"), "second"));
  EXPECT_EQ(read_text(path("a")), "first");
  fs::create_directory(path("folder"));
  EXPECT_FALSE(create_file(path("folder"), "text"));
  fs::create_symlink(path("nowhere"), path("link"));
  EXPECT_FALSE(create_file(path("link"), "text")) << "a name that is taken is taken";
  EXPECT_EQ(files(), 3u);
  EXPECT_THAT(error_of([&] { create_file(path("none/a"), "text"); }), HasSubstr("create its folder first"));
  // Of many who want one name, one gets it.
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { made += create_file(path("wanted"), "text") ? 1 : 0; });
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(files(), 4u);
}

/// Adds to a number in a file, by so many processes at once.
int counted_by(int processes, int times, const fs::path& number, const fs::path& lock, FileLock::Of what) {
  std::ofstream(number) << 0;
  std::vector<pid_t> children;
  for (int p = 0; p < processes; ++p) {
    const pid_t child = fork();
    if (child == 0) {
      for (int i = 0; i < times; ++i) {
        const FileLock held(lock, what);
        int value = 0;
        std::ifstream(number) >> value;
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        std::ofstream(number) << value + 1;
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (pid_t child : children) waitpid(child, nullptr, 0);
  int value = 0;
  std::ifstream(number) >> value;
  return value;
}

TEST_F(AtomicFile, ALockKeepsTheNextOneWaiting) {
  EXPECT_EQ(counted_by(4, 10, path("number"), path("lock"), FileLock::Of::file), 40);
  fs::create_directory(path("folder"));
  EXPECT_EQ(counted_by(4, 10, path("number"), path("folder"), FileLock::Of::folder), 40) << "a folder is locked itself";
  EXPECT_TRUE(fs::is_empty(path("folder")));
  EXPECT_THAT(error_of([&] { FileLock lock(path("none/lock")); }), HasSubstr("can't lock"));
}

}  // namespace
}  // namespace kernelgate
