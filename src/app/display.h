// What the user sees while a run goes on, on stderr.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "app/log.h"
#include "app/rate.h"
#include "app/recorder.h"

namespace rowferry {

enum class ProgressMode {
  kNone,
  kPlain,  // a line at every quarter and every 10 seconds
  kBar,    // redrawn in place; needs a terminal
};

// Thread-safe. Writes to stderr from its own thread and from the callers of its methods.
class Display {
 public:
  // `format` is that of Say and of kPlain: JSON, so that all lines of stderr are.
  Display(ProgressMode mode, bool color, LogFormat format);
  ~Display();  // leaves the terminal clean
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;

  void Changed(const RunProgress& progress);
  // Writes a line above the display: for the log.
  void WriteLine(const std::string& line);
  // The same, for what is no warning.
  void Say(const std::string& text);
  void Suspend(bool suspended);  // while the user is asked something
  void Close();

 private:
  void Tick();
  void Draw();  // REQUIRES: mutex_ is held, as for all below
  void Erase();
  void SayPlain();
  std::string Line(const std::string& text) const;
  bool PlainIsDue();
  Pace CurrentPace() const;

  const ProgressMode mode_;
  const bool color_;
  const LogFormat format_;
  std::mutex mutex_;
  std::condition_variable closing_;
  bool suspended_ = false;  // guarded by mutex_
  bool closed_ = false;     // guarded by mutex_, as are all below
  RunProgress progress_;
  Rate rate_;
  size_t drawn_lines_ = 0;
  bool said_start_ = false;
  int said_quarter_ = 0;
  Rate::Time said_at_;
  Rate::Time drawn_at_;
  std::thread ticker_;  // last: it uses all of the above
};

}  // namespace rowferry
