# The JSON files that are part of the program: what works with what, the policies, GPUs.

# kernelgate_texts(OUT FOLDER HEADER FUNCTION): the source of FUNCTION, which lists the folder's JSON files.
function(kernelgate_texts out folder header function)
  set(embed "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed_texts.cmake")
  file(GLOB files CONFIGURE_DEPENDS "${folder}/*.json")
  list(FILTER files EXCLUDE REGEX "\\.schema\\.json$")
  set(pairs)
  foreach(file IN LISTS files)
    get_filename_component(stem "${file}" NAME_WE)
    list(APPEND pairs "${stem}=${file}")
  endforeach()
  list(JOIN pairs "|" pairs)
  set(source "${CMAKE_BINARY_DIR}/generated/${function}.cpp")
  add_custom_command(OUTPUT "${source}"
    COMMAND ${CMAKE_COMMAND} "-DOUT=${source}" -DHEADER=${header} -DNAMESPACE=kernelgate
            -DTABLE=${function} "-DTEXTS=${pairs}" -P "${embed}"
    DEPENDS ${files} "${embed}"
    COMMENT "Embedding ${folder}" VERBATIM)
  set(${out} "${source}" PARENT_SCOPE)
endfunction()

# kernelgate_check_texts(OUT): the sources that hold them, for whatever links harness/check.
function(kernelgate_check_texts out)
  set(room "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../harness/check")
  set(header harness/check/knowledge/embedded_texts.h)
  kernelgate_texts(compat "${room}/knowledge/data" ${header} compat_texts)
  kernelgate_texts(policies "${room}/require/policies" ${header} policy_texts)
  set(${out} "${compat}" "${policies}" PARENT_SCOPE)
endfunction()
