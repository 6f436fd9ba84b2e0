// Input: a job's settings, as the ledger has them.
#include "base/error.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "job/stored_settings.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  try {
    const Settings settings = RestoreSettings(std::string(TextOfInput(data, size)));
    const std::string stored = StoreSettings(settings);
    Require(StoreSettings(RestoreSettings(stored)) == stored, "settings are restored as stored");
    Require(IsText(ShowOptions(settings)), "the options are shown as text");
    const std::string name = JobName(settings, settings.source, settings.target);
    Require(!name.empty() && IsText(name), "a job has a name");
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kTarget, "damage is a fault of the target");
    Require(IsText(error.what()), "what is said of it is text");
  }
  return 0;
}
