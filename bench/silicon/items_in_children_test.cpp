#include "bench/silicon/items_in_children.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <thread>
#include <vector>

namespace kernelgate::silicon {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> done(std::size_t count, const std::function<bool(std::size_t, const SayLine&)>& work) {
  std::vector<std::string> all;
  ItemWork items;
  items.limit = std::chrono::milliseconds(2000);
  items.work = work;
  items.on_line = [&](std::size_t item, const std::string& line) { all.push_back(std::to_string(item) + ":" + line); };
  items.on_lost = [&](std::size_t item, const std::string& why) {
    all.push_back(std::to_string(item) + " lost: " + why);
  };
  EXPECT_EQ(do_items(count, items), count);
  return all;
}

TEST(ItemsInChildren, AreDoneByOneChildWhileAllGoesWell) {
  const auto all = done(3, [first = getpid()](std::size_t, const SayLine& say) {
    say(getpid() == first ? "here" : "in a child");
    say("ready");
    return true;
  });
  EXPECT_THAT(all, ElementsAre("0:in a child", "0:ready", "1:in a child", "1:ready", "2:in a child", "2:ready"));
}

TEST(ItemsInChildren, LoseTheOneThatCrashesAndNoOther) {
  const auto all = done(4, [](std::size_t item, const SayLine& say) {
    say("begun");
    if (item == 1) raise(SIGKILL);
    if (item == 2) _exit(3);
    return true;
  });
  EXPECT_THAT(
      all, ElementsAre("0:begun", "1:begun", "1 lost: ended by signal 9", "2:begun", "2 lost: exit code 3", "3:begun"));
}

TEST(ItemsInChildren, LoseTheOneThatHangsAndNoOther) {
  const auto all = done(2, [](std::size_t item, const SayLine& say) {
    if (item == 0) std::this_thread::sleep_for(std::chrono::hours(1));
    say("done");
    return true;
  });
  EXPECT_THAT(all, ElementsAre("0 lost: no answer within 2 s", "1:done"));
}

TEST(ItemsInChildren, GoOnInANewChildWhereOneIsOfNoUseAnyMore) {
  int in_this_child = 0;
  const auto all = done(3, [&](std::size_t, const SayLine& say) {
    say(std::to_string(++in_this_child));
    return in_this_child < 2;
  });
  EXPECT_THAT(all, ElementsAre("0:1", "1:2", "2:1"));
}

TEST(ItemsInChildren, AreNoneWhereThereAreNone) { EXPECT_TRUE(done(0, {}).empty()); }

}  // namespace
}  // namespace kernelgate::silicon
