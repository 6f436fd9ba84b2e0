# Embeds sql/**/*.sql: sql/postgres/lock_split.sql becomes rowferry::sql::postgres::lock_split, a
# std::string_view in the generated header "sql/statements.h".
file(GLOB_RECURSE sql_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/sql
     ${CMAKE_SOURCE_DIR}/sql/*.sql)
set(sql_header ${CMAKE_BINARY_DIR}/generated/sql/statements.h)
list(TRANSFORM sql_files PREPEND ${CMAKE_SOURCE_DIR}/sql/ OUTPUT_VARIABLE sql_paths)
add_custom_command(
  OUTPUT ${sql_header}
  COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR}/sql -DHEADER=${sql_header}
          -P ${CMAKE_SOURCE_DIR}/cmake/write_sql_header.cmake
  DEPENDS ${sql_paths} ${CMAKE_SOURCE_DIR}/cmake/write_sql_header.cmake
  COMMENT "Embedding sql/"
  VERBATIM)
add_custom_target(rowferry_sql_header DEPENDS ${sql_header})
add_library(rowferry_sql INTERFACE)
add_dependencies(rowferry_sql rowferry_sql_header)
target_include_directories(rowferry_sql INTERFACE ${CMAKE_BINARY_DIR}/generated)
