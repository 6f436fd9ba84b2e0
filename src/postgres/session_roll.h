// The open sessions of one end, as the watchdog sees them from its own thread.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "flow/wait.h"

namespace rowferry {

// Thread-safe. Outlived by nobody: sessions share it.
class SessionRoll {
 public:
  struct Entry {
    int64_t id = 0;
    std::string who;
    int pid = 0;
    int socket = -1;
    // By the steady clock, in microseconds: since when a thread of ours waits for the server's
    // answer; 0: none does.
    std::atomic<int64_t> waiting_since = 0;
  };
  using EntryPtr = std::shared_ptr<Entry>;

  // REQUIRES: connected, and so until Remove.
  EntryPtr Add(const std::string& who, PGconn* raw);
  void Remove(const EntryPtr& entry);
  // Those that have waited for at least as long.
  std::vector<EntryPtr> Waiting(std::chrono::milliseconds least) const;
  // Whether the server has sent what nobody has read yet.
  bool HasInput(int64_t id) const;
  // Both directions end: who waits for the session fails.
  void ShutDown(int64_t id);

 private:
  EntryPtr Find(int64_t id) const;  // REQUIRES: mutex_ is held

  mutable std::mutex mutex_;
  std::vector<EntryPtr> entries_;
  int64_t last_id_ = 0;
};

// Marks the session as waiting for as long as it lives. Null: does nothing.
class WaitMark {
 public:
  explicit WaitMark(const SessionRoll::EntryPtr& entry);
  ~WaitMark();
  WaitMark(const WaitMark&) = delete;
  WaitMark& operator=(const WaitMark&) = delete;

 private:
  SessionRoll::Entry* entry_;
  int64_t before_ = 0;  // marks nest
};

// What the roll's waiting sessions wait for, asked over a connection that is opened for it, within
// some seconds. For one thread.
std::vector<Wait> AskWaits(const SessionRoll& roll, const std::string& url,
                           std::chrono::milliseconds least);

}  // namespace rowferry
