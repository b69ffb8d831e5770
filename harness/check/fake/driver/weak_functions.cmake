# Writes a function for every name that the made-up library has no code for: each returns what the settings say of it,
# and else OTHERWISE.  cmake -DSYMBOLS=FILE -DOTHERWISE=CODE -DOUT=FILE -P weak_functions.cmake
file(STRINGS "${SYMBOLS}" names)
set(text "#include \"harness/check/fake/driver/settings.h\"\n\nextern \"C\" {\n")
foreach(name IN LISTS names)
  string(APPEND text "__attribute__((weak)) int ${name}() { return kernelgate::fake::answer(\"${name}\", ${OTHERWISE}); }\n")
endforeach()
file(WRITE "${OUT}" "${text}}\n")
