#include "e2e/disturbances.h"

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <thread>

#include "support/wal_lock.h"

namespace rowferry::testing {
namespace {

using std::chrono::steady_clock;

bool Always(MixedCopy& /*copy*/) { return true; }
bool FromPostgres(MixedCopy& copy) { return copy.source().server != nullptr; }
bool FromSqlite(MixedCopy& copy) { return !FromPostgres(copy); }
bool IntoPostgres(MixedCopy& copy) { return copy.target().server != nullptr; }
bool IntoSqlite(MixedCopy& copy) { return !IntoPostgres(copy); }
bool MovesWal(MixedCopy& copy) { return copy.moves_wal(); }

void Pause(Scene& scene, int64_t most_ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(scene.dice.Between(0, most_ms)));
}

bool Kill(Scene& scene) {
  scene.process.Signal(SIGKILL);
  scene.killed = scene.process.Wait().signal == SIGKILL;
  return scene.killed && scene.copy.Midway();
}

bool StandStill(Scene& scene) {
  if (!scene.frozen && !scene.process.Stop()) return false;
  Pause(scene, 300);
  return scene.copy.Midway();
}

bool Interrupt(Scene& scene) {
  const bool midway = scene.copy.Midway();
  scene.interrupted = true;
  scene.process.Signal(SIGINT);
  return midway && scene.process.Running();
}

bool Crash(Scene& scene, PostgresServer& server) {
  const bool midway = scene.copy.Midway();
  scene.cut_off = true;
  server.Crash();
  Pause(scene, 300);
  server.Start();
  return midway && scene.process.Running();
}
bool CrashSource(Scene& scene) { return Crash(scene, *scene.copy.source().server); }
bool CrashTarget(Scene& scene) { return Crash(scene, *scene.copy.target().server); }

// One backend of the database's, or all.
bool Terminate(Scene& scene, TestDatabase& database) {
  const bool midway = scene.copy.Midway();
  scene.cut_off = true;
  const std::string limit = scene.dice.OneIn(2) ? "1" : "100";
  const auto ended = database.Rows(
      "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE datname = "
      "current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT " +
      limit + ") own");
  return midway && !ended.empty() && scene.process.Running();
}
bool TerminateSource(Scene& scene) { return Terminate(scene, *scene.copy.source().database); }
bool TerminateTarget(Scene& scene) { return Terminate(scene, *scene.copy.target().database); }

// The proxy does it later, at some message, and then it is counted.
bool Arm(Scene& scene, bool at_target, Fault fault) {
  fault.after = scene.dice.OneIn(2);
  scene.cut_off = true;
  (at_target ? scene.copy.target() : scene.copy.source()).proxy->Arm(fault);
  scene.armed[at_target ? 1 : 0] = scene.drawn;
  return false;
}

// At one of the next messages; or later, if as many come as half of those that the run has had by
// now. (A source's rows may all be under way already: then only the next table brings more.)
Fault DrawFault(Scene& scene, Fault::Kind kind, bool at_target) {
  const End& end = at_target ? scene.copy.target() : scene.copy.source();
  Fault fault{kind, scene.dice.OneIn(2) ? Side::kClient : Side::kServer};
  const int64_t half = end.Passed(fault.side) / 2;
  fault.at = scene.dice.Between(1, scene.dice.OneIn(2) ? 3 : std::max<int64_t>(1, half));
  fault.delay = std::chrono::milliseconds(scene.dice.Between(1, 300));
  return fault;
}

const std::vector<Fault::Kind> kCuts = {Fault::Kind::kReset, Fault::Kind::kClose,
                                        Fault::Kind::kPartial};

// Nothing looks at a run from outside while it opens its ends: only from then on.
bool Stall(Scene& scene, bool at_target, const Fault& fault) {
  scene.process.Signal(SIGCONT);
  return scene.process.AwaitErr("job ") && Arm(scene, at_target, fault);
}

bool CutSource(Scene& scene) {
  return Arm(scene, false, DrawFault(scene, scene.dice.Pick(kCuts), false));
}
bool StallSource(Scene& scene) {
  return Stall(scene, false, DrawFault(scene, Fault::Kind::kStall, false));
}
bool DelaySource(Scene& scene) {
  return Arm(scene, false, DrawFault(scene, Fault::Kind::kDelay, false));
}
bool CutTarget(Scene& scene) {
  return Arm(scene, true, DrawFault(scene, scene.dice.Pick(kCuts), true));
}
bool StallTarget(Scene& scene) {
  return Stall(scene, true, DrawFault(scene, Fault::Kind::kStall, true));
}
bool DelayTarget(Scene& scene) {
  return Arm(scene, true, DrawFault(scene, Fault::Kind::kDelay, true));
}
bool LoseCommit(Scene& scene) {
  const bool stalls = scene.dice.OneIn(4);
  Fault fault{stalls ? Fault::Kind::kStall : scene.dice.Pick(kCuts), Side::kServer,
              scene.dice.Between(1, 5)};
  fault.tag = "COMMIT";
  return stalls ? Stall(scene, true, fault) : Arm(scene, true, fault);
}

// As soon as there is a gap between two chunks: SQLite's own waiting would mostly miss it.
bool Begin(Scene& scene, sqlite3* other, const char* begin) {
  constexpr int kTries = 20'000;
  for (int i = 0; i < kTries && scene.process.Running(); ++i) {
    if (sqlite3_exec(other, begin, nullptr, nullptr, nullptr) == SQLITE_OK) return true;
    sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return false;
}

// Another program's transaction on an SQLite file, for a while.
bool Hold(Scene& scene, const std::string& path, const char* begin) {
  scene.cut_off = true;
  scene.process.Signal(SIGCONT);  // it may hold the lock itself
  sqlite3* other = nullptr;
  sqlite3_open_v2(path.c_str(), &other, SQLITE_OPEN_READWRITE, nullptr);
  const bool holds = Begin(scene, other, begin);
  const bool midway = holds && scene.copy.Midway();
  if (holds) Pause(scene, 500);
  sqlite3_close(other);
  return midway && scene.process.Running();
}
bool HoldTarget(Scene& scene) {
  return Hold(scene, scene.copy.target().address, "BEGIN IMMEDIATE");
}
bool HoldWholeTarget(Scene& scene) {
  return Hold(scene, scene.copy.target().address, "BEGIN EXCLUSIVE");
}
// What a reader sees cannot be moved from the WAL into the file.
bool HoldCheckpoint(Scene& scene) {
  return Hold(scene, scene.copy.target().address, "BEGIN; SELECT count(*) FROM sqlite_master");
}
int64_t WalBytes(const std::string& path) {
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(path + "-wal", missing);
  return missing ? 0 : static_cast<int64_t>(bytes);
}

// Others move the WAL themselves, until it has grown by more than our own moves let it: one of
// these was BUSY. After some seconds there is too little left to come.
bool HoldMove(Scene& scene) {
  scene.cut_off = true;
  scene.process.Signal(SIGCONT);
  const std::string path = scene.copy.target().address;
  WalLock others(path);
  if (!others.Take()) return false;
  const bool midway = scene.copy.Midway();
  const int64_t grown = WalBytes(path) + (9 << 20);
  const auto end = steady_clock::now() + std::chrono::seconds(5);
  while (scene.process.Running() && steady_clock::now() < end) {
    if (WalBytes(path) > grown) return midway;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}
// A write that others have begun: no reader waits for it. There is no other lock for them, as the
// run reads in one transaction.
bool HoldSource(Scene& scene) {
  return Hold(scene, scene.copy.source().address, "BEGIN IMMEDIATE");
}

// The disk has room for a little more (ulimit -f, for a process that is under way).
bool FillDisk(Scene& scene) {
  const std::string path = scene.copy.target().address;
  rlim_t size = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code missing;
    const auto bytes = std::filesystem::file_size(path + suffix, missing);
    if (!missing) size = std::max<rlim_t>(size, bytes);
  }
  size += static_cast<rlim_t>(scene.dice.Between(0, 60'000));
  const rlimit limit{size, size};
  if (prlimit(scene.process.pid(), RLIMIT_FSIZE, &limit, nullptr) != 0) return false;
  scene.full = true;
  scene.cut_off = true;
  return false;
}

constexpr Disturbance kDisturbances[] = {
    {"SIGKILL", Always, Kill},
    {"SIGSTOP", Always, StandStill},
    {"SIGINT", Always, Interrupt},
    {"crash of the source", FromPostgres, CrashSource},
    {"crash of the target", IntoPostgres, CrashTarget},
    {"termination of the source's backends", FromPostgres, TerminateSource},
    {"termination of the target's backends", IntoPostgres, TerminateTarget},
    {"cut of the source's connection", FromPostgres, CutSource},
    {"stall of the source's connection", FromPostgres, StallSource},
    {"delay of the source's messages", FromPostgres, DelaySource},
    {"cut of the target's connection", IntoPostgres, CutTarget},
    {"stall of the target's connection", IntoPostgres, StallTarget},
    {"delay of the target's messages", IntoPostgres, DelayTarget},
    {"loss of the answer to COMMIT", IntoPostgres, LoseCommit},
    {"begun write to the source's file", FromSqlite, HoldSource},
    {"write lock on the target's file", IntoSqlite, HoldTarget},
    {"exclusive lock on the target's file", IntoSqlite, HoldWholeTarget},
    {"reader that holds the WAL", IntoSqlite, HoldCheckpoint},
    {"move of the WAL by others", MovesWal, HoldMove},
    {"full disk", IntoSqlite, FillDisk},
};

}  // namespace

std::span<const Disturbance> AllDisturbances() { return kDisturbances; }

}  // namespace rowferry::testing
