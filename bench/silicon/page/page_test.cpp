// The page of a folder: what was wrong first, then what was not done, from whole files and from broken ones.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "bench/silicon/page/page_facts.h"
#include "harness/base/temporary_folder.h"

namespace kernelgate::silicon {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PageOf : public testing::Test {
 protected:
  TemporaryFolder folder_;
  PageFacts facts_;

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_.path() / name) << text; }
};

constexpr const char* header =
    R"({"silicon":"compare","gpu":"NVIDIA H200","driver":"580.65.06","started_utc":"2026-12-01T10:00:00Z","probes":4})"
    "\n";

TEST_F(PageOf, ComparisonNamesByteAndBothValues) {
  write(
      "compare.jsonl",
      std::string(header) +
          R"({"probe":"a","outcome":"same"})"
          "\n"
          R"({"probe":"b","outcome":"different","at":12,"executor":"0x01","gpu":"0x02","elements":3,"of":8,"open":"no manual says it"})"
          "\n"
          R"({"probe":"c","outcome":"lost","text":"no answer within 30 s"})"
          "\n"
          R"({"probe":"d","outcome":"skipped","text":"needs compute capability 10.0"})"
          "\n"
          R"({"probe":"b","outcome":"same","alone":true})"
          "\n"
          R"({"end":"x"})"
          "\n");
  read_compare(folder_.path(), facts_);
  EXPECT_EQ(facts_.gpu, "NVIDIA H200");
  EXPECT_THAT(facts_.wrong, ElementsAre("b: byte 12: the executor has 0x01, the GPU 0x02; 3 of 8 elements differ "
                                        "(no manual says it); alone: same",
                                        "c: the GPU fails: no answer within 30 s"));
  EXPECT_THAT(facts_.not_done, ElementsAre("1 probes: needs compute capability 10.0"));
  EXPECT_THAT(facts_.done, ElementsAre("1 of 4 probes are the same on both sides"));
}

TEST_F(PageOf, ComparisonThatWasCutOffSaysHowMuchIsMissing) {
  write("compare.jsonl", std::string(header) + R"({"probe":"a","outcome":"same"})"
                                               "\n"
                                               R"({"probe":"b","outc)");
  read_compare(folder_.path(), facts_);
  EXPECT_THAT(facts_.wrong, IsEmpty());
  EXPECT_THAT(facts_.not_done,
              ElementsAre("3 of 4 probes were not compared", HasSubstr("compare.jsonl: some lines are broken")));
}

TEST_F(PageOf, VerifyAndExploitsSayWhatIsWrong) {
  write("verify_matmul.txt",
        "right    matmul/a: 3 of 3\nWRONG    matmul/b: element 7 is 2, expected 1\nskipped  c: no\n");
  write("exploits.jsonl", R"({"exploit":"idle","caught":true,"honest_kept":true,"text":""})"
                          "\n"
                          R"({"exploit":"sly","caught":false,"honest_kept":true,"text":"was measured"})"
                          "\n"
                          R"({"exploit":"loud","caught":true,"honest_kept":false,"text":"refused"})"
                          "\n"
                          R"({"exploit":"dead","text":"ended by signal 9"})"
                          "\n");
  read_verify(folder_.path(), facts_);
  read_exploits(folder_.path(), facts_);
  EXPECT_THAT(facts_.wrong,
              ElementsAre("verify: matmul/b: element 7 is 2, expected 1", "exploit sly was not caught: was measured",
                          "exploit loud: the honest one beside it was refused: refused"));
  EXPECT_THAT(facts_.not_done, ElementsAre("exploit dead: ended by signal 9"));
  EXPECT_THAT(facts_.done, ElementsAre("verify: 1 proofs right, 1 wrong, 1 skipped",
                                       "1 of 4 exploits were caught as they should be"));
}

TEST_F(PageOf, FiguresThatTheModelHasOtherwise) {
  write("measure.jsonl", R"({"silicon":"measure","gpu":"NVIDIA H200","like":"h200-sxm"})"
                         "\n"
                         R"({"microbenchmark":"latency","key":"l2_latency","value":530,"unit":"cycles","how":"x"})"
                         "\n"
                         R"({"microbenchmark":"clock","key":"clock_hz","value":1975000000,"unit":"Hz","how":"x"})"
                         "\n"
                         R"({"microbenchmark":"wgmma","key":"wgmma_ss_n64","value":32,"unit":"cycles","how":"x"})"
                         "\n"
                         R"({"microbenchmark":"cluster","text":"no answer within 30 s"})"
                         "\n");
  read_figures(folder_.path(), facts_);
  EXPECT_THAT(facts_.wrong, ElementsAre("model of h200-sxm: l2_latency is 265, measured 530 (+100 %)"));
  EXPECT_THAT(facts_.done, ElementsAre("3 figures measured, 2 of them the model's; 1 of these within 10 %"));
  EXPECT_THAT(facts_.not_done, ElementsAre("microbenchmark cluster: no answer within 30 s"));
}

TEST_F(PageOf, TimesBesideWhatWasPredicted) {
  write("predict.json", R"({"cases":[{"name":"m/x","cold":{"predicted_s":2e-5},"hot":{"predicted_s":1.1e-5}}]})");
  write("result_matmul.json", R"({"kernelgate":{"cases":[
    {"name":"m/x/cold","status":"measured","runs":[{"samples_s":[1e-5,1e-5,3e-5]}]},
    {"name":"m/x/hot","status":"measured","runs":[{"samples_s":[1e-5]}]},
    {"name":"m/y/hot","status":"wrong","reason":"element 3","runs":[]},
    {"name":"m/z/hot","status":"invalid","reason":"throttled","runs":[]}]}})");
  write("result_torn.json", R"({"kernelgate":{"cas)");
  read_times(folder_.path(), facts_);
  EXPECT_THAT(facts_.wrong, Contains("run: m/y/hot: element 3"));
  EXPECT_THAT(facts_.wrong, Contains("model: m/x/cold: predicted 20 us, measured 10 us (+100 %)"));
  EXPECT_THAT(facts_.done, ElementsAre("2 cases of the suites were measured",
                                       "2 of them were predicted: median error 55.0 %, worst +100.0 %"));
  EXPECT_THAT(facts_.not_done, Contains("result_torn.json is broken"));
  EXPECT_THAT(facts_.not_done, Contains("1 cases of the suites: invalid"));
}

TEST(Steps, AreWhatTheLastLineOfEachSays) {
  const auto steps = parse_steps(
      "check|running|0||20|\ncheck|done|0|3|20|\n\ncompare|cut|124|90|90|\nncu|left|0||0|ncu is not installed\n");
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].state, "done");
  PageFacts facts;
  facts.steps = steps;
  read_steps(facts);
  EXPECT_THAT(facts.not_done,
              ElementsAre("compare was cut off after 90 of its 90 s", "ncu was not begun: ncu is not installed"));
}

TEST(Page, SaysFirstWhatIsWrongThenWhatWasNotDone) {
  PageFacts facts;
  facts.gpu = "NVIDIA H200";
  facts.wrong = {"mma_x: *different*"};
  facts.not_done = {"ncu was not begun"};
  facts.done = {"3 of 4 probes"};
  const std::string text = render(facts, PageFormat::text), markdown = render(facts, PageFormat::markdown);
  EXPECT_LT(text.find("had wrong"), text.find("mma_x: *different*"));
  EXPECT_LT(text.find("mma_x"), text.find("What was not done"));
  EXPECT_LT(text.find("What was not done"), text.find("What was done"));
  EXPECT_THAT(text, HasSubstr("Wrong: 1 findings. Read them first. Not done: 1."));
  EXPECT_THAT(markdown, HasSubstr("# What this NVIDIA H200 has told"));
  EXPECT_THAT(markdown, HasSubstr("- mma\\_x: \\*different\\*"));
}

TEST(Page, DoesNotTakeNothingForGood) {
  const std::string text = render({}, PageFormat::text);
  EXPECT_THAT(text, HasSubstr("NOTHING is known"));
  EXPECT_THAT(text, HasSubstr("Not known."));
}

}  // namespace
}  // namespace kernelgate::silicon
