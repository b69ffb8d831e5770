#include "harness/base/colour.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

namespace kernelgate {
namespace {

constexpr Paint word_colours[] = {{"SLOWER", Colour::bad}, {"SAME", Colour::good}, {"NOT SAME", Colour::unsure}};

TEST(Colour, GoesRoundWordsThatStandByThemselves) {
  EXPECT_EQ(painted("a SLOWER b", word_colours), "a \x1b[1;31mSLOWER\x1b[0m b");
  EXPECT_EQ(painted("SAME", word_colours), "\x1b[32mSAME\x1b[0m");
  EXPECT_EQ(painted("2 SAME, 1 SLOWER\n", word_colours), "2 \x1b[32mSAME\x1b[0m, 1 \x1b[1;31mSLOWER\x1b[0m\n");
}

TEST(Colour, LeavesNamesAsTheyAre) {
  for (const char* text : {"mel/SLOWER/hot", "SLOWER_now", "xSAME", "SAME1", "slower", ""})
    EXPECT_EQ(painted(text, word_colours), text);
}

TEST(Colour, TakesTheLongestWord) { EXPECT_EQ(painted("NOT SAME", word_colours), "\x1b[33mNOT SAME\x1b[0m"); }

TEST(Colour, IsForTerminalsThatHaveIt) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0) GTEST_SKIP() << "no pseudo-terminals here, as in a folder that chroot goes to";
  std::FILE* shown = fdopen(terminal, "w");
  std::FILE* file = std::tmpfile();
  unsetenv("NO_COLOR");
  setenv("TERM", "xterm", 1);
  EXPECT_TRUE(shows_colour(shown));
  EXPECT_FALSE(shows_colour(file));
  setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(shows_colour(shown)) << "empty is not set";
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(shows_colour(shown));
  unsetenv("NO_COLOR");
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(shows_colour(shown));
  unsetenv("TERM");
  EXPECT_FALSE(shows_colour(shown));
  std::fclose(file);
  std::fclose(shown);
}

}  // namespace
}  // namespace kernelgate
