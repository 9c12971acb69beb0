// Crossover, mutation and repair of the genetic search.
#include "search/methods/genetic_operators.h"

#include <gtest/gtest.h>

#include "search/space/hardware_draw.h"
#include "search/space/hardware_space.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

constexpr MutationRates kNone = {0.0, 0.0, 0.0};

class Genetic : public ::testing::Test {
 protected:
  Individual random_individual() { return *operators_.random_individual(rng_, meter_); }
  std::string text(const Individual& individual, std::size_t layer) const {
    return model::to_text(individual.design.layers[layer].mapping, space_.problem().accelerator);
  }
  void expect_valid(const Individual& individual) const {
    EXPECT_TRUE(is_usable(space_, individual.room));
    for (std::size_t i = 0; i < space_.num_layers(); ++i) {
      const model::Mapping& mapping = individual.design.layers[i].mapping;
      EXPECT_TRUE(model::is_perfect(mapping, space_.layer(i)));
      EXPECT_TRUE(space_.evaluator().fits(mapping, space_.layer(i), individual.design.machine));
      EXPECT_TRUE(model::rule_violations(mapping, space_.problem().accelerator).empty());
    }
  }

  const DiscreteSpace space_{small_problem()};
  const Monitor monitor_;
  const GeneticOperators operators_{space_, monitor_};
  EvaluationMeter meter_;
  std::mt19937_64 rng_{1};
};

TEST_F(Genetic, ChildrenAreValidHoweverMuchTheyMutate) {
  const MutationRates strong = {1.0, 0.5, 2.0};  // every layer
  Individual mother = random_individual();
  for (int i = 0; i < 100; ++i) {
    const Individual father = random_individual();
    mother = operators_.child(mother, father, strong, rng_, meter_);
    expect_valid(mother);
    const Design exact =
        make_design(space_.problem(), mother.design.hardware, mappings_of(mother.design));
    EXPECT_NEAR(exact.objective / mother.design.objective, 1.0, 1e-9);
  }
}

TEST_F(Genetic, LayersComeFromTheParents) {
  Individual mother = random_individual();
  Individual father = random_individual();
  mother.room = father.room = largest_hardware(space_.problem());  // no repair
  int from_father = 0;
  for (int i = 0; i < 50; ++i) {
    const Individual child = operators_.child(mother, father, kNone, rng_, meter_);
    for (std::size_t layer = 0; layer < space_.num_layers(); ++layer) {
      const std::string got = text(child, layer);
      EXPECT_TRUE(got == text(mother, layer) || got == text(father, layer));
      from_father += got == text(father, layer) ? 1 : 0;
    }
  }
  EXPECT_GT(from_father, 0);
}

TEST_F(Genetic, WhatAParentHadCostedIsNotCostedAgain) {
  const Individual parent = random_individual();
  const std::int64_t before = meter_.used;
  const Individual twin = operators_.child(parent, parent, kNone, rng_, meter_);
  EXPECT_EQ(meter_.used, before);
  EXPECT_EQ(twin.design.objective, parent.design.objective);
}

TEST_F(Genetic, MutationChangesMappings) {
  const Individual parent = random_individual();
  int changed = 0;
  for (int i = 0; i < 20; ++i) {
    const Individual child =
        operators_.child(parent, parent, MutationRates{0.0, 0.0, 2.0}, rng_, meter_);
    changed += text(child, 0) != text(parent, 0) ? 1 : 0;
  }
  EXPECT_GT(changed, 10);
}

}  // namespace
}  // namespace masala::search
