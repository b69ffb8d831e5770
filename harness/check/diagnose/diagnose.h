#pragma once
// From facts to findings: what is wrong, why, and what to do. Pure: reads nothing itself.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/check/check_options.h"
#include "harness/check/finding.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {

/// What a check found in this environment; the rest of the finding is the diagnosis' own text.
struct Match {
  std::string summary;
  std::vector<std::string> evidence;
  std::vector<std::string> remedies = {};  ///< when they depend on the facts; else the diagnosis' own; marks: place.h
  std::optional<Severity> severity = {};   ///< likewise
};

/// One thing that can be wrong. `check` says whether it is.
struct Diagnosis {
  const char* id;
  Severity severity;
  const char* cause;  ///< what it means, for --explain
  std::vector<const char*> remedies;
  const char* source;
  std::optional<Match> (*check)(const Environment&, const CheckOptions&);
  bool last_resort = false;  ///< looked at only when no failure explains why there is no usable GPU
};

/// All of them, in the order in which causes are looked for: the first failure is the cause.
std::vector<const Diagnosis*> all_diagnoses();

/// Those of the machine. With no NVIDIA hardware: D-HW-NONE and what concerns the host. Else everything that matches;
/// only the first failure keeps that severity, later ones are its context and become `info`.
std::vector<Finding> diagnose(const Environment& environment, const CheckOptions& options);

/// What this build of the program needs and does not find here: a CUDA of its own, a driver of that major, machine code
/// for the GPU. It says nothing of the machine, and `run` refuses where one is a failure.
std::vector<Finding> diagnose_build(const Environment& environment, const CheckOptions& options);

/// Offline text for an id. Errors  HarnessError (usage) that lists the ids when there is no such one.
std::string explain(const std::string& id);

/// CUDA starts here, sees the GPU that options name, and gives a context and memory on it.
bool cuda_works(const Environment& environment, const CheckOptions& options);

// The groups, in their order; each in its own file.
std::span<const Diagnosis> hardware_diagnoses();
std::span<const Diagnosis> container_diagnoses();
std::span<const Diagnosis> driver_diagnoses();
std::span<const Diagnosis> library_diagnoses();
std::span<const Diagnosis> device_diagnoses();
std::span<const Diagnosis> trial_diagnoses();
std::span<const Diagnosis> limit_diagnoses();
std::span<const Diagnosis> software_warnings();
std::span<const Diagnosis> gpu_warnings();
std::span<const Diagnosis> host_warnings();
std::span<const Diagnosis> build_diagnoses();

}  // namespace kernelgate
