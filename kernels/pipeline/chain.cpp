#include "kernels/pipeline/chain.h"

#include <algorithm>

#include "kernels/pipeline/buffer_plan.h"
#include "kernels/pipeline/network.h"
#include "kernels/pipeline/windows.h"

namespace kernelgate::pipeline {
namespace {

using Of = Operand::Of;

template <Op T>
std::shared_ptr<const AnyProblem> problem_of(const typename T::Problem& problem, const std::string& label) {
  return std::make_shared<TypedProblem<T>>(Workload<T>{problem, label, {}});
}

class Chaining {
 public:
  explicit Chaining(const Pipeline::Problem& problem) : problem_(problem), network_(network_of(problem)) {
    of_map_.resize(network_.maps.size());
    of_map_[Network::faces] = {Of::faces, 0};
    add_hearing();
    for (const Layer& layer : network_.layers) add_layer(layer);
    for (std::size_t i = 1; i < chain_.steps.size(); ++i)
      chain_.steps[i].follows = chain_.steps[i].branch == chain_.steps[i - 1].branch;
  }
  Chain take() { return std::move(chain_); }

 private:
  Operand new_map(std::int64_t elements) {
    chain_.map_bytes.push_back(static_cast<std::size_t>(elements) * sizeof(f16));
    return {Of::map, chain_.map_bytes.size() - 1};
  }

  void add_hearing() {
    const Mel::Problem mel = mel_of(problem_);
    const Operand features = new_map(mel.feature_count());
    chain_.steps.push_back(
        {"mel", problem_of<Mel>(mel, "mel"), "sm75_fused", {{Of::audio, 0}, features}, Branch::hears});
    of_map_[Network::windows] = features;
    if (problem_.n == 1) return;  // its window is all there is
    const Windows::Problem windows{.rows = mel.preset.n_mels, .columns = problem_.columns(), .frames = problem_.n};
    of_map_[Network::windows] = new_map(windows.y_count());
    chain_.steps.push_back({"windows",
                            problem_of<Windows>(windows, "windows"),
                            "sm75_windows",
                            {features, of_map_[Network::windows]},
                            Branch::hears});
  }

  void add_layer(const Layer& layer) {
    const Conv2d::Problem& p = layer.problem;
    const Operand input = of_map(layer.input);
    Operand& output = of_map(layer.output);
    output = layer.output == network_.frames() ? Operand{Of::frames, 0} : new_map(p.y_count());
    chain_.steps.push_back({layer.name,
                            problem_of<Conv2d>(p, layer.name),
                            "ours",
                            {input,
                             {Of::weights, static_cast<std::size_t>(layer.weights)},
                             {Of::weights, static_cast<std::size_t>(layer.bias)},
                             p.residual ? input : Operand{},
                             layer.skip < 0 ? Operand{} : of_map(layer.skip),
                             output},
                            layer.branch});
  }

  Operand& of_map(int map) { return of_map_[static_cast<std::size_t>(map)]; }

  Pipeline::Problem problem_;
  Network network_;
  std::vector<Operand> of_map_;
  Chain chain_;
};

}  // namespace

Chain chain_of(const Pipeline::Problem& problem) { return Chaining(problem).take(); }

ChainMemory memory_of(const Chain& chain) {
  const auto steps = static_cast<int>(chain.steps.size());
  std::vector<Lifetime> lives;
  for (const std::size_t bytes : chain.map_bytes) lives.push_back({bytes, steps, -1});
  std::vector<char> hears(lives.size());
  for (int i = 0; i < steps; ++i) {
    const Step& step = chain.steps[static_cast<std::size_t>(i)];
    for (const Operand& operand : step.operands) {
      if (operand.of != Of::map) continue;
      Lifetime& life = lives[operand.at];
      life.first = std::min(life.first, i);
      life.last = std::max(life.last, i);
      if (step.branch == Branch::hears) hears[operand.at] = 1;
    }
  }
  // Two blocks, one behind the other: of the branch that hears, and of all else.
  ChainMemory memory;
  memory.offsets.resize(lives.size());
  for (const bool branch : {true, false}) {
    std::vector<Lifetime> some;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < lives.size(); ++i)
      if ((hears[i] != 0) == branch) {
        some.push_back(lives[i]);
        which.push_back(i);
      }
    const BufferPlan plan = plan_buffers(some);
    for (std::size_t i = 0; i < which.size(); ++i) memory.offsets[which[i]] = memory.bytes + plan.offsets[i];
    memory.bytes += plan.bytes;
  }
  return memory;
}

}  // namespace kernelgate::pipeline
