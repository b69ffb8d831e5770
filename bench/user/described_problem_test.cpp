// A described kernel by the made-up driver, whose memory is the host's: proved, measured and seen to cheat as any
// other.
#include "bench/user/described_problem.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "bench/run/session.h"
#include "bench/user/description_for_test.h"
#include "harness/base/error.h"
#include "harness/base/paths_for_test.h"
#include "harness/report/reporter.h"
#include "harness/result/result.h"
#include "kernels/matmul/matmul.h"
#include "kernels/op/inputs.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

SymbolSource made_up_driver() {
  static void* const library = dlopen((build_folder() / "fake_driver/libcuda.so.1").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw DeviceError("no made-up driver beside this test: build the target fake_driver");
  return [](const char* name) { return dlsym(library, name); };
}

const KernelPlace made_up{DeviceKind::cpu, made_up_driver};

class DescribedProblem : public ::testing::Test {
 protected:
  std::shared_ptr<const AnyProblem> problem(const nlohmann::json& described) const {
    const auto kernel = std::make_shared<const KernelDescription>(read_kernel_description(folder_.describe(described)));
    return std::make_shared<WithKernel>(own_problems(*kernel).front(), kernel, made_up);
  }

  static CaseResult measured(const std::shared_ptr<const AnyProblem>& problem) {
    MeasureOptions options;
    options.device.kind = DeviceKind::cpu;
    options.policy.warm_up_s = 0.001;
    options.policy.max_samples = 30;
    options.policy.precision = -1;
    options.seed = 17;
    const Case one{problem, problem->implementations().front(), CacheState::hot, "saxpy/mine/hot"};
    Session session({one}, options, [](const Case&) {});
    session.measure(0);
    return session.results().front();
  }

  template <class T>
  void write_values(const std::string& name, const std::vector<T>& values) const {
    folder_.write(name, std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
  }

  /// Two sets of inputs in files, and what is right as f64.
  nlohmann::json in_files(int sets) const {
    nlohmann::json described = saxpy_json();
    described["expected"].erase("formula");
    described["problems"][0]["sizes"]["n"] = 100;
    for (int set = 0; set < sets; ++set) {
      std::vector<float> x(100), y(100);
      std::vector<double> z(100);
      for (std::size_t i = 0; i < 100; ++i) {
        x[i] = static_cast<float>(i) + static_cast<float>(set);
        y[i] = 3;
        z[i] = 2.5 * x[i] + y[i];
      }
      const std::string number = std::to_string(set);
      write_values("x" + number, x);
      write_values("y" + number, y);
      write_values("z" + number, z);
      described["problems"][0]["files"].push_back({{"x", "x" + number}, {"y", "y" + number}, {"z", "z" + number}});
    }
    return described;
  }

  DescriptionFolder folder_;
};

TEST_F(DescribedProblem, IsProvedAndMeasured) {
  const CaseResult result = measured(problem(saxpy_json()));
  EXPECT_EQ(result.status, CaseStatus::measured) << result.reason;
  EXPECT_TRUE(result.verification && result.verification->right);
  EXPECT_EQ(result.code_hash.size(), 16u);
}

TEST_F(DescribedProblem, AFormulaKnowsItsPlaceAndReadsByPlace) {
  nlohmann::json described = saxpy_json();
  described["tensors"][0]["shape"] = {2, 3, "k"};
  described["tensors"][1]["shape"] = {"k", 5};
  described["tensors"][2]["shape"] = {2, 3, 5};
  described["problems"][0]["sizes"] = {{"k", 4}, {"n", 30}};
  described["expected"]["formula"] = "sum(k0, k, x[item, row, k0] * y[k0, column]) + 1000 * i";
  const auto one = problem(described);
  Inputs inputs(*one, 5);
  std::vector<std::int64_t> all(30);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  std::vector<Expected> expected(30);
  one->reference(inputs.pointers(), all, expected);
  const auto* x = static_cast<const float*>(inputs.pointers()[0]);
  const auto* y = static_cast<const float*>(inputs.pointers()[1]);
  for (std::size_t item = 0; item < 2; ++item)
    for (std::size_t row = 0; row < 3; ++row)
      for (std::size_t column = 0; column < 5; ++column) {
        const std::size_t i = (item * 3 + row) * 5 + column;
        double value = 1000. * static_cast<double>(i);
        for (std::size_t k = 0; k < 4; ++k)
          value += static_cast<double>(x[(item * 3 + row) * 4 + k]) * static_cast<double>(y[k * 5 + column]);
        EXPECT_NEAR(expected[i].value, value, 1e-9);
        EXPECT_NEAR(expected[i].bound, 1e-6 + 1e-6 * std::abs(value), 1e-12);
      }
}

TEST_F(DescribedProblem, AWrongOneIsWrong) {
  nlohmann::json described = saxpy_json();
  described["arguments"][3]["f32"] = 2.4999;
  EXPECT_EQ(measured(problem(described)).status, CaseStatus::wrong);
  described = saxpy_json();
  described["launch"]["grid"] = {3};  // too few blocks
  const CaseResult short_grid = measured(problem(described));
  EXPECT_EQ(short_grid.status, CaseStatus::wrong);
  EXPECT_THAT(short_grid.reason, HasSubstr("left 232 of 1000 outputs unwritten"));
}

TEST_F(DescribedProblem, OneThatWorksOnlyWhileItIsCheckedIsCaught) {
  folder_.write("saxpy.ptx", saxpy_ptx("saxpy_that_tires"));
  nlohmann::json described = saxpy_json();
  described["kernel"] = "saxpy_that_tires";
  const CaseResult result = measured(problem(described));
  EXPECT_EQ(result.status, CaseStatus::wrong);
  EXPECT_THAT(result.reason, HasSubstr("while it was timed"));
}

TEST_F(DescribedProblem, ValuesInFilesAreInputsAndWhatIsRight) {
  const CaseResult right = measured(problem(in_files(2)));
  EXPECT_EQ(right.status, CaseStatus::measured) << right.reason;
  nlohmann::json wrong = in_files(2);
  write_values("z1", std::vector<double>(100, 1));
  EXPECT_EQ(measured(problem(wrong)).status, CaseStatus::wrong);
}

TEST_F(DescribedProblem, AStrangeLabelAndGiganticNumbersBreakNoReport) {
  nlohmann::json described = saxpy_json();
  described["problems"][0]["label"] = "a|b, \"c\" <i>\n\x1b[31m `d` \xe2\x80\xae end";
  described["flop"] = 9.9e29;
  Result result;
  result.cases = {measured(problem(described))};
  // No device computes that much in the time.
  EXPECT_EQ(result.cases[0].flop, 9.9e29);
  for (const ReportFormat& format : report_formats().all()) {
    const std::string text = format.reporter->report({&result, nullptr});
    // Annotations are of what is wrong alone; and a page has a library's code.
    if (format.name != "github") {
      EXPECT_THAT(text, HasSubstr("saxpy")) << format.name;
    }
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << format.name;
    EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos) << format.name;
    if (format.name != "html") {
      EXPECT_EQ(text.find("inf"), std::string::npos) << text;
    }
  }
  const nlohmann::json document = nlohmann::json::parse(to_json(result).dump());
  EXPECT_THAT(document["kernelgate"]["cases"][0]["label"].get<std::string>(), HasSubstr("a|b, \"c\" <i>"));
}

TEST_F(DescribedProblem, OfTwoSetsTheOtherComesInPlace) {
  const auto two = problem(in_files(2));
  EXPECT_FALSE(two->inputs().front().constant);
  Inputs inputs(*two, 1);
  const auto first = inputs.bytes(0);
  inputs.renew();
  EXPECT_NE(inputs.bytes(0), first);
  inputs.renew();
  EXPECT_EQ(inputs.bytes(0), first);
  EXPECT_TRUE(problem(in_files(1))->inputs().front().constant);
}

TEST_F(DescribedProblem, FilesThatDontFitAreRefused) {
  const nlohmann::json described = in_files(2);
  write_values("x1", std::vector<float>(99));
  EXPECT_THAT([&] { problem(described); },
              ThrowsMessage<HarnessError>(HasSubstr("x1: has 396 bytes, and the tensor 400; write its raw elements")));
  in_files(2);
  write_values("x1", std::vector<float>(100));
  write_values("x0", std::vector<float>(100));
  EXPECT_THAT([&] { problem(described); }, ThrowsMessage<HarnessError>(HasSubstr("two sets have the same inputs")));
  std::filesystem::remove(folder_.path() / "z0");
  EXPECT_THAT([&] { problem(described); },
              ThrowsMessage<HarnessError>(HasSubstr("z0: there is no such file of values")));
}

TEST_F(DescribedProblem, StandsBesideTheOthersOfAnOpOfKernelgate) {
  nlohmann::json described = saxpy_json();
  described["op"] = "matmul";
  described.erase("tensors");
  described.erase("expected");
  described["problems"] = {"f16_nt/*"};
  described["arguments"] =
      nlohmann::json::parse(R"([{"tensor":"a"},{"tensor":"b"},{"tensor":"c"},{"f32":1},{"i32":"lda"}])");
  described["launch"]["grid"] = {"ceil_div(m, 64)", "ceil_div(n, 64)"};
  const auto kernel = std::make_shared<const KernelDescription>(read_kernel_description(folder_.describe(described)));
  EXPECT_FALSE(kernel->own_op);
  const auto base =
      std::make_shared<TypedProblem<Matmul>>(Workload<Matmul>{{.m = 100, .n = 200, .k = 32}, "", {"full"}});
  const WithKernel with(base, kernel, KernelPlace{});
  EXPECT_EQ(with.implementations().size(), base->implementations().size() + 1);
  EXPECT_EQ(with.suites(), (std::vector<std::string>{"default", "full", "smoke", "verify"}));
  for (const auto& one : with.implementations())
    EXPECT_TRUE(one.name != "mine" || with.supports(one, {})) << with.supports(one, {}).reason;
  const DriverLaunch launch = kernel->launch(with.sizes(), {{"a", nullptr}, {"b", nullptr}, {"c", nullptr}});
  EXPECT_EQ(launch.grid, (simt::Dim3{2, 4}));
  EXPECT_EQ(launch.parameters[4], 32u);
}

}  // namespace
}  // namespace kernelgate
