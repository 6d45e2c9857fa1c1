import { random, step, tensor, type RandomKey, type Tensor } from "@steelyard/core";
import { accuracy, adam, batches, crossEntropy, evaluate, piecewise, train, parameters } from "@steelyard/nn";
import { multiTaskStep, weighter, type StepRecord, type Strategy, type Weighter } from "@steelyard/weighting";
import { FaceNet } from "./network.ts";
import type { FaceProblem, LabelledImages } from "./problem.ts";

export interface TrainingOptions {
  readonly problem: FaceProblem;
  readonly strategy: Strategy;
  /** How many updates. */
  readonly steps: number;
  /** Images in each. */
  readonly batchSize: number;
  /** Adam's; a tenth of it for the last quarter of the steps. */
  readonly learningRate: number;
  /** Share of the shared features dropped in training; default 0, right where images are fresh in every step. */
  readonly dropout?: number;
  /** Decides first weights, batches and dropout: two strategies with one seed start from the same network. */
  readonly seed: number;
  /** Called after every committed step with what the engine applied. */
  readonly onStep?: (record: StepRecord) => void;
}

/** How well one task is told on its validation images. */
export interface Score {
  readonly task: string;
  /** Share of images told right, 0 … 1. */
  readonly accuracy: number;
  /** What naming the most frequent class would score. */
  readonly chance: number;
  readonly samples: number;
}

export interface TrainingResult {
  readonly network: FaceNet;
  readonly weighter: Weighter;
  readonly records: readonly StepRecord[];
  readonly scores: readonly Score[];
}

/**
 * Trains one network on all tasks of a problem, the strategy weighting their losses, and scores it on the validation images.
 *
 * A task's loss is the cross entropy over those images of the batch that have its label.
 */
export async function trainFaces(options: TrainingOptions): Promise<TrainingResult> {
  const { problem, strategy, steps, batchSize, learningRate, dropout = 0, seed, onStep } = options;
  const [netKey, dataKey, noiseKey, strategyKey] = random.split(random.key(seed), 4);
  const tasks = problem.tasks.map(({ name, classes }) => ({ name, classes: classes.length }));
  const network = new FaceNet({ inputShape: problem.train.shape, tasks, key: netKey!, dropout });
  const optimiser = adam(parameters(network), { learningRate });
  const rate = piecewise([
    [0, learningRate],
    [Math.ceil(steps * 0.75), learningRate / 10],
  ]);
  const weigh = weighter(strategy, { tasks, featureShape: [network.featureCount], key: strategyKey! });
  const records: StepRecord[] = [];
  for await (const indices of endlessBatches(problem.train.count, batchSize, dataKey!, steps, () => weigh.endEpoch())) {
    const mode = train(random.foldIn(noiseKey!, records.length));
    optimiser.learningRate = rate(records.length);
    const { features, logits } = network.forward(imagesOf(problem.train, indices), mode);
    const losses = tasks.map(({ name }, i) => taskLoss(logits[i]!, problem.train, name, indices));
    const record = await multiTaskStep({ weighter: weigh, optimiser, losses, features });
    records.push(record);
    onStep?.(record);
  }
  return { network, weighter: weigh, records, scores: await scoreFaces(network, problem) };
}

/** Batches of one size over as many epochs as it takes. */
async function* endlessBatches(
  size: number,
  wanted: number,
  key: RandomKey,
  steps: number,
  endEpoch: () => Promise<unknown>,
): AsyncGenerator<Int32Array, void, undefined> {
  const batchSize = Math.min(wanted, size);
  let drawn = 0;
  for (let epoch = 0; drawn < steps; epoch++) {
    for (const indices of batches({ size, batchSize, key, epoch, dropLast: true })) {
      yield indices;
      if (++drawn === steps) return;
    }
    await endEpoch();
  }
}

function imagesOf(set: LabelledImages, indices: Int32Array): Tensor {
  return tensor(set.images(indices), { shape: [indices.length, ...set.shape] });
}

function labelsOf(set: LabelledImages, task: string, indices: Int32Array): { labels: Tensor; mask: Tensor } {
  const all = set.labels.get(task)!;
  const chosen = indices.map((i) => all[i]!);
  return {
    labels: tensor(chosen, { dtype: "i32" }),
    mask: tensor(Float32Array.from(chosen, (label) => (label < 0 ? 0 : 1))),
  };
}

function taskLoss(logits: Tensor, set: LabelledImages, task: string, indices: Int32Array): Tensor {
  const { labels, mask } = labelsOf(set, task, indices);
  return crossEntropy(logits, labels, { mask });
}

const scoringBatch = 64;

/** The network's accuracy on the validation images of each task that the problem scores. */
export async function scoreFaces(network: FaceNet, problem: FaceProblem): Promise<Score[]> {
  const scores: Score[] = [];
  for (const [task, set] of problem.validation) {
    const position = problem.tasks.findIndex(({ name }) => name === task);
    let right = 0;
    let samples = 0;
    for (const indices of batches({ size: set.count, batchSize: scoringBatch, key: random.key(0), shuffle: false })) {
      const { labels, mask } = labelsOf(set, task, indices);
      const labelled = mask.sum();
      const share = accuracy(network.forward(imagesOf(set, indices), evaluate).logits[position]!, labels, mask);
      await step(share, labelled);
      right += (await share.item()) * (await labelled.item());
      samples += await labelled.item();
    }
    scores.push({ task, accuracy: right / samples, chance: chanceOf(set.labels.get(task)!), samples });
  }
  return scores;
}

/** The share of the most frequent class. */
function chanceOf(labels: Int32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) if (label >= 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labelled = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return Math.max(...counts.values()) / labelled;
}
