// Input: the words of a command line, one a line.
#include "app/options.h"
#include "app/read_options.h"
#include "base/error.h"
#include "base/text.h"
#include "fuzz/fuzz.h"

namespace rowferry::testing {
namespace {

namespace po = boost::program_options;

// As RunCommandLine does it; nothing for what Boost refuses.
std::optional<Invocation> Parse(const std::vector<std::string>& words) {
  po::options_description all = CopyOptions();
  all.add_options()("arguments", po::value<std::vector<std::string>>());
  po::positional_options_description where;
  where.add("arguments", -1);
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  Invocation invocation;
  try {
    po::store(po::command_line_parser(words).options(all).positional(where).style(style).run(),
              invocation.options);
  } catch (const po::error&) {
    return std::nullopt;
  }
  invocation.arguments = invocation.List("arguments");
  return invocation;
}

void LookAtSettings(const Invocation& invocation) {
  const Settings settings = ReadSettings(invocation);
  Require(settings.limits.rows > 0 && settings.limits.bytes > 0, "a chunk has room for a row");
  const std::string name = JobName(settings, settings.source, settings.target);
  Require(!name.empty() && IsText(name) && name.size() <= 200, "a job has a name");
  Require(IsText(ShowOptions(settings)), "the options are shown as text");
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string text(TextOfInput(data, size));
  if (text.find('\0') != std::string::npos) return 0;  // no argument of a program holds one
  const auto invocation = Parse(Split(text, '\n'));
  if (!invocation || invocation->arguments.size() != 2) return 0;
  try {
    LookAtSettings(*invocation);
    ReadOutput(*invocation);
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kUsage, "a bad option is a fault of the command line");
    Require(IsText(error.what()), "what is said of it is text");
  }
  return 0;
}
