// Opening NVML and libcuda, and carrying what they said from one process to another.
#include "harness/check/machine/driver_libraries.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>

#include "harness/base/json/fact_json.h"

namespace kernelgate {

LibraryView open_and_read(const char* library, const char* known_symbol,
                          const std::function<void(const SymbolSource&, LibraryView&)>& read) {
  LibraryView view;
  // Never closed: unloading a driver library with threads of its own is not safe.
  void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* error = dlerror();
    view.load_error = error ? error : "dlopen failed without saying why";
    view.init_code.reason = view.cuda_driver_version.reason = view.device_count.reason = view.driver_version.reason =
        std::string(library) + " could not be loaded";
    return view;
  }
  view.loaded = true;
  Dl_info info{};
  if (void* symbol = dlsym(handle, known_symbol); symbol && dladdr(symbol, &info) && info.dli_fname) {
    std::error_code failed;
    const std::filesystem::path real = std::filesystem::canonical(info.dli_fname, failed);
    view.path = failed ? info.dli_fname : real.string();
    view.notes = read_elf_notes(view.path);
  }
  read([handle](const char* name) { return dlsym(handle, name); }, view);
  return view;
}

nlohmann::json to_json(const Gpu& gpu) {
  nlohmann::json document;
  for_each_gpu_field([&](const char* name, auto member) { document[name] = fact_json(gpu.*member); });
  return document;
}

namespace {

nlohmann::json to_json(const Fact<ForwardCompat>& fact) {
  if (!fact.value) return fact_json(Fact<std::string>{std::nullopt, fact.reason});
  return {
      {"cuda_version", fact.value->cuda_version}, {"drivers", fact.value->drivers}, {"devices", fact.value->devices}};
}

Fact<ForwardCompat> forward_compat_from_json(const nlohmann::json& document) {
  if (document.contains("reason")) return missing<ForwardCompat>(document.at("reason"));
  ForwardCompat compat;
  document.at("cuda_version").get_to(compat.cuda_version);
  document.at("drivers").get_to(compat.drivers);
  document.at("devices").get_to(compat.devices);
  return {compat, ""};
}

}  // namespace

nlohmann::json to_json(const LibraryView& view) {
  nlohmann::json gpus = nlohmann::json::array();
  for (const Gpu& gpu : view.gpus) gpus.push_back(to_json(gpu));
  return {{"loaded", view.loaded},
          {"load_error", view.load_error},
          {"path", view.path},
          {"build_id", fact_json(view.notes.build_id)},
          {"has_compat_note", fact_json(view.notes.has_compat_note)},
          {"forward_compat", to_json(view.notes.forward_compat)},
          {"probe_error", view.probe_error},
          {"init_code", fact_json(view.init_code)},
          {"driver_version", fact_json(view.driver_version)},
          {"driver_branch", fact_json(view.driver_branch)},
          {"cuda_driver_version", fact_json(view.cuda_driver_version)},
          {"device_count", fact_json(view.device_count)},
          {"conf_compute_ready", fact_json(view.conf_compute_ready)},
          {"gpus", gpus}};
}

LibraryView library_view_from_json(const nlohmann::json& document) {
  LibraryView view;
  view.loaded = document.at("loaded");
  view.load_error = document.at("load_error");
  view.path = document.at("path");
  view.notes.build_id = fact_from_json<std::string>(document.at("build_id"));
  view.notes.has_compat_note = fact_from_json<bool>(document.at("has_compat_note"));
  view.notes.forward_compat = forward_compat_from_json(document.at("forward_compat"));
  view.probe_error = document.at("probe_error");
  view.init_code = fact_from_json<std::int64_t>(document.at("init_code"));
  view.driver_version = fact_from_json<std::string>(document.at("driver_version"));
  view.driver_branch = fact_from_json<std::string>(document.at("driver_branch"));
  view.cuda_driver_version = fact_from_json<std::int64_t>(document.at("cuda_driver_version"));
  view.device_count = fact_from_json<std::int64_t>(document.at("device_count"));
  view.conf_compute_ready = fact_from_json<bool>(document.at("conf_compute_ready"));
  for (const nlohmann::json& entry : document.at("gpus")) {
    Gpu gpu;
    for_each_gpu_field([&](const char* name, auto member) {
      auto& fact = gpu.*member;
      using Value = typename std::remove_reference_t<decltype(fact.value)>::value_type;
      fact = fact_from_json<Value>(entry.at(name));
    });
    view.gpus.push_back(gpu);
  }
  return view;
}

std::string normal_pci_bus_id(const std::string& bus_id) {
  std::string text = bus_id;
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t colon = text.find(':');
  // NVML pads the domain to eight digits, CUDA and the kernel to four.
  if (colon == 8 && text.starts_with("0000")) text.erase(0, 4);
  return text;
}

}  // namespace kernelgate
