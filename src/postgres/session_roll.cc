#include "postgres/session_roll.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "postgres/errors.h"
#include "postgres/session.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

constexpr std::string_view kTooManyConnections = "53300";

int64_t SteadyMicros() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

struct ServerWord {
  std::string event_type;
  std::string event;
  std::string state;
  std::string blockers;
};

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};

std::map<int, ServerWord> AskServer(const std::vector<SessionRoll::EntryPtr>& entries,
                                    const std::string& url) {
  std::vector<std::string> pids;
  for (const auto& entry : entries) pids.push_back(std::to_string(entry->pid));
  const std::unique_ptr<PGconn, Finish> connection(ConnectPostgres(url, "rowferry"));
  const ResultPtr rows =
      AskWithinSeconds(connection.get(), Fill(sql::postgres::waits, {{"pids", Join(pids, ", ")}}));
  if (rows == nullptr) throw Error(ErrorKind::kLost, "no answer");
  if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) throw LibpqError(connection.get(), rows.get());
  std::map<int, ServerWord> words;
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    const auto text = [&](int column) { return PQgetvalue(rows.get(), row, column); };
    words[std::atoi(text(0))] = {text(1), text(2), text(3), text(4)};
  }
  return words;
}

void Judge(const ServerWord& word, bool has_input, Wait& wait) {
  if (!word.blockers.empty()) {
    wait.kind = Wait::Kind::kLock;
    wait.what = "waits for a lock (" + word.event + ") of " + word.blockers;
  } else if (word.event_type == "Client" && !has_input) {
    wait.kind = Wait::Kind::kDead;
    wait.what = "waits for the server, which waits for us (" + word.state + ", " + word.event + ")";
  } else {
    const std::string event =
        word.event.empty() ? "" : " (" + word.event_type + ", " + word.event + ")";
    wait.what = "waits for the server, which is at work: " + word.state + event;
  }
}

}  // namespace

SessionRoll::EntryPtr SessionRoll::Add(const std::string& who, PGconn* raw, int pid) {
  const std::lock_guard lock(mutex_);
  auto entry = std::make_shared<Entry>();
  entry->id = ++last_id_;
  entry->who = who;
  entry->pid = pid;
  entry->socket = PQsocket(raw);
  entries_.push_back(entry);
  return entry;
}

void SessionRoll::Remove(const EntryPtr& entry) {
  const std::lock_guard lock(mutex_);
  entries_.erase(std::remove(entries_.begin(), entries_.end(), entry), entries_.end());
}

std::vector<SessionRoll::EntryPtr> SessionRoll::Waiting(std::chrono::milliseconds least) const {
  const std::lock_guard lock(mutex_);
  const int64_t latest = SteadyMicros() - std::chrono::microseconds(least).count();
  std::vector<EntryPtr> waiting;
  for (const EntryPtr& entry : entries_) {
    const int64_t since = entry->waiting_since;
    if (since != 0 && since <= latest) waiting.push_back(entry);
  }
  return waiting;
}

SessionRoll::EntryPtr SessionRoll::Find(int64_t id) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const EntryPtr& entry) { return entry->id == id; });
  return found == entries_.end() ? nullptr : *found;
}

bool SessionRoll::HasInput(int64_t id) const {
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = Find(id);
  int bytes = 0;
  return entry != nullptr && ioctl(entry->socket, FIONREAD, &bytes) == 0 && bytes > 0;
}

// Under the mutex: until Remove the number is that of the session's own socket.
void SessionRoll::Cut(int64_t id) {
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = Find(id);
  if (entry == nullptr) return;
  entry->cut = true;
  ::shutdown(entry->socket, SHUT_RDWR);
}

WaitMark::WaitMark(const SessionRoll::EntryPtr& entry) : entry_(entry.get()) {
  if (entry_ == nullptr) return;
  before_ = entry_->waiting_since;
  if (before_ == 0) entry_->waiting_since = SteadyMicros();
}

WaitMark::~WaitMark() {
  if (entry_ != nullptr && before_ == 0) entry_->waiting_since = 0;
}

std::shared_ptr<SessionRoll> MakeRoll(const std::string& url,
                                      const std::shared_ptr<WatchList>& list) {
  auto roll = std::make_shared<SessionRoll>(url);
  if (list != nullptr) list->Add(roll);
  return roll;
}

std::vector<Wait> SessionRoll::Waits(std::chrono::milliseconds least) {
  const auto entries = Waiting(least);
  if (entries.empty()) return {};
  std::map<int, ServerWord> words;
  std::string unasked;
  bool unreachable = false;
  try {
    words = AskServer(entries, url_);
  } catch (const Error& error) {
    unasked = error.what();
    const bool unconnected = error.code() == kNoConnection || error.code() == kTooManyConnections;
    unreachable = MayPass(error.kind()) && !(unconnected && TakesConnections(url_));
  }
  std::vector<Wait> waits;
  for (const auto& entry : entries) {
    const int64_t since = entry->waiting_since;
    if (since == 0) continue;  // it has got its answer
    Wait wait;
    wait.connection = entry->id;
    wait.who = entry->who;
    wait.seconds = (SteadyMicros() - since) / 1'000'000;
    const auto word = words.find(entry->pid);
    if (!unasked.empty()) {
      wait.kind = unreachable ? Wait::Kind::kDead : Wait::Kind::kWorking;
      wait.what = "waits for the server, which cannot be asked: " + unasked;
    } else if (word == words.end()) {
      wait.kind = Wait::Kind::kDead;
      wait.what = "waits for the server, which knows nothing of it any more";
    } else {
      Judge(word->second, HasInput(entry->id), wait);
    }
    waits.push_back(wait);
  }
  return waits;
}

}  // namespace rowferry
