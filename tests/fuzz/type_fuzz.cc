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
  Require(ParseType(type.name) == type, "a type's name gives the type");
  Require(type.scale < 0 || type.precision >= 0, "a scale comes with a precision");
  for (const bool strict : {false, true}) {
    sqlite::SuggestType(text, strict);
    sqlite::AffinityOf(text, strict);
  }
  sqlite::PartsOf(text);
  sqlite::IsRowidAlias(text);
  const std::string declared = sqlite::Declare(type, "", false);
  Require(!declared.empty(), "every type has a declaration");
  return 0;
}
