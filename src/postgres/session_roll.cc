#include "postgres/session_roll.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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
constexpr char kSilent[] = "it had fallen silent, and was ended";
constexpr char kCancelled[] = "it was ended on request";

int64_t SteadyMicros() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

bool IsReadable(const SessionRoll::Entry& entry) {
  int bytes = 0;
  return ioctl(entry.socket, FIONREAD, &bytes) == 0 && bytes > 0;
}

// Both directions: who waits for the session fails.
void End(SessionRoll::Entry& entry, const char* why) {
  entry.why_cut = why;
  ::shutdown(entry.socket, SHUT_RDWR);
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

// A connection on which one question is asked.
std::unique_ptr<PGconn, Finish> ConnectToAsk(const std::string& url) {
  return std::unique_ptr<PGconn, Finish>(ConnectPostgres(url, "rowferry"));
}

std::map<int, ServerWord> AskServer(const std::vector<SessionRoll::EntryPtr>& entries,
                                    const std::string& url) {
  std::vector<std::string> pids;
  for (const auto& entry : entries) pids.push_back(std::to_string(entry->backend.pid));
  const auto connection = ConnectToAsk(url);
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

std::string EndStatement(const Backend& backend) {
  return Fill(sql::postgres::end_former, {{"pid", std::to_string(backend.pid)},
                                          {"started_at", QuoteLiteral(backend.started_at)}});
}

SessionRoll::Entry::~Entry() {
  if (socket >= 0) ::close(socket);
}

SessionRoll::EntryPtr SessionRoll::Add(const std::string& who, PGconn* raw,
                                       const Backend& backend) {
  const std::lock_guard lock(mutex_);
  auto entry = std::make_shared<Entry>();
  entry->id = ++last_id_;
  entry->who = who;
  entry->backend = backend;
  entry->socket = ::dup(PQsocket(raw));
  entries_.push_back(entry);
  if (ended_) End(*entry, kCancelled);
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
  return entry != nullptr && IsReadable(*entry);
}

void SessionRoll::Cut(int64_t id) {
  const std::lock_guard lock(mutex_);
  if (const EntryPtr entry = Find(id)) End(*entry, kSilent);
}

void SessionRoll::Cancel(int64_t id) noexcept {
  std::vector<Backend> at_work;
  {
    const std::lock_guard lock(mutex_);
    if (const EntryPtr entry = Find(id)) Cancel(*entry, at_work);
  }
  EndBackends(at_work);
}

void SessionRoll::CancelAll() noexcept {
  std::vector<Backend> at_work;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    for (const EntryPtr& entry : entries_) Cancel(*entry, at_work);
  }
  EndBackends(at_work);
}

// A server that sends finds out by itself that its client is gone. One that computes, or waits for
// a lock, would not.
void SessionRoll::Cancel(Entry& entry, std::vector<Backend>& at_work) {
  if (entry.why_cut != nullptr) return;
  if (entry.waiting_since != 0 && !IsReadable(entry)) at_work.push_back(entry.backend);
  End(entry, kCancelled);
}

// As well as it can be done: who gave up need not hear of a server that does not answer.
void SessionRoll::EndBackends(const std::vector<Backend>& backends) const noexcept {
  if (backends.empty()) return;
  try {
    const auto connection = ConnectToAsk(url_);
    for (const Backend& backend : backends) {
      AskWithinSeconds(connection.get(), EndStatement(backend));
    }
  } catch (const std::exception&) {
    return;
  }
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
    const auto word = words.find(entry->backend.pid);
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
