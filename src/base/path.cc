#include "base/path.h"

#include <filesystem>

namespace rowferry {

std::string ResolveLinks(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr int kMaxLinks = 40;  // as the kernel
  std::error_code ignored;
  fs::path file = fs::absolute(path, ignored);
  for (int i = 0; i < kMaxLinks && fs::is_symlink(fs::symlink_status(file, ignored)); ++i) {
    file = file.parent_path() / fs::read_symlink(file, ignored);
  }
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(file.parent_path(), error);
  return ((error ? file.parent_path() : folder) / file.filename()).string();
}

}  // namespace rowferry
