// Input: a type's name, in PostgreSQL's spelling or in SQLite's.
#include <string>

#include "data/type.h"
#include "fuzz/fuzz.h"
#include "sqlite/types.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string_view text = TextOfInput(data, size);
  const Type type = ParseType(text);
  const bool is_bpchar = type.name == "char";  // which is char(1) where it is read
  Require(is_bpchar || ParseType(type.name) == type, "a type's name gives the type");
  Require(type.scale < 0 || type.precision >= 0, "a scale comes with a precision");
  for (const bool strict : {false, true}) {
    sqlite::SuggestType(text, strict);
    sqlite::AffinityOf(text, strict);
  }
  sqlite::PartsOf(text);
  sqlite::IsRowidAlias(text);
  const std::string declared = sqlite::Declare(type, "", false);
  const bool fits_comment = declared != "TEXT" || type.name == "text";
  const bool is_told = fits_comment && !type.name.empty();
  Require(!is_told || sqlite::SuggestType(declared).type == type,
          "a type declared in SQLite is read as the type");
  return 0;
}
