#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

// Replays each file of the corpora given as arguments through the fuzz target that this is linked
// to, so that every build tests what fuzzing once found. A corpus that is missing or empty is an
// error: a test that reads nothing proves nothing.
int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    std::error_code failure;
    for (fs::recursive_directory_iterator at(argv[i], failure), end; !failure && at != end;
         at.increment(failure))
      if (at->is_regular_file()) paths.push_back(at->path());
    if (failure) {
      std::fprintf(stderr, "%s: %s\n", argv[i], failure.message().c_str());
      return 1;
    }
  }
  if (paths.empty()) {
    std::fprintf(stderr, "usage: %s CORPUS...; no file found\n", argv[0]);
    return 1;
  }
  std::ranges::sort(paths);
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    // Exactly as many bytes on the heap, so that the address sanitizer sees one read too many.
    const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    if (file.bad()) {
      std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
      return 1;
    }
    std::fprintf(stderr, "%s\n", path.c_str());  // the last one named is the one that crashed
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%zu inputs\n", paths.size());
  return 0;
}
