// Stretches of a program as few groups of tiles, however many tiles they have.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "targets/gemmini/program/tile_walk.h"

namespace masala::gemmini {

// Tiles that differ in their place alone.
struct TileGroup {
  std::int64_t first = 0;  // number in program order
  std::int64_t count = 0;
};

// What else of a tile's place decides how it runs (Engine::window_class). Where it is the same at
// both ends of a stretch of the loops over P, Q, R and S, it must be the same in between.
using WindowClass = std::function<std::uint64_t(const TilePosition&)>;

// Groups of tiles of one TileWalk::signature() and one window class, each of them the tiles that
// lie between two corners of the loops.
class TileGroups {
 public:
  TileGroups(const DriverProgram& program, WindowClass window_class);

  // Calls `visit` for the groups that make up the tiles [begin, end), those of early tiles first.
  using Visit = std::function<void(const TileGroup&)>;
  void visit(std::int64_t begin, std::int64_t end, const Visit& visit);

 private:
  struct Loop {
    model::Dim dim;
    std::int64_t trips;
    std::int64_t stride;  // tiles from one iteration to the next
  };
  struct Range {
    std::int64_t first;
    std::int64_t last;
  };
  using Box = model::PerDim<Range>;  // iterations of every loop

  void visit_loops(std::size_t loops, Box& box, std::int64_t begin, std::int64_t end);
  void visit_box(const Box& box);
  std::uint64_t class_of(std::int64_t tile);

  std::vector<Loop> loops_;  // those that run, inner to outer
  TileWalk walk_;
  WindowClass window_class_;
  bool has_windows_;
  const Visit* visit_ = nullptr;
};

}  // namespace masala::gemmini
