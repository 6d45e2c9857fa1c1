import {
  crossEntropy,
  dynamicDifficulty,
  evaluate,
  labels,
  Linear,
  parameters,
  random,
  registry,
  sgd,
  Sequential,
  tensor,
  Variable,
  weighter,
  zeros,
} from "steelyard";

/** What an example in a docstring may name without making it: one small training run, afresh for each example. */
export function sampleValues(): Readonly<Record<string, unknown>> {
  // prettier-ignore
  const x = tensor([[1, -2, 3, 0.5], [0, 4, -1, 2], [-3, 1, 0.2, 5]]);
  const y = labels([3, 0, 6], 7);
  const model = new Sequential({
    trunk: new Linear(4, 5, { key: random.key(1) }),
    head: new Linear(5, 7, { key: random.key(2) }),
  });
  const features = model.children.trunk.forward(x);
  const logits = model.forward(x, evaluate);
  const loss = crossEntropy(logits, y);
  return {
    /** f32 [3, 4], i32 [3]: three samples and the classes they belong to. */
    x,
    y,
    /** f32 [4, 32, 32, 3]. */
    images: zeros([4, 32, 32, 3]),
    /** [3, 4] → features [3, 5] → logits [3, 7], and the loss to y. */
    model,
    features,
    logits,
    loss,
    optimiser: sgd(parameters(model), { learningRate: 0.1 }),
    /** One more loss, for two tasks, and what weighs the two. */
    otherLoss: features.square().mean(),
    balance: weighter(dynamicDifficulty(), { tasks: ["identity", "expression"], featureShape: [5] }),
    /** One for each class: [7, 5]. */
    centres: new Variable(zeros([7, 5]), { trainable: false }),
    /** Stands for a primitive of the reader's own. */
    myPrimitive: registry.find(({ name }) => name === "tanh"),
  };
}
