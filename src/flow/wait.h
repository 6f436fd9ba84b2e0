// What a connection of ours waits for: told to the user, and judged by the watchdog.
#pragma once

#include <cstdint>
#include <string>

namespace rowferry {

struct Wait {
  enum class Kind {
    kWorking,  // the server says that it is at work for us
    kLock,     // it waits for a lock that somebody else holds
    kDead,     // each side waits for the other one, or the server has ended it, or cannot be asked
  };
  int64_t connection = 0;  // for Cut
  Kind kind = Kind::kWorking;
  std::string who;      // "the writer of public.orders"
  std::string what;     // "waits for a lock (relation) of process 4711 (psql, user ann, …)"
  int64_t seconds = 0;  // for so long

  std::string Show() const { return who + " " + what; }
};

}  // namespace rowferry
