#include "harness/predict/sass/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/predict/planted_for_test.h"

namespace kernelgate::predict {
namespace {

// Of an HMMA on sm_90a, 6 cycles to the next; of an instruction that waits for scoreboard 2; of a load.
TEST(Decode, ControlWords) {
  const Control control = decode_control(0x000fcc0000001804);
  EXPECT_EQ(control.stall, 6u);
  EXPECT_EQ(control.write_barrier, 7u);
  EXPECT_EQ(control.read_barrier, 7u);
  EXPECT_EQ(control.wait_mask, 0u);
  EXPECT_EQ(decode_control(0x004fe20000000f00).wait_mask, 1u << 2);
  EXPECT_EQ(decode_control(0x000ea20000000800).write_barrier, 2u);
}

TEST(Decode, Operands) {
  const Instruction add = decode_instruction(16, "@!P2 IADD3 R2, P1, P3, -R4, 0xffffffe0, ~R6");
  EXPECT_EQ(add.op, Opcode::iadd3);
  EXPECT_EQ(add.guard, 2);
  EXPECT_TRUE(add.guard_negated);
  ASSERT_EQ(add.operands.size(), 6u);
  EXPECT_EQ(add.operands[1].kind, OperandKind::predicate);
  EXPECT_TRUE(add.operands[3].negated);
  EXPECT_EQ(add.operands[4].value, 0xffffffe0);
  EXPECT_TRUE(add.operands[5].inverted);

  const Instruction load = decode_instruction(0, "LDG.E.64.CONSTANT R30, desc[UR14][R32.64+-0x2]");
  EXPECT_EQ(load.op, Opcode::ldg);
  EXPECT_TRUE(load.has(Modifier::w64));
  EXPECT_EQ(load.operands[1].kind, OperandKind::address);
  EXPECT_EQ(load.operands[1].index, 32);
  EXPECT_TRUE(load.operands[1].wide_base);
  EXPECT_EQ(load.operands[1].uniform_index, -1);  // the descriptor's register is no part of the address
  EXPECT_EQ(load.operands[1].value, -2);

  const Instruction store = decode_instruction(0, "STS [R7.X4+UR4+0x10], RZ");
  EXPECT_EQ(store.operands[0].scale, 4);
  EXPECT_EQ(store.operands[0].uniform_index, 4);
  EXPECT_EQ(store.operands[1].index, zero_register);

  const Instruction constant = decode_instruction(0, "ULDC.64 UR4, c[0x0][0x210]");
  EXPECT_TRUE(constant.uniform);
  EXPECT_EQ(constant.op, Opcode::ldc);
  EXPECT_EQ(constant.operands[1].kind, OperandKind::constant);
  EXPECT_EQ(constant.operands[1].value, 0x210);
  const Instruction element = decode_instruction(0, "LDC R15, c[0x0][R8+0x52c]");
  EXPECT_EQ(element.operands[1].kind, OperandKind::constant);
  EXPECT_EQ(element.operands[1].index, 8);
  EXPECT_EQ(element.operands[1].value, 0x52c);
}

TEST(Decode, WhatIsPackedIsUnpacked) {
  const SassKernel kernel = for_test::planted_kernel("Li4ELi16ELi0ELi16E");
  EXPECT_EQ(kernel.arch, "sm90a");
  const auto back = unpack_kernels(pack_kernels({kernel}), [](const SassKernel&) { return true; });
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].symbol, kernel.symbol);
  ASSERT_EQ(back[0].instructions.size(), kernel.instructions.size());
  for (std::size_t i = 0; i < kernel.instructions.size(); ++i) {
    const Instruction &a = kernel.instructions[i], &b = back[0].instructions[i];
    EXPECT_EQ(a.address, b.address);
    EXPECT_EQ(a.text, b.text);
    EXPECT_EQ(a.control.stall, b.control.stall) << a.text;
    EXPECT_EQ(a.control.wait_mask, b.control.wait_mask) << a.text;
    EXPECT_EQ(a.control.write_barrier, b.control.write_barrier) << a.text;
    EXPECT_EQ(a.control.read_barrier, b.control.read_barrier) << a.text;
  }
  EXPECT_TRUE(unpack_kernels(pack_kernels({kernel}), [](const SassKernel&) { return false; }).empty());
}

TEST(Decode, VisitsWhatIsPackedInItsOrder) {
  const SassKernel kernel = for_test::planted_kernel("Li4ELi16ELi0ELi16E");
  SassKernel second = kernel;
  second.symbol = "second";
  std::vector<std::string> symbols, texts;
  visit_packed(
      pack_kernels({kernel, second}), [&](const SassKernel& one) { symbols.push_back(one.symbol); },
      [&](std::string_view text) { texts.emplace_back(text); });
  EXPECT_THAT(symbols, testing::ElementsAre(kernel.symbol, "second"));
  ASSERT_EQ(texts.size(), 2 * kernel.instructions.size());
  EXPECT_EQ(texts.back(), kernel.instructions.back().text);
  EXPECT_THROW(visit_packed(
                   " 1\n", [](const SassKernel&) {}, [](std::string_view) {}),
               ResultError);
}

TEST(Decode, RefusesWhatIsNoInstruction) {
  EXPECT_THROW(read_disassembly("/*0010*/ MOV R1, R2 ; /* 0x0000000000000000 */\n", "x"), ResultError);
  EXPECT_THROW(decode_instruction(0, "MOV R1, c[0xg][0x0]"), ResultError);
  EXPECT_THROW(unpack_kernels("sm90a\tf\tn\ts\n zz\n", [](const SassKernel&) { return true; }), ResultError);
}

}  // namespace
}  // namespace kernelgate::predict
