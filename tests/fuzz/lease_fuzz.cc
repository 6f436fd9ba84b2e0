// Input: the file beside an SQLite database that names who writes to it.
#include "base/clock.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "sqlite/lease.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const sqlite::LeaseOwner owner = sqlite::ParseLease(TextOfInput(data, size));
  for (const std::string& shown : {owner.job, owner.host}) {
    Require(IsText(shown) && Printable(shown, std::string::npos) == shown, "names can be shown");
  }
  Require(IsText(IsoTime(owner.since)), "so can the time");
  return 0;
}
