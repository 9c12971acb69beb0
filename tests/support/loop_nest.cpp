#include "support/loop_nest.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "support/nest_tiles.h"
#include "support/tile_sequence.h"

namespace masala::testing {
namespace {

using model::Dim;
using model::Layer;
using model::Mapping;
using model::Operand;
using nest::common_words;
using nest::Digit;
using nest::digits_of;
using nest::for_each_point;
using nest::for_each_word;
using nest::is_inside;
using nest::Point;
using nest::select;
using nest::Tile;
using nest::TileSequence;
using nest::Word;
using nest::word_at;

std::vector<Digit> instance_digits(const Mapping& mapping, int level) {
  return select(digits_of(mapping),
                [&](const Digit& d) { return d.is_spatial && d.level > level; });
}

// Accesses to one instance, and how many of them are the first to a word.
struct Accesses {
  std::int64_t all = 0;
  std::int64_t first = 0;
};

// Of the MACs below one instance to the level that feeds them. At one time they share an access
// where their indices of the operand's dimensions are all equal.
Accesses mac_accesses(
    Operand operand, const Mapping& mapping, const Layer& layer, int level, const Point& instance) {
  const std::vector<Digit> digits = digits_of(mapping);
  const auto times = select(digits, [](const Digit& d) { return !d.is_spatial; });
  const auto lanes =
      select(digits, [&](const Digit& d) { return d.is_spatial && d.level <= level; });
  Accesses result;
  std::vector<std::array<std::int64_t, model::kNumDims>> distinct;
  std::set<Word> seen;
  for_each_point(times, instance, [&](const Point& time, const auto&) {
    distinct.clear();
    for_each_point(lanes, time, [&](Point mac, const auto&) {
      if (!is_inside(mac, layer)) return;
      seen.insert(word_at(operand, mac, layer));
      for (Dim dim : model::kAllDims) {
        if (!model::is_indexed_by(operand, dim)) mac[dim] = 0;
      }
      distinct.push_back(mac.values);
    });
    std::sort(distinct.begin(), distinct.end());
    result.all += std::unique(distinct.begin(), distinct.end()) - distinct.begin();
  });
  result.first = static_cast<std::int64_t>(seen.size());
  return result;
}

std::int64_t total_fetched(const TileSequence& tiles, const Point& instance, HaloCredit credit) {
  std::int64_t total = 0;
  tiles.run(
      instance, credit, [&](const Tile*, const Tile&, std::int64_t fetched) { total += fetched; });
  return total;
}

// Partial sums that leave the output tiles below one instance, the last tile included.
Accesses write_backs(const TileSequence& tiles, const Point& instance) {
  Accesses result;
  std::set<Word> seen;
  Tile last;
  tiles.run(
      instance, HaloCredit::any_overlap, [&](const Tile* old, const Tile& tile, std::int64_t) {
        if (old != nullptr) result.all += old->words() - common_words(*old, tile);
        const bool moved = old == nullptr || old->axes != tile.axes;
        if (moved) for_each_word(tile, [&](const Word& word) { seen.insert(word); });
        last = tile;
      });
  result.all += last.words();
  result.first = static_cast<std::int64_t>(seen.size());
  return result;
}

enum class Action { read, fill, update };

// Calls add(level, operand, action, instance number, words) for every count of every instance.
template <class Add>
void for_each_count(const Mapping& mapping,
                    const Layer& layer,
                    const model::Machine& machine,
                    HaloCredit credit,
                    const Add& add) {
  const auto for_each_instance = [&](int level, const auto& visit) {
    int number = 0;
    for_each_point(instance_digits(mapping, level), Point{}, [&](const Point& at, const auto&) {
      visit(at, number++);
    });
  };
  for (Operand operand : model::kAllOperands) {
    const bool is_output = operand == Operand::outputs;
    // Outputs are updated; what is there already must be read.
    const auto add_demand = [&](int level, int number, const Accesses& accesses) {
      add(level, operand, is_output ? Action::update : Action::read, number, accesses.all);
      if (is_output) add(level, operand, Action::read, number, accesses.all - accesses.first);
    };
    int level = 0;
    while (!machine.keeps[level][operand]) ++level;
    for_each_instance(level, [&](const Point& at, int number) {
      add_demand(level, number, mac_accesses(operand, mapping, layer, level, at));
    });
    for (int parent = level + 1; parent < machine.num_levels; ++parent) {
      if (!machine.keeps[parent][operand]) continue;
      const TileSequence own(operand, mapping, layer, level, level);
      const TileSequence joint(operand, mapping, layer, level, parent);
      for_each_instance(level, [&](const Point& at, int number) {
        add(level, operand, Action::fill, number, total_fetched(own, at, credit));
      });
      for_each_instance(parent, [&](const Point& at, int number) {
        add_demand(parent,
                   number,
                   is_output ? write_backs(joint, at) : Accesses{total_fetched(joint, at, credit)});
      });
      level = parent;
    }
  }
}

}  // namespace

std::int64_t words_fetched(Operand operand,
                           const Mapping& mapping,
                           const Layer& layer,
                           int level,
                           int through,
                           HaloCredit credit) {
  return total_fetched(TileSequence(operand, mapping, layer, level, through), Point{}, credit);
}

CreditDisagreements credit_disagreements(const Mapping& mapping,
                                         const Layer& layer,
                                         int level,
                                         int through) {
  return TileSequence(Operand::inputs, mapping, layer, level, through).disagreements();
}

bool children_lie_apart(const Mapping& mapping, int level, int parent) {
  for (Dim dim : {Dim::R, Dim::S, Dim::P, Dim::Q}) {
    bool has_loop_inside = false;
    for (int m = level + 1; m <= parent; ++m) {
      if (has_loop_inside && mapping.levels[m].spatial[dim] > 1) return true;
      has_loop_inside = has_loop_inside || mapping.levels[m].temporal[dim] > 1;
    }
  }
  return false;
}

model::Traffic interpret(const Mapping& mapping,
                         const Layer& layer,
                         const model::Machine& machine,
                         HaloCredit credit) {
  model::Traffic traffic;
  for_each_count(mapping,
                 layer,
                 machine,
                 credit,
                 [&](int level, Operand operand, Action action, int, std::int64_t words) {
                   auto& counts = action == Action::read   ? traffic.reads
                                  : action == Action::fill ? traffic.fills
                                                           : traffic.updates;
                   counts[level][operand] += words;
                 });
  return traffic;
}

model::PerLevel<std::int64_t> busiest_accesses(const Mapping& mapping,
                                               const Layer& layer,
                                               const model::Machine& machine,
                                               HaloCredit credit) {
  model::PerLevel<std::map<int, std::int64_t>> accesses;  // by instance
  for_each_count(mapping,
                 layer,
                 machine,
                 credit,
                 [&](int level, Operand, Action, int number, std::int64_t words) {
                   accesses[level][number] += words;
                 });
  model::PerLevel<std::int64_t> busiest{};
  for (int level = 0; level < machine.num_levels; ++level) {
    for (const auto& [number, words] : accesses[level]) {
      busiest[level] = std::max(busiest[level], words);
    }
  }
  return busiest;
}

model::PerLevel<std::int64_t> largest_tiles(const Mapping& mapping,
                                            const Layer& layer,
                                            const model::Machine& machine) {
  model::PerLevel<std::int64_t> largest{};
  for (Operand operand : model::kAllOperands) {
    for (int level = 0; level < machine.num_levels; ++level) {
      if (!machine.keeps[level][operand]) continue;
      const TileSequence tiles(operand, mapping, layer, level, level);
      std::int64_t words = 0;
      for_each_point(instance_digits(mapping, level), Point{}, [&](const Point& at, const auto&) {
        tiles.run(at, HaloCredit::any_overlap, [&](const Tile*, const Tile& tile, std::int64_t) {
          words = std::max(words, tile.words());
        });
      });
      largest[level] += words;
    }
  }
  return largest;
}

Work work_of(const Mapping& mapping, const Layer& layer) {
  const std::vector<Digit> digits = digits_of(mapping);
  const auto times = select(digits, [](const Digit& d) { return !d.is_spatial; });
  const auto lanes = select(digits, [](const Digit& d) { return d.is_spatial; });
  Work work;
  for_each_point(times, Point{}, [&](const Point& time, const auto&) {
    std::int64_t macs = 0;
    for_each_point(
        lanes, time, [&](const Point& mac, const auto&) { macs += is_inside(mac, layer) ? 1 : 0; });
    work.macs += macs;
    work.steps += macs > 0 ? 1 : 0;
  });
  return work;
}

}  // namespace masala::testing
