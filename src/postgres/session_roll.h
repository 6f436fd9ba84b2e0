// The open sessions of one end, as the watchdog sees them from its own thread.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "flow/wait.h"

namespace rowferry {

// The server process of a session, told apart from later ones with the same number.
struct Backend {
  int pid = 0;  // 0: none
  std::string started_at;
};
// Ends that one where it still lives and runs under the name of the session that says so.
std::string EndStatement(const Backend& backend);

// Thread-safe. Outlived by nobody: sessions share it.
class SessionRoll final : public Watched {
 public:
  // `url`: that of the sessions, by which the server is asked.
  explicit SessionRoll(std::string url) : url_(std::move(url)) {}

  struct Entry {
    Entry() = default;
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    int64_t id = 0;
    std::string who;
    Backend backend;
    int socket = -1;  // our own duplicate: libpq closes its own as soon as a connection fails
    // By the steady clock, in microseconds: since when a thread of ours waits for the server's
    // answer; 0: none does.
    std::atomic<int64_t> waiting_since = 0;
    std::atomic<const char*> why_cut = nullptr;  // we ended it
  };
  using EntryPtr = std::shared_ptr<Entry>;

  // `backend`: the server's own word, as a pooler makes one up. REQUIRES: connected.
  EntryPtr Add(const std::string& who, PGconn* raw, const Backend& backend);
  void Remove(const EntryPtr& entry);

  // Asks over a connection that is opened for it, within some seconds.
  std::vector<Wait> Waits(std::chrono::milliseconds least) override;
  // Whoever waits for the session fails.
  void Cut(int64_t id) override;
  // The same, at once; then tells the server to end what it is at work at for the session, over a
  // connection that is opened for it, within some seconds.
  void Cancel(int64_t id) noexcept;
  // The same for all sessions; those that are added later are cut.
  void CancelAll() noexcept;

 private:
  // Those that have waited for at least as long.
  std::vector<EntryPtr> Waiting(std::chrono::milliseconds least) const;
  // Whether the server has sent what nobody has read yet.
  bool HasInput(int64_t id) const;
  EntryPtr Find(int64_t id) const;  // REQUIRES: mutex_ is held, as for the one below
  // Adds to `at_work` the process that is at work for it.
  static void Cancel(Entry& entry, std::vector<Backend>& at_work);
  void EndBackends(const std::vector<Backend>& backends) const noexcept;

  const std::string url_;
  mutable std::mutex mutex_;
  std::vector<EntryPtr> entries_;
  int64_t last_id_ = 0;
  bool ended_ = false;  // by CancelAll
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

// A roll for sessions of that URL, on the list unless that is null.
std::shared_ptr<SessionRoll> MakeRoll(const std::string& url,
                                      const std::shared_ptr<WatchList>& list);

}  // namespace rowferry
