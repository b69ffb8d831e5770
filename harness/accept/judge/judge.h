#pragma once
// From what was measured to tests. Pure: measures nothing.

#include <string>
#include <vector>

#include "harness/accept/measured.h"
#include "harness/accept/verdict.h"
#include "harness/check/require/policy.h"

namespace kernelgate::accept {

/// Each line of severity `fail`. A fact that can't be read is not tested. What of severity `warn` does not hold is
/// added to `notes`.
Tests judge_preflight(const PolicyReport& policy, std::vector<std::string>& notes);

/// The process, links, memory, products, throttling and error counters of one GPU.
Tests judge_gpu(const Measured& gpu);
Tests judge_links(const Measured& gpu);
Tests judge_products(const Measured& gpu);
Tests judge_errors(const Measured& gpu);

/// Each GPU beside the others: sustained speed, memory, the width of its link. `notes`: what is worth knowing and no
/// failure by itself.
Tests judge_node(const std::vector<Measured>& gpus, std::vector<std::string>& notes);

/// Each GPU beside the GPU of the same UUID in an earlier sheet.
Tests judge_against(const std::vector<Measured>& now, const std::vector<Measured>& earlier);

/// One of the figures that GPUs are compared by.
struct Figure {
  const char* id;
  const char* title;
  const char* unit;
  double scale;  ///< of one unit
  Fact<double> (*of)(const Measured&);
};
const std::vector<Figure>& figures();

}  // namespace kernelgate::accept
