// Loads cuDNN, and turns its statuses into our errors.

#include "bench/peers/cudnn/cudnn_api.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "bench/peers/library.h"

namespace kernelgate::cudnn {
namespace {

const std::vector<std::string>& sonames() {
  static const std::vector<std::string> names{fmt::format("libcudnn.so.{}", CUDNN_MAJOR)};
  return names;
}

}  // namespace

const Api& api() {
  static const Api loaded = [] {
    const Library& library = Library::open("cuDNN", sonames());
    return Api{
        .create = library.symbol<decltype(&cudnnCreate)>("cudnnCreate"),
        .set_stream = library.symbol<decltype(&cudnnSetStream)>("cudnnSetStream"),
        .error_string = library.symbol<decltype(&cudnnGetErrorString)>("cudnnGetErrorString"),
        .last_error_string = library.symbol<decltype(&cudnnGetLastErrorString)>("cudnnGetLastErrorString"),
        .create_descriptor = library.symbol<decltype(&cudnnBackendCreateDescriptor)>("cudnnBackendCreateDescriptor"),
        .destroy_descriptor = library.symbol<decltype(&cudnnBackendDestroyDescriptor)>("cudnnBackendDestroyDescriptor"),
        .finalize = library.symbol<decltype(&cudnnBackendFinalize)>("cudnnBackendFinalize"),
        .set_attribute = library.symbol<decltype(&cudnnBackendSetAttribute)>("cudnnBackendSetAttribute"),
        .get_attribute = library.symbol<decltype(&cudnnBackendGetAttribute)>("cudnnBackendGetAttribute"),
        .execute = library.symbol<decltype(&cudnnBackendExecute)>("cudnnBackendExecute"),
    };
  }();
  return loaded;
}

Support available() { return Library::probe("cuDNN", sonames()); }

std::string describe(cudnnStatus_t status, const std::string& call) {
  std::array<char, 512> detail{};
  api().last_error_string(detail.data(), detail.size());
  std::string text = fmt::format("{}: {}", call, api().error_string(status));
  if (detail[0] != '\0') text += fmt::format(", {}", detail.data());
  for (char& letter : text)  // cuDNN's details span lines; a reason is one
    if (letter == '\n') letter = ' ';
  return text;
}

void check(cudnnStatus_t status, const std::string& call) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  // What a graph asks for is right by our contract, so that a "bad parameter" is a limit of the library's.
  const int category = CUDNN_STATUS_CATEGORY(static_cast<int>(status));
  const bool unsupported = category == CUDNN_STATUS_NOT_SUPPORTED || category == CUDNN_STATUS_BAD_PARAM;
  if (unsupported) throw Unsupported(describe(status, call));
  throw DeviceError(describe(status, call));
}

Descriptor::Descriptor(cudnnBackendDescriptorType_t type) {
  check(api().create_descriptor(type, &raw_), fmt::format("cudnnBackendCreateDescriptor({})", static_cast<int>(type)));
}

Descriptor::~Descriptor() {
  if (raw_ != nullptr) api().destroy_descriptor(raw_);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(raw_, other.raw_);
  return *this;
}

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, const Descriptor& value) {
  set_raw(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value.raw_);
  return *this;
}

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, const std::vector<Descriptor>& values) {
  std::vector<cudnnBackendDescriptor_t> raw;
  for (const Descriptor& value : values) raw.push_back(value.raw_);
  set_raw(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, std::ssize(raw), raw.data());
  return *this;
}

Descriptor& Descriptor::set_pointers(cudnnBackendAttributeName_t name, const std::vector<void*>& pointers) {
  set_raw(name, CUDNN_TYPE_VOID_PTR, std::ssize(pointers), pointers.data());
  return *this;
}

Descriptor& Descriptor::finalize() {
  check(api().finalize(raw_), "cudnnBackendFinalize");
  return *this;
}

void Descriptor::set_raw(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
                         const void* values) {
  check(api().set_attribute(raw_, name, type, count, values),
        fmt::format("cudnnBackendSetAttribute({})", static_cast<int>(name)));
}

std::int64_t Descriptor::get_raw(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t most,
                                 void* values) const {
  std::int64_t count = 0;
  check(api().get_attribute(raw_, name, type, most, &count, values),
        fmt::format("cudnnBackendGetAttribute({})", static_cast<int>(name)));
  return count;
}

}  // namespace kernelgate::cudnn
