#include "app/display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "app/format.h"
#include "app/print.h"
#include "app/render.h"

namespace rowferry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds kRedraw{100};  // at most ten times a second
constexpr milliseconds kTick{250};
constexpr seconds kPlainPeriod{10};

void Put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

// In columns; 80 if the terminal does not say.
size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

Display::Display(ProgressMode mode, bool color, LogFormat format)
    : mode_(mode), color_(color), format_(format), said_at_(steady_clock::now()) {
  if (mode_ != ProgressMode::kNone) ticker_ = std::thread([this] { Tick(); });
}

Display::~Display() { Close(); }

void Display::Close() {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    Erase();
  }
  closing_.notify_all();
  if (ticker_.joinable()) ticker_.join();
}

void Display::Changed(const RunProgress& progress) {
  const std::lock_guard lock(mutex_);
  if (closed_ || mode_ == ProgressMode::kNone) return;
  progress_ = progress;
  rate_.Add(steady_clock::now(), progress.RowsThisRun());
  if (mode_ == ProgressMode::kBar) {
    if (steady_clock::now() - drawn_at_ >= kRedraw) Draw();
  } else if (progress_.began && PlainIsDue()) {
    SayPlain();
  }
}

void Display::WriteLine(const std::string& line) {
  const std::lock_guard lock(mutex_);
  Erase();
  Put(line + "\n");
}

void Display::Say(const std::string& text) { WriteLine(Line(text)); }

void Display::Suspend(bool suspended) {
  const std::lock_guard lock(mutex_);
  Erase();
  suspended_ = suspended;
}

void Display::Tick() {
  std::unique_lock lock(mutex_);
  while (!closing_.wait_for(lock, kTick, [this] { return closed_; })) {
    if (mode_ == ProgressMode::kBar) {
      Draw();
    } else if (steady_clock::now() - said_at_ >= kPlainPeriod) {
      SayPlain();
    }
  }
}

void Display::Draw() {
  if (suspended_) return;
  std::string text;
  if (progress_.began && !said_start_) {
    said_start_ = true;
    Erase();
    text += PrintableLines(RenderStart(progress_)) + "\n";
  }
  if (drawn_lines_ > 0) text += "\x1b[" + std::to_string(drawn_lines_) + "A";
  const auto lines = RenderLive(progress_, CurrentPace(), TerminalWidth(), color_);
  for (const std::string& line : lines) text += "\r\x1b[2K" + line + "\n";
  text += "\x1b[J";  // lines of tables that are through
  drawn_lines_ = lines.size();
  drawn_at_ = steady_clock::now();
  Put(text);
}

void Display::Erase() {
  if (drawn_lines_ == 0) return;
  Put("\x1b[" + std::to_string(drawn_lines_) + "A\r\x1b[J");
  drawn_lines_ = 0;
}

bool Display::PlainIsDue() {
  if (!said_start_) return true;
  const int64_t total = progress_.RowsTotal();
  if (total <= 0) return false;
  const int quarter = Percent(progress_.RowsDone(), total) / 25;
  if (quarter <= said_quarter_) return false;
  said_quarter_ = quarter;
  return true;
}

void Display::SayPlain() {
  if (suspended_) return;
  said_at_ = steady_clock::now();
  if (!progress_.began) return Put(Line("planning …") + "\n");
  if (said_start_) return Put(Line(RenderPlain(progress_, CurrentPace())) + "\n");
  said_start_ = true;
  const int64_t total = progress_.RowsTotal();
  if (total > 0) said_quarter_ = Percent(progress_.RowsDone(), total) / 25;
  Put(Line(RenderStart(progress_)) + "\n");
}

std::string Display::Line(const std::string& text) const {
  return format_ == LogFormat::kText ? PrintableLines(text) : LogLine(format_, "info", text);
}

Pace Display::CurrentPace() const {
  Pace pace{rate_.RowsPerSecond(), std::nullopt};
  const int64_t total = progress_.RowsTotal();
  if (total >= 0) pace.seconds_left = rate_.SecondsFor(total - progress_.RowsDone());
  return pace;
}

}  // namespace rowferry
