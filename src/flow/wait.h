// What a connection of ours waits for: told to the user, and judged by the watchdog.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rowferry {

struct Wait {
  enum class Kind {
    kWorking,  // the server says that it is at work for us, or is up and does not let us ask
    kLock,     // it waits for a lock that somebody else holds
    kDead,     // each side waits for the other one, or the server has ended it, or does not answer
  };
  int64_t connection = 0;  // for Cut
  Kind kind = Kind::kWorking;
  std::string who;      // "the writer of public.orders"
  std::string what;     // "waits for a lock (relation) of process 4711 (psql, user ann, …)"
  int64_t seconds = 0;  // for so long

  std::string Show() const { return who + " " + what; }
};

// The connections of one end, for the watchdog's thread, at any time.
class Watched {
 public:
  virtual ~Watched() = default;

  // What connections wait for that have waited for an answer for at least as long, by the server's
  // own word.
  virtual std::vector<Wait> Waits(std::chrono::milliseconds least) = 0;
  // Ends the connection, so that who waits for it fails with Error(kLost).
  virtual void Cut(int64_t connection) = 0;
};

// What there is to watch. An end puts itself here before it first connects. Thread-safe.
class WatchList {
 public:
  void Add(const std::shared_ptr<Watched>& watched);
  // Those that somebody still holds, in the order in which they were added.
  std::vector<std::shared_ptr<Watched>> Open() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<Watched>> all_;
};

}  // namespace rowferry
