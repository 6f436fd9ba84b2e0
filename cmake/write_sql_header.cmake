# Run by embed_sql.cmake: writes HEADER from the files under ROOT.
file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/*.sql)
list(SORT files)
set(out "// Made from sql/ by cmake/write_sql_header.cmake.\n#pragma once\n\n#include <string_view>\n")
foreach(file ${files})
  get_filename_component(folder ${file} DIRECTORY)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${ROOT}/${file} text)
  string(APPEND out "\nnamespace rowferry::sql::${folder} {\n"
         "inline constexpr std::string_view ${name} = R\"sql(${text})sql\";\n}\n")
endforeach()
file(WRITE ${HEADER} "${out}")
