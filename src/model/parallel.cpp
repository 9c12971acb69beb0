#include "masala/model/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <vector>

namespace masala::model {
namespace {

// Up to `count` threads at the work, or as many as can be started.
std::vector<std::thread> start_pool(int count,
                                    const std::function<void()>& work,
                                    const ThreadStarter& start_thread) {
  std::vector<std::thread> pool;
  pool.reserve(static_cast<std::size_t>(std::max(0, count)));  // nothing may throw between starts
  try {
    for (int t = 0; t < count; ++t) pool.push_back(start_thread(work));
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
  return pool;
}

}  // namespace

void run_parallel(int count, int threads, const std::function<void(int)>& task) {
  run_parallel(
      count, threads, task, [](const std::function<void()>& work) { return std::thread(work); });
}

void run_parallel(int count,
                  int threads,
                  const std::function<void(int)>& task,
                  const ThreadStarter& start_thread) {
  std::atomic<int> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto work = [&] {
    for (int i = next++; i < count; i = next++) {
      try {
        task(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(failure_mutex);
        if (!failure) failure = std::current_exception();
      }
    }
  };
  std::vector<std::thread> pool = start_pool(std::min(threads, count) - 1, work, start_thread);
  work();
  for (std::thread& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace masala::model
