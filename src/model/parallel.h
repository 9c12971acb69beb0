// Independent tasks over threads.
#pragma once

#include <functional>

namespace masala::model {

// Runs task(0) .. task(count - 1) on at most `threads` threads and waits for all. Which thread runs
// a task is not determined, so tasks must not depend on it. Rethrows the first exception.
void run_parallel(int count, int threads, const std::function<void(int)>& task);

}  // namespace masala::model
