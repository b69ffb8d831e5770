#include "harness/base/xml_text.h"

#include <gtest/gtest.h>

namespace kernelgate {
namespace {

TEST(XmlText, MarksAreEscaped) {
  EXPECT_EQ(xml_escaped("<a b=\"c\">&amp;]]>"), "&lt;a b=&quot;c&quot;&gt;&amp;amp;]]&gt;");
}

TEST(XmlText, WhatXmlLacksBecomesAQuestionMark) {
  EXPECT_EQ(xml_escaped(std::string_view("a\0\x01\x1b\x7f\t\n", 7)), "a???\x7f\t\n");
  EXPECT_EQ(xml_escaped("\xff\xc3"), "??") << "no UTF-8";
  EXPECT_EQ(xml_escaped("\uffff\ufffe\ufffd"), "??\ufffd");
  EXPECT_EQ(xml_escaped("\xed\xa0\x80"), "???") << "half of a surrogate pair";
  EXPECT_EQ(xml_escaped("caf\u00e9 \U0001f600"), "caf\u00e9 \U0001f600");
}

}  // namespace
}  // namespace kernelgate
