// Each GPU beside its neighbours, and beside what it was.
#include <algorithm>
#include <cmath>

#include "harness/accept/judge/judge.h"
#include "harness/accept/judge/test_makers.h"

namespace kernelgate::accept {
namespace {

constexpr std::size_t fewest_gpus = 3;  // of two nobody can say which one is slow

/// The middle, and how far GPUs are usually from it.
struct Middle {
  double median = 0;
  double scatter = 0;  ///< as a standard deviation, from the median of distances
};

Middle middle_of(const std::vector<double>& values) {
  Middle middle{median(values), 0};
  std::vector<double> distances;
  for (const double value : values) distances.push_back(std::abs(value - middle.median));
  constexpr double of_normal = 1.4826;
  middle.scatter = of_normal * median(distances);
  return middle;
}

std::vector<double> known(const std::vector<Measured>& gpus, const Figure& figure) {
  std::vector<double> values;
  for (const Measured& one : gpus)
    if (const Fact<double> value = figure.of(one); value.value) values.push_back(*value.value);
  return values;
}

std::string other_work(const Measured& gpu) {
  const std::int64_t others = gpu.load.other_processes;
  return others > 0 ? fmt::format("; {} other processes used this GPU meanwhile", others) : "";
}

Tested judge_beside(const Measured& gpu, const Figure& figure, const std::vector<double>& all) {
  Tested test = make_test(gpu.gpu, std::string("node.") + figure.id, std::string(figure.title) + ", beside the others",
                          "node_spread");
  test.seconds = gpu.load.seconds;
  const Fact<double> value = figure.of(gpu);
  if (!value.value) return not_tested(std::move(test), value.reason);
  if (all.size() < fewest_gpus)
    return not_tested(std::move(test), fmt::format("it takes {} GPUs to say which one is slow; {} gave a figure",
                                                   fewest_gpus, all.size()));
  const Middle middle = middle_of(all);
  const double allowed = threshold("node_spread").value, below = 1 - *value.value / middle.median;
  test.value = {*value.value / figure.scale, ""};
  test.least = {(1 - allowed) * middle.median / figure.scale, ""};
  test.unit = figure.unit;
  const std::string says =
      fmt::format("{:.4g} {}, {:.1f} % {} the middle one ({:.4g})", *value.value / figure.scale, figure.unit,
                  100 * std::abs(below), below > 0 ? "below" : "above", middle.median / figure.scale);
  if (below <= allowed) return decided(std::move(test), true, says);
  constexpr double sure = 3;  // deviations
  const double scatter = middle.scatter / middle.median;
  if (!other_work(gpu).empty() || below <= sure * scatter) {
    test.outcome = Outcome::inconclusive;
    test.says = !other_work(gpu).empty()
                    ? says + other_work(gpu)
                    : fmt::format("{}; the GPUs of this machine differ by {:.1f} % anyway", says, 100 * scatter);
    return test;
  }
  return decided(std::move(test), false, says);
}

void note_temperatures(const std::vector<Measured>& gpus, std::vector<std::string>& notes) {
  std::vector<double> hottest;
  std::vector<const Measured*> of;
  for (const Measured& gpu : gpus) {
    std::int64_t most = 0;
    for (const Sample& sample : gpu.load.samples) most = std::max(most, sample.temperature_c.value.value_or(0));
    if (most > 0) hottest.push_back(static_cast<double>(most)), of.push_back(&gpu);
  }
  if (hottest.size() < fewest_gpus) return;
  const double middle = median(hottest);
  for (std::size_t i = 0; i < of.size(); ++i)
    if (hottest[i] - middle > threshold("temperature_spread").value)
      notes.push_back(fmt::format("GPU {} became {:.0f} degrees hot, the middle one {:.0f}: look at its air",
                                  of[i]->gpu, hottest[i], middle));
}

/// A link that is narrower than the others', though the GPU says that it is as it should be: a riser, a slot.
Tested judge_width(const Measured& gpu, const std::vector<Measured>& gpus) {
  Tested test = make_test(gpu.gpu, "node.link", "PCIe link, beside the others", "pcie_link");
  const Fact<std::int64_t>&width = gpu.links.width, &generation = gpu.links.generation;
  if (!width.value || !generation.value)
    return not_tested(std::move(test), gpu.links.error.empty() ? width.reason : gpu.links.error);
  std::vector<double> all;
  const auto rate = [](const Measured& one) {
    return pcie_bytes_per_s(static_cast<int>(one.links.generation.value.value_or(0)),
                            static_cast<int>(one.links.width.value.value_or(0)));
  };
  for (const Measured& one : gpus)
    if (rate(one) > 0) all.push_back(rate(one));
  if (all.size() < fewest_gpus)
    return not_tested(std::move(test), fmt::format("it takes {} GPUs; {} gave a figure", fewest_gpus, all.size()));
  const double middle = median(all);
  test.value = {rate(gpu) / 1e9, ""};
  test.least = {middle / 1e9, ""};
  test.unit = "GB/s raw";
  return decided(std::move(test), rate(gpu) >= middle,
                 fmt::format("generation {} x{}{}", *generation.value, *width.value,
                             rate(gpu) >= middle ? ", as the others" : ", less than the middle one's"));
}

}  // namespace

const std::vector<Figure>& figures() {
  static const std::vector<Figure> all = {
      {"speed", "Sustained speed", "TFLOP/s", 1e12, [](const Measured& gpu) { return sustained_flop_per_s(gpu.load); }},
      {"copy", "Copies within its memory", "GB/s", 1e9, [](const Measured& gpu) { return gpu.load.memory.copy; }},
      {"read", "Reads of its memory", "GB/s", 1e9, [](const Measured& gpu) { return gpu.load.memory.read; }},
  };
  return all;
}

Tests judge_node(const std::vector<Measured>& gpus, std::vector<std::string>& notes) {
  Tests tests;
  for (const Figure& figure : figures()) {
    const std::vector<double> all = known(gpus, figure);
    for (const Measured& gpu : gpus) tests.push_back(judge_beside(gpu, figure, all));
  }
  for (const Measured& gpu : gpus) tests.push_back(judge_width(gpu, gpus));
  note_temperatures(gpus, notes);
  return tests;
}

Tests judge_against(const std::vector<Measured>& now, const std::vector<Measured>& earlier) {
  Tests tests;
  for (const Measured& gpu : now) {
    const auto before = std::ranges::find(earlier, gpu.uuid, &Measured::uuid);
    for (const Figure& figure : figures()) {
      Tested test = make_test(gpu.gpu, std::string("against.") + figure.id,
                              std::string(figure.title) + ", beside its earlier sheet", "own_spread");
      const Fact<double> value = figure.of(gpu);
      const Fact<double> was =
          before == earlier.end() ? missing<double>("the earlier sheet does not have this GPU") : figure.of(*before);
      if (!value.value || !was.value) {
        tests.push_back(not_tested(std::move(test), value.value ? was.reason : value.reason));
        continue;
      }
      const double allowed = threshold("own_spread").value, change = *value.value / *was.value - 1;
      test.value = {*value.value / figure.scale, ""};
      test.least = {(1 - allowed) * *was.value / figure.scale, ""};
      test.unit = figure.unit;
      const std::string says = fmt::format("{:.4g} {}, it was {:.4g} ({:+.1f} %)", *value.value / figure.scale,
                                           figure.unit, *was.value / figure.scale, 100 * change);
      if (change < -allowed && gpu.load.other_processes > 0) {
        test.outcome = Outcome::inconclusive;
        test.says = says + other_work(gpu);
        tests.push_back(std::move(test));
      } else {
        tests.push_back(decided(std::move(test), change >= -allowed, says));
      }
    }
  }
  return tests;
}

}  // namespace kernelgate::accept
