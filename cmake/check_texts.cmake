# The JSON files that are part of the program: what works with what, and the policies.

# kernelgate_check_texts(OUT): the sources that hold them, for whatever links harness/check.
function(kernelgate_check_texts out)
  set(embed "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed_texts.cmake")
  set(sources)
  foreach(table compat_texts=knowledge/data policy_texts=require/policies)
    string(REGEX MATCH "^(.*)=(.*)$" ignored "${table}")
    set(table "${CMAKE_MATCH_1}")
    set(folder "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../harness/check/${CMAKE_MATCH_2}")
    file(GLOB files CONFIGURE_DEPENDS "${folder}/*.json")
    list(FILTER files EXCLUDE REGEX "\\.schema\\.json$")
    set(pairs)
    foreach(file IN LISTS files)
      get_filename_component(stem "${file}" NAME_WE)
      list(APPEND pairs "${stem}=${file}")
    endforeach()
    list(JOIN pairs "|" pairs)
    set(source "${CMAKE_BINARY_DIR}/generated/${table}.cpp")
    add_custom_command(OUTPUT "${source}"
      COMMAND ${CMAKE_COMMAND} "-DOUT=${source}" -DHEADER=harness/check/knowledge/embedded_texts.h -DNAMESPACE=kernelgate
              -DTABLE=${table} "-DTEXTS=${pairs}" -P "${embed}"
      DEPENDS ${files} "${embed}"
      COMMENT "Embedding ${folder}" VERBATIM)
    list(APPEND sources "${source}")
  endforeach()
  set(${out} "${sources}" PARENT_SCOPE)
endfunction()
