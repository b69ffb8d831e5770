// Single instructions on values worked out by hand.

#include "harness/predict/follow/arithmetic.h"

#include <gtest/gtest.h>

#include "harness/predict/sass/decode.h"

namespace kernelgate::predict {
namespace {

class Arithmetic : public ::testing::Test {
 protected:
  void set(int index, std::uint32_t value) {
    Operand to;
    to.kind = OperandKind::reg;
    to.index = index;
    registers_.write(to, Lanes::of(value), all_lanes);
  }
  void set_predicate(int index, bool value) { registers_.plain_predicate(index) = {value ? all_lanes : 0u, 0}; }
  void run(const char* text) {
    EXPECT_TRUE(compute(decode_instruction(0, text), constants_, registers_, all_lanes, 0)) << text;
  }
  std::uint32_t value(int index) const {
    EXPECT_EQ(registers_.reg(index).unknown, 0u);
    return registers_.reg(index).value[5];
  }
  bool predicate(int index) { return (registers_.plain_predicate(index).value & 1) != 0; }

  ConstantBank constants_;
  WarpRegisters registers_;
};

TEST_F(Arithmetic, SubtractionCarriesWhereNothingIsBorrowed) {
  set(1, 5), set(2, 7);
  run("IADD3 R3, P0, R2, -R1, RZ");
  EXPECT_EQ(value(3), 2u);
  EXPECT_TRUE(predicate(0));
  run("IADD3 R3, P0, R1, -R2, RZ");
  EXPECT_EQ(value(3), 0xfffffffeu);
  EXPECT_FALSE(predicate(0));
  run("IADD3.X R4, RZ, ~RZ, RZ, P0, !PT");  // the upper half of 5 - 7
  EXPECT_EQ(value(4), 0xffffffffu);
  run("IADD3 R3, P0, R2, -R5, RZ");  // 7 - 0
  EXPECT_EQ(value(3), 7u);
  EXPECT_TRUE(predicate(0));
}

TEST_F(Arithmetic, ProductsOf64Bits) {
  set(1, 0xffffffff), set(2, 3), set(4, 1), set(5, 2);
  run("IMAD.WIDE.U32 R6, R1, R2, R4");
  EXPECT_EQ(value(6), 0xfffffffeu);
  EXPECT_EQ(value(7), 4u);
  run("IMAD.WIDE R6, R1, R2, RZ");
  EXPECT_EQ(value(6), 0xfffffffdu);
  EXPECT_EQ(value(7), 0xffffffffu);
  run("IMAD.HI.U32 R8, R1, R2, RZ");
  EXPECT_EQ(value(8), 2u);
}

TEST_F(Arithmetic, ShiftsAndAdds) {
  set(1, 0x80000001), set(2, 100), set(3, 0xf);
  run("LEA R4, P1, R1, R2, 0x1");
  EXPECT_EQ(value(4), 102u);
  EXPECT_FALSE(predicate(1));  // what is shifted out is the upper half's
  run("LEA.HI.X R4, R1, R2, R3, 0x1, P1");
  EXPECT_EQ(value(4), 100u + 0x1f);
  run("LEA.HI R4, R1, R2, RZ, 0x5");
  EXPECT_EQ(value(4), 100u + 0x10);
  run("SHF.R.S32.HI R4, RZ, 0x1f, R1");
  EXPECT_EQ(value(4), 0xffffffffu);
  run("SHF.L.U64.HI R4, R1, 0x4, R3");
  EXPECT_EQ(value(4), 0xf8u);
}

TEST_F(Arithmetic, ComparisonsOf64Bits) {
  set(1, 1), set(2, 2), set(3, 9), set(4, 9);
  run("ISETP.GE.U32.AND P0, PT, R1, R2, PT");
  EXPECT_FALSE(predicate(0));
  run("ISETP.GE.AND.EX P1, PT, R3, R4, PT, P0");  // {9, 1} >= {9, 2}
  EXPECT_FALSE(predicate(1));
  run("ISETP.GE.AND.EX P1, P2, R3, R1, PT, P0");
  EXPECT_TRUE(predicate(1));
  EXPECT_FALSE(predicate(2));
}

// n / d as nvcc writes it: a float's reciprocal, rounded down, and two corrections.
TEST_F(Arithmetic, ADivisionByItsReciprocal) {
  for (const auto& [n, d] :
       {std::pair{1000003u, 7u}, std::pair{4294967295u, 3u}, std::pair{12u, 13u}, std::pair{65536u, 256u}}) {
    set(2, n), set(7, d);
    for (const char* text :
         {"I2F.U32.RP R6, R7", "IMAD.MOV R0, RZ, RZ, -R7", "MUFU.RCP R8, R6", "VIADD R8, R8, 0xffffffe",
          "F2I.FTZ.U32.TRUNC.NTZ R9, R8", "MOV R8, RZ", "IMAD R3, R0, R9, RZ", "IMAD.HI.U32 R9, R9, R3, R8",
          "IMAD.HI.U32 R10, R9, R2, RZ", "IMAD.MOV R0, RZ, RZ, -R10", "IMAD R0, R7, R0, R2"})
      run(text);
    std::uint32_t quotient = value(10), rest = value(0);
    for (int i = 0; i < 2; ++i)
      if (rest >= d) rest -= d, ++quotient;
    EXPECT_EQ(quotient, n / d);
    EXPECT_EQ(rest, n % d);
  }
}

TEST_F(Arithmetic, TheRest) {
  set(1, 0xfffffff0), set(2, 20);
  set_predicate(0, true), set_predicate(1, false);
  run("VIADDMNMX.RELU R3, R2, -R1, 0x8, PT");  // min(20 + 16, 8)
  EXPECT_EQ(value(3), 8u);
  run("VIMNMX R3, R1, R2, !PT");
  EXPECT_EQ(value(3), 20u);
  run("VIMNMX3 R3, R1, 0x7, R2, PT");
  EXPECT_EQ(value(3), 0xfffffff0u);
  run("VIMNMX3 R3, R1, 0x7, R2, !PT");
  EXPECT_EQ(value(3), 20u);
  run("VIMNMX3.U32 R3, R1, 0x7, R2, PT");
  EXPECT_EQ(value(3), 7u);
  run("IABS R3, R1");
  EXPECT_EQ(value(3), 16u);
  run("LOP3.LUT R3, R1, 0xff, RZ, 0xc0, !PT");
  EXPECT_EQ(value(3), 0xf0u);
  run("SEL R3, R1, R2, !P0");
  EXPECT_EQ(value(3), 20u);
  run("PRMT R3, R2, 0x7610, R1");
  EXPECT_EQ(value(3), 0xffff0014u);
  run("HFMA2.MMA R3, -RZ, RZ, 0, 5.9604644775390625e-08");
  EXPECT_EQ(value(3), 1u);
}

TEST_F(Arithmetic, WhatIsUnknownStaysUnknown) {
  Operand to;
  to.kind = OperandKind::reg;
  to.index = 1;
  registers_.write(to, Lanes::nothing_known(), all_lanes);
  set(2, 5);
  run("IADD3 R3, R1, R2, RZ");
  EXPECT_EQ(registers_.reg(3).unknown, all_lanes);
  set_predicate(0, false);
  run("SEL R3, R1, R2, P0");  // what is not chosen does not matter
  EXPECT_EQ(registers_.reg(3).unknown, 0u);
  run("ISETP.GE.AND P1, PT, R1, R2, P0");  // false and anything is false
  EXPECT_EQ(registers_.plain_predicate(1).unknown, 0u);
  EXPECT_FALSE(compute(decode_instruction(0, "FADD R4, R1, R2"), constants_, registers_, all_lanes, 0));
}

}  // namespace
}  // namespace kernelgate::predict
