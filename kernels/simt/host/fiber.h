#pragma once
// One CUDA thread's own stack and the switch to and from it.

#include <boost/context/fiber.hpp>
#include <cstddef>

namespace kernelgate::simt::executor {

/// A fiber's stack, reused from block to block; a guard page below it turns an overflow into a crash.
class Stack {
 public:
  Stack();
  ~Stack();
  Stack(Stack&& other) noexcept;
  Stack& operator=(Stack&&) = delete;

  void* bottom() const { return bottom_; }
  static std::size_t size();

 private:
  void* bottom_ = nullptr;
};

/// Runs a function on a stack of its own, with pauses.
class Fiber {
 public:
  /// `body(argument)` starts with the first resume. It must not throw.
  void start(const Stack& stack, void (*body)(void*), void* argument);
  /// Runs it until it suspends or ends. Not from within a fiber.
  void resume();
  /// Back to where resume was called. Only from within this fiber.
  void suspend();

 private:
  boost::context::fiber inside_;   // while it is suspended
  boost::context::fiber outside_;  // while it runs
  const void* stack_bottom_ = nullptr;
  // What AddressSanitizer must be told about the stack that is left and the one that is entered.
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
};

}  // namespace kernelgate::simt::executor
