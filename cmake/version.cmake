# "app/version.h" with the version and the commit, looked at anew by every configure.
execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} describe --always --dirty
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()
set(ROWFERRY_COMMIT ${commit})
configure_file(${CMAKE_SOURCE_DIR}/cmake/version.h.in
               ${CMAKE_BINARY_DIR}/version/app/version.h @ONLY)
add_library(rowferry_version INTERFACE)
target_include_directories(rowferry_version INTERFACE ${CMAKE_BINARY_DIR}/version)
