#include <cstdio>

int main() {
  std::puts("rowferry");
  return 0;
}
