// report through the program: every format is read back by a program that is made for it (harness/report/read_back).

#include <chrono>
#include <cmath>

#include "bench/commands/program_for_test.h"
#include "harness/result/result.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

std::vector<std::vector<double>> runs_of(double level, int runs = 3, int samples = 9) {
  std::vector<std::vector<double>> all;
  for (int run = 0; run < runs; ++run) {
    all.emplace_back();
    for (int i = 0; i < samples; ++i) all.back().push_back(level * (1 + 1e-3 * ((7 * i + 3 * run) % 5)));
  }
  return all;
}

CaseResult case_called(const std::string& op, const std::string& problem, const std::string& implementation,
                       double level, const std::string& label = "") {
  CaseResult one = made_case(implementation, runs_of(level));
  one.op = op;
  one.problem = problem;
  one.label = label;
  one.name = op + "/" + problem + "/" + implementation + "/hot";
  return one;
}

class ReportCommand : public ProgramTest {
 protected:
  void write_pair(const Result& base, const Result& fresh) {
    write_result(base, folder_ / "base.json");
    write_result(fresh, folder_ / "new.json");
    run("compare --json --threshold 1% base.json new.json");
    write("comparison.json", out_);
  }

  /// One of every verdict that two files can have, and a wrong one.
  void write_every_verdict() {
    Result base, fresh;
    for (auto [result, factor] : {std::pair{&base, 1.0}, {&fresh, 1.5}}) {
      CaseResult wrong = case_called("mel", "whisper80/30s", "broken", 1e-4);
      if (factor > 1) {
        wrong.status = CaseStatus::wrong;
        wrong.reason = "3 of 9 outputs | first at 0";
        wrong.runs.clear();
      }
      CaseResult skipped = case_called("mel", "whisper80/30s", "cufft_thrust", 1);
      skipped.status = CaseStatus::skipped;
      skipped.reason = "no GPU here";
      skipped.runs.clear();
      *result = made_result({case_called("matmul", "f16_nt/256x256x256", "onednn", 1e-4),
                             case_called("matmul", "f16_nt/256x256x256", "ours", 2e-4 * factor, "small, square"),
                             case_called("matmul", "f16_nt/512x512x512", "ours", 4e-4 / factor), wrong, skipped});
      if (factor > 1) result->cases.push_back(case_called("mel", "new/1s", "ours", 1e-3));
      result->controls = {{"tensor_core", 0, {1e-3}, {1.1e-3}, 1e9, 0}, {"dram_copy", 0, {1e-3}, {1e-3}, 0, 1e7}};
    }
    write_pair(base, fresh);
  }

  /// What other people's files, and people, may call things.
  void write_hostile() {
    const std::vector<std::string> names{
        "</script><script>window.was_here=1</script>",
        "<img src=x onerror=window.was_here=1>",
        "<!-- <script>",
        "]]> &amp; & &#60;",
        "@DATA@ @SCRIPTS@",
        "line\u2028separator\u2029and \u202e turned",
        "a|b`c`*d*_e_~~f~~$g$[h](javascript:alert(1))\\",
        "@octocat #1 https://example.com",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2-3",
        "@SUM(A1)",
        "comma, \"quote\" 'single'",
        "new\nline\r\ttab\v\f\x01\x1b[2J",
        "%0A::error::%25",
        "::error title=x::y",
        "\"} 1\n# EOF\nx{a=\"",
        "back\\slash\\n",
        "caf\u00e9 \u65e5\u672c \U0001f600 \uffff",
        "' onmouseover='window.was_here=1",
    };
    Result base, fresh;
    for (auto [result, factor] : {std::pair{&base, 1.0}, {&fresh, 1.3}}) {
      std::vector<CaseResult> cases;
      for (std::size_t i = 0; i < names.size(); ++i) {
        CaseResult one = case_called("op", names[i], i % 2 == 0 ? "ours" : names[i], 1e-3 * (i % 3 == 0 ? factor : 1),
                                     i % 4 == 0 ? names[i] : "");
        one.code_hash = names[i];
        cases.push_back(one);
      }
      *result = made_result(cases);
      result->suite = result->device = names[0];
      result->build["commit"] = names[0];
      result->command = {"kernelgate", names[0], names[12]};
      result->findings = nlohmann::json::array({{{"severity", names[0]}, {"id", names[1]}, {"summary", names[2]}}});
      result->fingerprint["identity"][names[0]] = names[1];
    }
    write_pair(base, fresh);
  }

  /// Times that no clock has, next to each other.
  void write_gigantic() {
    Result base, fresh;
    for (auto [result, factor] : {std::pair{&base, 1.0}, {&fresh, 1e5}}) {
      CaseResult large = case_called("op", "large", "ours", 1e290 * factor),
                 small = case_called("op", "small", "ours", 2e-10), both = case_called("op", "both", "ours", factor);
      large.flop = large.bytes = 1e308;
      small.flop = 5e-324;
      both.flop = 0;
      *result = made_result({large, small, both});
      result->wall_s = 1e308;
      result->controls = {{"tensor_core", 0, {1e-300}, {1e300}, 1e308, 0}};
    }
    write_pair(base, fresh);
  }

  void read_back_as(const std::string& format, const std::string& reader) {
    SCOPED_TRACE(format);
    // What ends in .txt a browser shows as text.
    const std::string name = format == "html" ? "report.html" : "report.txt";
    ASSERT_EQ(run(fmt::format("report new.json --base base.json --threshold 1% --format {} --out {}", format, name)), 0)
        << err_;
    EXPECT_EQ(out_, "");
    read_back(reader, name + " new.json comparison.json");
    ASSERT_EQ(run(fmt::format("report new.json --format {} --out alone-{}", format, name)), 0) << err_;
    read_back(reader, "alone-" + name + " new.json -");
  }

  void read_back_of_all(const std::string& format, const std::string& reader) {
    write_every_verdict();
    read_back_as(format, reader);
    write_hostile();
    read_back_as(format, reader);
    write_gigantic();
    read_back_as(format, reader);
  }
};

TEST_F(ReportCommand, CsvIsReadBack) { read_back_of_all("csv", "read_csv.py"); }
TEST_F(ReportCommand, JUnitIsReadBack) { read_back_of_all("junit", "read_junit.py"); }
TEST_F(ReportCommand, OpenMetricsIsReadBack) { read_back_of_all("openmetrics", "read_openmetrics.py"); }
TEST_F(ReportCommand, MarkdownIsReadBack) { read_back_of_all("markdown", "read_markdown.py"); }
TEST_F(ReportCommand, GithubIsReadBack) { read_back_of_all("github", "read_github.py"); }
TEST_F(ReportCommand, ThePageIsReadBackInChromium) { read_back_of_all("html", "read_page.py"); }

TEST_F(ReportCommand, EveryFormatIsRegistered) {
  EXPECT_EQ(run("report x.json --format tea"), 1);
  EXPECT_THAT(err_, HasSubstr("console, csv, github, html, junit, markdown, openmetrics"));
}

TEST_F(ReportCommand, InformsAndLeavesTheVerdictToCompare) {
  write_every_verdict();
  EXPECT_EQ(run("compare --threshold 1% base.json new.json"), 2);
  EXPECT_EQ(run("report new.json --base base.json --format junit"), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("<testsuites>"), HasSubstr("exit code 2"), HasSubstr("type=\"SLOWER\"")));
  EXPECT_EQ(run("report new.json --base base.json --format console"), 0);
  EXPECT_THAT(out_, HasSubstr("SLOWER +50.0 %"));
}

TEST_F(ReportCommand, CompareWritesManyFormsAtOnce) {
  write_every_verdict();
  EXPECT_EQ(run("compare base.json new.json --html page.html --write junit=j.xml --write csv=c.csv --write github=g"),
            2);
  EXPECT_THAT(out_, HasSubstr("verdicts: ")) << "and the table for a person";
  EXPECT_THAT(read("page.html"), HasSubstr("<h1><span class=\"word\">WRONG</span>"));
  EXPECT_THAT(read("j.xml"), HasSubstr("<testsuites>"));
  EXPECT_THAT(read("c.csv"), HasSubstr("case,op,"));
  EXPECT_THAT(read("g"), HasSubstr("::error title=SLOWER matmul/"));
  EXPECT_EQ(run("compare base.json new.json --format junit"), 2);
  EXPECT_THAT(out_, AllOf(testing::StartsWith("<?xml"), testing::EndsWith("</testsuites>\n"))) << "alone on stdout";
  expect_refusal(1, "compare base.json new.json --write junit", "write FORMAT=FILE");
  expect_refusal(1, "compare base.json new.json --write tea=x", "there is no report format 'tea'");
  expect_refusal(1, "compare base.json new.json --write csv=x --html x", "is named for two forms");
}

TEST_F(ReportCommand, OtherToolsFilesNeedABase) {
  write("google.json", R"({"context": {"num_cpus": 2}, "benchmarks": [{"name": "a", "run_name": "a",
    "run_type": "iteration", "repetitions": 1, "repetition_index": 0, "iterations": 1, "real_time": 5.0,
    "cpu_time": 5.0, "time_unit": "us"}]})");
  expect_refusal(1, "report google.json", "say what to compare it with: --base");
  EXPECT_EQ(run("report google.json --base google.json --format csv"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\r\na,"));
  expect_refusal(1, "report none.json", "none.json");
}

TEST_F(ReportCommand, ThousandsOfCasesOpenAtOnce) {
  Result base, fresh;
  for (auto [result, factor] : {std::pair{&base, 1.0}, {&fresh, 1.02}}) {
    std::vector<CaseResult> cases;
    for (int i = 0; i < 5000; ++i) {
      CaseResult one = made_case(i % 2 == 0 ? "ours" : "onednn", runs_of(1e-4 * (1 + i % 97) * factor, 5, 12));
      one.problem = fmt::format("f16_nt/{}x256x256", i / 2 + 1);
      one.name = "matmul/" + one.problem + "/" + one.implementation + "/hot";
      one.code_hash = fmt::format("{:016x}", i * 0x9e3779b97f4a7c15u);
      cases.push_back(one);
    }
    *result = made_result(cases);
  }
  write_pair(base, fresh);
  ASSERT_EQ(run("report new.json --base base.json --threshold 1% --out report.html"), 0) << err_;
  // The time is a figure of the machine, and no test; the size is.
  read_back("read_page.py", "report.html new.json comparison.json --bytes 10e6");
  ASSERT_EQ(run("report new.json --base base.json --format markdown --out report.md"), 0) << err_;
  EXPECT_LT(fs::file_size(folder_ / "report.md"), 65536U) << "GitHub refuses more";
  EXPECT_THAT(read("report.md"), HasSubstr("more rows have no room here"));
}

}  // namespace
}  // namespace kernelgate
