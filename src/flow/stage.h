// One step of the transform between reader and writer.
#pragma once

#include "data/row_batch.h"

namespace rowferry {

class Stage {
 public:
  virtual ~Stage() = default;
  // The layout that comes out for the layout that goes in; called once, before the first batch.
  virtual BatchLayout Bind(const BatchLayout& in) = 0;
  // Changes the batch in place. Throws Error(kData) for a row that cannot be transformed.
  virtual void Apply(RowBatch& batch) = 0;
};

}  // namespace rowferry
