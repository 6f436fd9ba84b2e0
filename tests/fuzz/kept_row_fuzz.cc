// Input: the bytes of a kept row, as the ledger has them.
#include "base/error.h"
#include "data/kept_row.h"
#include "data/plain_text.h"
#include "data/row_json.h"
#include "fuzz/fuzz.h"

namespace rowferry::testing {
namespace {

// As a reader keeps it: of another value, made by hand, JSON need not say all.
bool IsOrdinary(const KeptValue& kept) {
  const Type any = TypeOf(Kind::kAny);
  if (kept.type.kind != Kind::kAny) return Fits(kept.value, kept.type);
  if (IsUtf16Text(kept.type)) return kept.value.storage == StorageClass::kBlob;
  if (IsUnread(kept.type)) return kept.value.storage == StorageClass::kNull;
  return kept.type == any;
}

bool IsOrdinary(const KeptRow& row) {
  for (const KeptValue& kept : row) {
    const bool plain = kept.type.width == TypeOf(Kind::kAny).width && kept.type.precision == -1 &&
                       kept.type.scale == -1;
    if (!IsOrdinary(kept) || (kept.type.kind == Kind::kAny && !plain)) return false;
  }
  return true;
}

void LookAtJson(const KeptRow& row) {
  const nlohmann::ordered_json json = RowToJson(row);
  Require(json.size() == row.size(), "each column has a member of its own");
  const std::string text = json.dump();
  if (!IsOrdinary(row)) return;
  const auto read = nlohmann::ordered_json::parse(text);
  Require(RowFromJson(read, row) == row, "a row that was exported is read as it was");
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string_view bytes = TextOfInput(data, size);
  const auto row = DecodeRow(bytes);
  if (!row) return 0;
  Require(EncodeRow(*row) == bytes, "only what EncodeRow writes is a kept row");
  for (const KeptValue& kept : *row) ShowValue(kept.value, kept.type);
  LookAtJson(*row);
  return 0;
}
