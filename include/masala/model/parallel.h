// Independent tasks over threads.
#pragma once

#include <functional>
#include <thread>

namespace masala::model {

// Starts a thread that does the work; throws std::system_error or std::bad_alloc where the system
// has no more to give.
using ThreadStarter = std::function<std::thread(const std::function<void()>& work)>;

// Runs task(0) .. task(count - 1) on at most `threads` threads, of which the caller's is one, and
// waits for all. Where fewer can be started, it goes on with those. Which thread runs a task is not
// determined, so tasks must not depend on it. Rethrows the first exception.
void run_parallel(int count, int threads, const std::function<void(int)>& task);
// The same with threads of the starter's.
void run_parallel(int count,
                  int threads,
                  const std::function<void(int)>& task,
                  const ThreadStarter& start_thread);

}  // namespace masala::model
