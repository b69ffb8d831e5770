#pragma once
// The functions of cuDNN's graph library that we call, and its descriptors with an owner.

#include <cudnn_graph.h>
#include <cudnn_version.h>

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/op/op.h"

namespace kernelgate::cudnn {

/// Addresses in the library loaded at run time; the types are those of the header.
struct Api {
  decltype(&cudnnCreate) create;
  decltype(&cudnnSetStream) set_stream;
  decltype(&cudnnGetErrorString) error_string;
  decltype(&cudnnGetLastErrorString) last_error_string;
  decltype(&cudnnBackendCreateDescriptor) create_descriptor;
  decltype(&cudnnBackendDestroyDescriptor) destroy_descriptor;
  decltype(&cudnnBackendFinalize) finalize;
  decltype(&cudnnBackendSetAttribute) set_attribute;
  decltype(&cudnnBackendGetAttribute) get_attribute;
  decltype(&cudnnBackendExecute) execute;
};

/// Errors  Unsupported where there is no cuDNN of the major version that we were compiled with.
const Api& api();

/// Whether `api` would succeed.
Support available();

/// "cudnnBackendFinalize(plan): CUDNN_STATUS_NOT_SUPPORTED_SHAPE, <what cuDNN says of it>"
std::string describe(cudnnStatus_t status, const std::string& call);

/// Errors  Unsupported for the statuses that say so, DeviceError for all others.
void check(cudnnStatus_t status, const std::string& call);

/// The tag that an attribute of C++ type T travels with.
template <class T>
struct TypeTag;
template <>
struct TypeTag<cudnnHandle_t> {
  static constexpr auto value = CUDNN_TYPE_HANDLE;
};
template <>
struct TypeTag<cudnnDataType_t> {
  static constexpr auto value = CUDNN_TYPE_DATA_TYPE;
};
template <>
struct TypeTag<bool> {
  static constexpr auto value = CUDNN_TYPE_BOOLEAN;
};
template <>
struct TypeTag<std::int64_t> {
  static constexpr auto value = CUDNN_TYPE_INT64;
};
template <>
struct TypeTag<float> {
  static constexpr auto value = CUDNN_TYPE_FLOAT;
};
template <>
struct TypeTag<cudnnConvolutionMode_t> {
  static constexpr auto value = CUDNN_TYPE_CONVOLUTION_MODE;
};
template <>
struct TypeTag<cudnnBackendHeurMode_t> {
  static constexpr auto value = CUDNN_TYPE_HEUR_MODE;
};
template <>
struct TypeTag<cudnnPointwiseMode_t> {
  static constexpr auto value = CUDNN_TYPE_POINTWISE_MODE;
};
template <>
struct TypeTag<cudnnBackendKnobType_t> {
  static constexpr auto value = CUDNN_TYPE_KNOB_TYPE;
};
template <>
struct TypeTag<cudnnBackendNumericalNote_t> {
  static constexpr auto value = CUDNN_TYPE_NUMERICAL_NOTE;
};

/// A backend descriptor, destroyed with the object. Movable.
///
/// Errors  every member throws what `check` throws.
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type);
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;

  cudnnBackendDescriptor_t get() const { return raw_; }

  template <class T>
  Descriptor& set(cudnnBackendAttributeName_t name, const T& value) {
    set_raw(name, TypeTag<T>::value, 1, &value);
    return *this;
  }
  template <class T>
  Descriptor& set(cudnnBackendAttributeName_t name, const std::vector<T>& values) {
    set_raw(name, TypeTag<T>::value, std::ssize(values), values.data());
    return *this;
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const Descriptor& value);
  Descriptor& set(cudnnBackendAttributeName_t name, const std::vector<Descriptor>& values);
  Descriptor& set_pointers(cudnnBackendAttributeName_t name, const std::vector<void*>& pointers);
  Descriptor& finalize();

  template <class T>
  T get(cudnnBackendAttributeName_t name) const {
    T value{};
    get_raw(name, TypeTag<T>::value, 1, &value);
    return value;
  }
  /// How many elements were there, of at most `most` that were written to `values`.
  std::int64_t get_raw(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t most,
                       void* values) const;

 private:
  void set_raw(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
               const void* values);

  cudnnBackendDescriptor_t raw_ = nullptr;
};

}  // namespace kernelgate::cudnn
