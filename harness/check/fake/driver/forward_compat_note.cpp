// Makes a library say that it is of a forward-compatibility package, as that of cuda-compat-12-9 does.
// Source  NVIDIA/nvidia-container-toolkit, testdata/compat: the note of 575.57.08.

#define DRIVERS "535,550,560,565,570,575"

asm(R"(
  .section .note.cuda.fwd_compatibility, "a", %note
  .balign 4
  .long 19
  .long .Lcontent_end - .Lcontent
  .long 0
  .asciz "NVIDIA Corporation"
  .balign 4
.Lcontent:
  .ascii "{\"format\":1,\"CUDA version\":\"12.9\",\"driver\":[)" DRIVERS R"(],\"device\":[1,2,7,8,9,10,11,12,13,14]}"
.Lcontent_end:
  .balign 4
  .previous
)");
