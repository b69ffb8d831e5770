// The decision, the file and its sum, and that every form says what the others say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <fmt/format.h>

#include "harness/accept/fields_json.h"
#include "harness/accept/judge/judge.h"
#include "harness/accept/measured_for_test.h"
#include "harness/accept/sheet.h"
#include "harness/accept/show/show.h"
#include "harness/base/paths_for_test.h"
#include "harness/base/temporary_folder.h"

namespace kernelgate::accept {
namespace {

using ::testing::HasSubstr;

Sheet sheet_of(std::vector<Measured> gpus) {
  Sheet sheet;
  sheet.started_utc = "2026-11-29T20:00:00Z";
  sheet.ended_utc = "2026-11-29T20:30:00Z";
  sheet.version = "0.1.0";
  sheet.commit = "abc";
  sheet.command = "kernelgate accept";
  sheet.hostname = "<node3>";
  sheet.driver = "580.95.05";
  sheet.mode = "standard";
  sheet.steady_s = 1200;
  sheet.gpus = std::move(gpus);
  for (const Measured& gpu : sheet.gpus)
    for (const Tested& test : judge_gpu(gpu)) sheet.tests.push_back(test);
  for (const Tested& test : judge_node(sheet.gpus, sheet.notes)) sheet.tests.push_back(test);
  return sheet;
}

TEST(AcceptDecision, IsTheWorstThatIsSure) {
  EXPECT_EQ(decide(sheet_of(healthy_server(4)), false).code, ExitCode::good);
  EXPECT_EQ(decide(sheet_of(healthy_server(4)), true).code, ExitCode::good) << "all was tested";
  const Decision alone = decide(sheet_of(healthy_server(1)), false);
  EXPECT_EQ(alone.word, "ACCEPTED");
  EXPECT_EQ(alone.code, ExitCode::good);
  EXPECT_THAT(alone.headline, HasSubstr("tests were not tested"));
  EXPECT_EQ(decide(sheet_of(healthy_server(1)), true).code, ExitCode::inconclusive);

  std::vector<Measured> gpus = healthy_server(4);
  gpus[2].load.products[0].multiprocessors = 130;
  const Decision open = decide(sheet_of(gpus), false);
  EXPECT_EQ(open.word, "NOT DECIDED");
  EXPECT_EQ(open.code, ExitCode::invalid);
  EXPECT_THAT(open.headline, HasSubstr("GPU 2"));
  gpus[1].load.after.ecc_uncorrected = {1, ""};
  const Decision refused = decide(sheet_of(gpus), false);
  EXPECT_EQ(refused.word, "REFUSED");
  EXPECT_EQ(refused.code, ExitCode::refused);
  EXPECT_THAT(refused.headline, HasSubstr("1 test failed on GPU 1 of 4 GPUs"));
  EXPECT_THAT(refused.next, HasSubstr("kernelgate accept --gpu 1"));

  for (Measured& gpu : gpus = healthy_server(4)) gpu.load.products.clear(), gpu.load.no_kernels = "no kernels";
  EXPECT_EQ(decide(sheet_of(gpus), false).code, ExitCode::nothing) << "nothing was accepted where nothing was computed";
}

TEST(AcceptSheet, IsReadAsItWasWritten) {
  std::vector<Measured> gpus = healthy_server(3);
  gpus[1].load.memory.wrong_words = 3;
  gpus[2].load.products[0].faults.push_back({"cold", 1, 2, 3, 4, 5, 6, "0x1", "0x2", true});
  const Sheet sheet = sheet_of(gpus);
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "sheet.json").string(), text = sheet_text(sheet, false);
  std::ofstream(path) << text;
  const Sheet read = read_sheet(path);
  EXPECT_EQ(sheet_text(read, false), text);
  EXPECT_EQ(json_of(read.gpus), json_of(sheet.gpus));
  ASSERT_EQ(read.tests.size(), sheet.tests.size());

  std::string changed = text;
  changed.replace(changed.find("580.95.05"), 9, "580.95.06");
  std::ofstream(path) << changed;
  EXPECT_THROW(read_sheet(path), ResultError);
  std::ofstream(path) << "{\"kind\": \"kernelgate.run\"}";
  EXPECT_THROW(read_sheet(path), ResultError);
  std::ofstream(path) << R"({"kind": "kernelgate.accept"})";
  EXPECT_THROW(read_sheet(path), ResultError);
}

// The sum is one that anybody can make.
TEST(AcceptSheet, ItsSumIsWhatTheDocumentationSays) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "sheet.json").string(), out = (folder.path() / "sum").string();
  const Sheet sheet = sheet_of(healthy_server(2));
  std::ofstream(path) << sheet_text(sheet, false);
  ASSERT_EQ(
      std::system(fmt::format(R"(sed 's/"sha256": "[0-9a-f]*"/"sha256": "{}"/' '{}' | sha256sum | cut -c1-64 >'{}')",
                              std::string(64, '0'), path, out)
                      .c_str()),
      0);
  std::string sum;
  std::ifstream(out) >> sum;
  EXPECT_EQ(nlohmann::json::parse(sheet_text(sheet, false))["sha256"], sum);
}

TEST(AcceptSheet, FitsItsSchema) {
  const std::string python = std::filesystem::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  if (std::system((python + " -c 'import jsonschema' 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "python3-jsonschema is not installed";
  std::vector<Measured> gpus = healthy_server(3);
  gpus[1] = {};
  gpus[1].gpu = 1;
  gpus[1].load.error = "ended by signal 9";
  gpus[2].load.products[0].wrong_launches = 1;
  gpus[2].load.products[0].faults.push_back({"cold", 1, 2, 3, 4, 5, 6, "0x1", "0x2", true});
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "sheet.json").string();
  std::ofstream(path) << sheet_text(sheet_of(gpus), false);
  EXPECT_EQ(std::system(fmt::format("{} -W ignore -m jsonschema -i '{}' '{}/docs/accept.schema.json'", python, path,
                                    source_folder().string())
                            .c_str()),
            0);
}

TEST(AcceptShow, EveryFormHasTheSameVerdict) {
  std::vector<Measured> gpus = healthy_server(3);
  gpus[1].load.products[3].wrong_launches = 1;
  gpus[1].load.products[3].faults.push_back({"cold", 17, 2, 3, 4, 5, 6, "0x1", "0x2", true});
  const Sheet sheet = sheet_of(gpus);
  const Decision decision = decide(sheet, false);
  const std::string text = sheet_as_text(sheet, false), junit = sheet_as_junit(sheet, false),
                    page = sheet_as_html(sheet, false);
  EXPECT_TRUE(text.starts_with("REFUSED: " + decision.headline + "\nnext: repeat it: kernelgate accept --gpu 1\n"));
  EXPECT_THAT(junit, HasSubstr("message=\"REFUSED: " + decision.headline + "\">exit code 5"));
  EXPECT_THAT(page, HasSubstr(decision.headline));
  for (const std::string& form : {text, junit, page})
    EXPECT_THAT(form, HasSubstr("multiprocessor 17, launch 2 (cold)"));
  EXPECT_THAT(page, ::testing::Not(HasSubstr("<node3>"))) << "a foreign word is no markup";
  EXPECT_THAT(junit, HasSubstr("<testsuite name=\"kernelgate accept GPU 1 GPU-1\" tests="));
  // What was not tested is skipped, and what can't be told an error.
  const std::string one = sheet_as_junit(sheet_of(healthy_server(1)), false);
  EXPECT_THAT(one, HasSubstr("<skipped message=\"it takes 3 GPUs"));
}

}  // namespace
}  // namespace kernelgate::accept
