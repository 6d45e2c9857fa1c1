import { random, tensor, type RandomKey, type Tensor } from "@steelyard/core";
import {
  accuracy,
  adam,
  batches,
  crossEntropy,
  evaluate,
  parameters,
  piecewise,
  train,
  type Optimiser,
} from "@steelyard/nn";
import { multiTaskStep, weighter, type StepRecord, type Strategy, type Weighter } from "@steelyard/weighting";
import { dataError, inRange, wholeNumber } from "./data-error.ts";
import { FaceNet } from "./network.ts";
import type { FaceProblem, LabelledImages } from "./problem.ts";

export interface TrainingOptions {
  readonly problem: FaceProblem;
  readonly strategy: Strategy;
  /** How many updates. */
  readonly steps: number;
  /** Images in each: at least 2, batch norm's least, and no more than there are to train on. */
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

/** A network on its way: each step that is asked for is one update of it. */
export interface FaceTraining {
  readonly network: FaceNet;
  readonly weighter: Weighter;
  /** As many as were asked for; the next begins when the one before it has been taken. */
  readonly steps: AsyncGenerator<StepRecord, void, undefined>;
}

/**
 * Trains one network on all tasks of a problem, the strategy weighting their losses, and scores it on the validation images.
 *
 * A task's loss is the cross entropy over those images of the batch that have its label.
 *
 * @throws DataError for steps and batches of no use, and for labels that cannot be learnt or scored
 * @throws ValueError for a learning rate, dropout or seed outside its range
 * @throws NonFinite for a loss that is no longer finite, and whatever else `multiTaskStep` refuses
 */
export async function trainFaces(options: TrainingOptions): Promise<TrainingResult> {
  const { network, weighter: weigh, steps } = faceTraining(options);
  const records: StepRecord[] = [];
  for await (const record of steps) {
    records.push(record);
    options.onStep?.(record);
  }
  return { network, weighter: weigh, records, scores: await scoreFaces(network, options.problem) };
}

/**
 * The same training for whoever wants to look at the network between two steps, to pause, or to stop: it goes on only
 * when the next step is asked for. `onStep` is not called.
 *
 * @throws as `trainFaces`: for its options at once, for a loss in the step that it belongs to
 * @example
 * const problem = renderedProblem({ people: 2, samples: 7, size: 16, validationImages: 14 });
 * const options = { strategy: dynamicDifficulty(), steps: 100, batchSize: 4, learningRate: 0.01, seed: 1 };
 * for await (const { iteration } of faceTraining({ problem, ...options }).steps) if (iteration === 1) break;
 */
export function faceTraining(options: TrainingOptions): FaceTraining {
  const { problem, strategy, learningRate, dropout = 0, seed } = options;
  checkOptions(options);
  checkLabels(problem);
  const [netKey, dataKey, noiseKey, strategyKey] = random.split(random.key(seed), 4);
  const tasks = problem.tasks.map(({ name, classes }) => ({ name, classes: classes.length }));
  const network = new FaceNet({ inputShape: problem.train.shape, tasks, key: netKey!, dropout });
  const optimiser = adam(parameters(network), { learningRate });
  const weigh = weighter(strategy, { tasks, featureShape: [network.featureCount], key: strategyKey! });
  return { network, weighter: weigh, steps: trainingSteps(options, network, optimiser, weigh, dataKey!, noiseKey!) };
}

async function* trainingSteps(
  { problem, steps, batchSize, learningRate }: TrainingOptions,
  network: FaceNet,
  optimiser: Optimiser,
  weigh: Weighter,
  dataKey: RandomKey,
  noiseKey: RandomKey,
): AsyncGenerator<StepRecord, void, undefined> {
  const rate = piecewise([
    [0, learningRate],
    [Math.ceil(steps * 0.75), learningRate / 10],
  ]);
  let step = 0;
  for await (const indices of endlessBatches(problem.train.count, batchSize, dataKey, steps, () => weigh.endEpoch())) {
    const mode = train(random.foldIn(noiseKey, step));
    optimiser.learningRate = rate(step++);
    const { features, logits } = network.forward(imagesOf(problem.train, indices), mode);
    const losses = problem.tasks.map(({ name }, i) => taskLoss(logits[i]!, problem.train, name, indices));
    yield await multiTaskStep({ weighter: weigh, optimiser, losses, features });
  }
}

function checkOptions({ problem, steps, batchSize }: TrainingOptions): void {
  const who = "trainFaces";
  const { count } = problem.train;
  wholeNumber(who, "steps", steps, 1, "some hundred steps teach 24 rendered people");
  wholeNumber(who, "batchSize", batchSize, 2, "batch norm compares the images of a batch");
  if (count < 2) throw dataError(who, "at least 2 images to train on", String(count), "load more of the data set");
  inRange(who, "batchSize", batchSize, 2, count, "take smaller batches, or more images to train on");
}

/** Refuses labels that no loss or no score can use: before a run of minutes, not after it. */
function checkLabels({ name: who, tasks, train: training, validation }: FaceProblem): void {
  for (const task of tasks) checkSet(who, "to train on", training, task);
  for (const [name, set] of validation) {
    const task = tasks.find((each) => each.name === name);
    if (task === undefined) {
      const hint = "only a task with logits can be scored";
      throw dataError(who, `validation of tasks among ${tasks.map((each) => each.name).join(", ")}`, name, hint);
    }
    checkSet(who, "to validate on", set, task);
    if (set.labels.get(name)!.every((label) => label < 0)) {
      throw dataError(who, `images with a label of ${name} to validate on`, "none", "there would be nothing to score");
    }
  }
}

function checkSet(
  who: string,
  use: string,
  set: LabelledImages,
  { name, classes }: FaceProblem["tasks"][number],
): void {
  const labels = set.labels.get(name);
  if (labels?.length !== set.count) {
    const hint = "a missing label is −1";
    throw dataError(who, `${set.count} labels of ${name} ${use}`, `${labels?.length ?? 0}`, hint);
  }
  const odd = labels.find((label) => label >= classes.length);
  if (odd === undefined) return;
  throw dataError(
    who,
    `labels of ${name} below ${classes.length}`,
    `${odd} ${use}`,
    "a label indexes the task's classes",
  );
}

/** Batches of one size over as many epochs as it takes. */
async function* endlessBatches(
  size: number,
  batchSize: number,
  key: RandomKey,
  steps: number,
  endEpoch: () => Promise<unknown>,
): AsyncGenerator<Int32Array, void, undefined> {
  let drawn = 0;
  for (let epoch = 0; drawn < steps; epoch++) {
    for (const indices of batches({ size, batchSize, key, epoch, dropLast: true })) {
      if (drawn++ === steps) return;
      yield indices;
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

/**
 * The network's accuracy on the validation images of each task that the problem scores. An image without a label of the task
 * does not count.
 *
 * @throws DataError when there is nothing to score a task on
 */
export async function scoreFaces(network: FaceNet, problem: FaceProblem): Promise<Score[]> {
  checkLabels(problem);
  const scores: Score[] = [];
  for (const [task, set] of problem.validation) {
    const position = problem.tasks.findIndex(({ name }) => name === task);
    let right = 0;
    let samples = 0;
    for (const indices of batches({ size: set.count, batchSize: scoringBatch, key: random.key(0), shuffle: false })) {
      const { labels, mask } = labelsOf(set, task, indices);
      const { logits } = network.forward(imagesOf(set, indices), evaluate);
      const [share, labelled] = await Promise.all([
        accuracy(logits[position]!, labels, mask).item(),
        mask.sum().item(),
      ]);
      right += Math.round(share * labelled);
      samples += labelled;
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
