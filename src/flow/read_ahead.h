// Runs a reader in a thread of its own, a bounded number of batches ahead of the writer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "data/row_batch.h"
#include "flow/source.h"

namespace rowferry {

// The batches are made once and go round: back-pressure and memory bound in one.
// Made, used and destroyed by one thread; the reader belongs to the inner thread until destruction.
class ReadAhead {
 public:
  static constexpr size_t kBatches = 3;  // one being read, one waiting, one being written

  // REQUIRES: reader.Seek was called; the reader outlives this object.
  ReadAhead(Reader& reader, const BatchLayout& layout);
  // Cancels the reader, unless it came to an end, and drops what was read ahead.
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Waits until Next need not. False: `stop` is set.
  bool Await(const std::atomic<bool>& stop);
  // The next batch, valid until the next call of either; null at the proper end of the split.
  // Throws what the reader threw, after the batches that were read before.
  const RowBatch* Next();

  int64_t read_micros() const { return read_micros_; }  // inside the reader, so far

 private:
  void ReadAll();
  std::unique_ptr<RowBatch> TakeFree();  // waits; null when cancelled
  void Deliver(std::unique_ptr<RowBatch> batch);
  void Recycle();

  Reader& reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<RowBatch>> free_;  // guarded by mutex_, as are the four below
  std::deque<std::unique_ptr<RowBatch>> full_;
  bool ended_ = false;
  bool cancelled_ = false;
  std::exception_ptr failure_;
  std::unique_ptr<RowBatch> lent_;  // what Next returned last; the consumer's
  std::atomic<int64_t> read_micros_ = 0;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace rowferry
