#include "kernels/simt/host/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <utility>

#include "kernels/simt/host/sanitizer.h"

namespace kernelgate::simt::executor {
namespace {

// Sanitizers put red zones around every local variable.
constexpr std::size_t stack_bytes = SIMT_ASAN ? 128 * 1024 : 64 * 1024;

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

// Each guard page splits a mapping in two, and a process may have 65530 of them (vm.max_map_count).
constexpr int most_guard_pages = 16384;
std::atomic<int> guard_pages{0};

// Hands Fiber's stack to Boost, which would otherwise allocate and free one for each fiber.
struct GivenStack {
  boost::context::stack_context context;
  boost::context::stack_context allocate() { return context; }
  void deallocate(boost::context::stack_context&) {}
};

}  // namespace

std::size_t Stack::size() { return stack_bytes; }

Stack::Stack() {
  void* mapped = mmap(nullptr, page_bytes() + stack_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  if (guard_pages.fetch_add(1) < most_guard_pages) mprotect(mapped, page_bytes(), PROT_NONE);
  bottom_ = static_cast<std::byte*>(mapped) + page_bytes();
}

Stack::~Stack() {
  if (bottom_ == nullptr) return;
  allow_access(bottom_, stack_bytes);
  munmap(static_cast<std::byte*>(bottom_) - page_bytes(), page_bytes() + stack_bytes);
  guard_pages.fetch_sub(1);
}

Stack::Stack(Stack&& other) noexcept : bottom_(std::exchange(other.bottom_, nullptr)) {}

void Fiber::start(const Stack& stack, void (*body)(void*), void* argument) {
  stack_bottom_ = stack.bottom();
  allow_access(stack_bottom_, stack_bytes);
  GivenStack given;
  given.context.size = stack_bytes;
  given.context.sp = static_cast<std::byte*>(stack.bottom()) + stack_bytes;
  inside_ = boost::context::fiber(std::allocator_arg, given, [this, body, argument](boost::context::fiber&& outside) {
    after_switch(nullptr, &outside_bottom_, &outside_size_);
    outside_ = std::move(outside);
    body(argument);
    before_switch(nullptr, outside_bottom_, outside_size_);
    return std::move(outside_);
  });
}

void Fiber::resume() {
  void* kept = nullptr;
  before_switch(&kept, stack_bottom_, stack_bytes);
  inside_ = std::move(inside_).resume();
  after_switch(kept, nullptr, nullptr);
}

void Fiber::suspend() {
  void* kept = nullptr;
  before_switch(&kept, outside_bottom_, outside_size_);
  outside_ = std::move(outside_).resume();
  after_switch(kept, &outside_bottom_, &outside_size_);
}

}  // namespace kernelgate::simt::executor
