import { argMax, random, setDefaultDevice, tensor } from "@steelyard/core";
import { cpu } from "@steelyard/cpu";
import { evaluate, parameters, variables } from "@steelyard/nn";
import { dynamicDifficulty, equal, fixed, type StepRecord, type Strategy } from "@steelyard/weighting";
import { describe, expect, it } from "vitest";
import { FaceNet } from "./network.ts";
import { renderedProblem, type FaceProblem, type LabelledImages } from "./problem.ts";
import { faceTraining, scoreFaces, trainFaces, type TrainingOptions } from "./training.ts";

// What is tested holds on every device. This one is quick, and measures nothing that could change its bits on the way.
setDefaultDevice(cpu({ threads: 1, deterministic: true }));

const problem = renderedProblem({ people: 4, unseenPeople: 1, samples: 14, validationImages: 28, size: 16, seed: 1 });
/** So few images that a batch of all of them is cheap. */
const tiny = renderedProblem({ people: 2, unseenPeople: 1, samples: 7, validationImages: 14, size: 16, seed: 1 });
const options: TrainingOptions = { problem, strategy: equal(), steps: 4, batchSize: 8, learningRate: 0.01, seed: 3 };

/** The same images under other labels. */
function relabelled(
  set: LabelledImages,
  task: string,
  label: (given: number, index: number) => number,
): LabelledImages {
  return { ...set, labels: new Map([...set.labels, [task, set.labels.get(task)!.map(label)]]) };
}

const recordsOf = async (changed: Partial<TrainingOptions> = {}): Promise<readonly StepRecord[]> =>
  (await trainFaces({ ...options, ...changed })).records;
/** All numbers of a network, running statistics included. */
const numbersOf = async (net: FaceNet): Promise<number[][]> =>
  Promise.all([...variables(net).values()].map(async ({ value }) => [...((await value.data()) as Float32Array)]));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** How far the total fell from the seventh step to the eighth. */
const progress = (records: readonly StepRecord[]): number => records[6]!.total - records[7]!.total;

describe("trainFaces", () => {
  it("starts two strategies from one network: their first losses are the same bits", async () => {
    const runs = await Promise.all([equal(), fixed({ weights: [0.9, 0.1] }), dynamicDifficulty()].map((strategy) => recordsOf({ strategy, steps: 2 }))); // prettier-ignore
    const [first, second] = [0, 1].map((step) => runs.map((records) => records[step]!.losses));
    expect(first).toEqual([first![0], first![0], first![0]]);
    expect(second![1]).not.toEqual(second![0]);
  });

  it("repeats itself bit for bit with the same seed, dropout included, and not with another", async () => {
    const run = { strategy: dynamicDifficulty(), dropout: 0.3 };
    const [first, again, other] = [await recordsOf(run), await recordsOf(run), await recordsOf({ ...run, seed: 4 })];
    expect(again).toEqual(first);
    expect(other[0]!.losses).not.toEqual(first[0]!.losses);
  });

  it("drops other features in each step", async () => {
    const kept = await recordsOf({ steps: 1 });
    const dropped = await recordsOf({ steps: 1, dropout: 0.5 });
    expect(dropped[0]!.losses).not.toEqual(kept[0]!.losses);
    // Every image is the first and nothing is learnt: only dropout makes one step differ from the next.
    const same = relabelled(tiny.train, "identity", () => 0);
    const train = { ...same, images: (indices: Int32Array) => same.images(indices.map(() => 0)) };
    const still = { problem: { ...tiny, train }, steps: 3, batchSize: 14, learningRate: 1e-30 };
    const losses = async (dropout: number): Promise<Set<string>> =>
      new Set((await recordsOf({ ...still, dropout })).map((record) => record.losses[0]!.toFixed(4)));
    expect((await losses(0)).size).toBe(1);
    expect((await losses(0.5)).size).toBe(3);
  });

  it("calls onStep once for every step, in order, with the record it returns", async () => {
    const seen: StepRecord[] = [];
    const records = await recordsOf({ onStep: (record) => void seen.push(record) });
    expect(seen).toEqual(records);
    expect(seen.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3]);
  });

  it("takes the steps of faceTraining, which takes none that nobody asks for", async () => {
    const drawn: number[] = [];
    const images = (indices: Int32Array): Float32Array => {
      drawn.push(indices.length);
      return problem.train.images(indices);
    };
    const train: LabelledImages = { ...problem.train, images };
    const { steps, network } = faceTraining({ ...options, problem: { ...problem, train } });
    expect(drawn).toEqual([]);
    const before = await numbersOf(network);
    const records: StepRecord[] = [];
    for await (const record of steps) if (records.push(record) === 2) break;
    expect(drawn).toEqual([8, 8]);
    expect(records).toEqual((await recordsOf()).slice(0, 2));
    expect(await numbersOf(network)).not.toEqual(before);
  });

  it("makes both losses fall, and beats chance on what it learnt", async () => {
    const { records, scores } = await trainFaces({ ...options, steps: 24, batchSize: 14 });
    for (const task of [0, 1]) {
      const losses = records.map((record) => record.losses[task]!);
      expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)) - 0.4);
    }
    const [identity] = scores;
    expect(identity!.accuracy).toBeGreaterThan(identity!.chance + 0.3);
  });

  it("learns a tenth as fast in the last quarter of the steps", async () => {
    // Batches of all images, so the losses of consecutive steps compare. Up to the drop a short run is a long one.
    const all = { problem: tiny, batchSize: 14, learningRate: 1e-4 };
    const [short, long] = [await recordsOf({ ...all, steps: 8 }), await recordsOf({ ...all, steps: 12 })];
    expect(short.slice(0, 7).map(({ losses }) => losses)).toEqual(long.slice(0, 7).map(({ losses }) => losses));
    expect(progress(short) / progress(long)).toBeCloseTo(0.1, 1);
  });

  it("ends an epoch when all full batches were drawn, the last one of the run included", async () => {
    const ended: { epoch: number; steps: number; loss: number }[] = [];
    const records: StepRecord[] = [];
    const counting: Strategy<null> = {
      name: "counting",
      init: () => null,
      weigh: () => ({ weights: [0.5, 0.5] }),
      endEpoch: ({ epoch, meanLosses }) => {
        ended.push({ epoch, steps: records.length, loss: meanLosses[0]! });
        return null;
      },
    };
    const run = { strategy: counting, batchSize: 24, onStep: (record: StepRecord) => void records.push(record) };
    // 56 images make two batches of 24; the other eight wait for an epoch that draws them.
    await recordsOf({ ...run, steps: 4 });
    expect(ended.map(({ epoch, steps }) => [epoch, steps])).toEqual([[0, 2], [1, 4]]); // prettier-ignore
    expect(records.map(({ epoch }) => epoch)).toEqual([0, 0, 1, 1]);
    expect(ended[0]!.loss).toBeCloseTo((records[0]!.losses[0]! + records[1]!.losses[0]!) / 2, 6);
    ended.length = 0;
    await recordsOf({ ...run, steps: 3 });
    expect(ended.length).toBe(1);
  });

  it("shows every image once in an epoch, in an order of its own", async () => {
    const drawn: number[] = [];
    const train: LabelledImages = {
      ...problem.train,
      images: (indices) => {
        drawn.push(...indices);
        return problem.train.images(indices);
      },
    };
    await recordsOf({ problem: { ...problem, train }, steps: 14 });
    const inOrder = Array.from({ length: 56 }, (_, i) => i);
    const [first, second] = [drawn.slice(0, 56), drawn.slice(56)];
    expect([first, second].map((epoch) => epoch.toSorted((a, b) => a - b))).toEqual([inOrder, inOrder]);
    expect(second).not.toEqual(first);
  });
});

const half = (label: number, i: number): number => (i % 2 === 0 ? label : -1);

describe("an image without a label of a task", () => {
  it("does not count in that task's loss, and does in the other's", async () => {
    const all = { problem: tiny, batchSize: 14, steps: 1 };
    const [whole] = await recordsOf(all);
    const even: FaceProblem = { ...tiny, train: relabelled(tiny.train, "identity", half) };
    const odd: FaceProblem = { ...tiny, train: relabelled(tiny.train, "identity", (label, i) => half(label, i + 1)) };
    const [[first], [second]] = [await recordsOf({ ...all, problem: even }), await recordsOf({ ...all, problem: odd })];
    // Means over 7 images each: together they make the mean over all 14, up to the rounding of f32.
    expect((first!.losses[0]! + second!.losses[0]!) / 2).toBeCloseTo(whole!.losses[0]!, 5);
    expect(first!.losses[0]).not.toBeCloseTo(whole!.losses[0]!, 3);
    expect([first!.losses[1], second!.losses[1]]).toEqual([whole!.losses[1], whole!.losses[1]]);
  });

  it("leaves a task without any label at loss 0, and its head as it was", async () => {
    const none: FaceProblem = { ...problem, train: relabelled(problem.train, "identity", () => -1) };
    const { network, records } = await trainFaces({ ...options, problem: none, steps: 2 });
    expect(records.map(({ losses }) => losses[0])).toEqual([0, 0]);
    expect(records[0]!.losses[1]).toBeGreaterThan(1);
    const bias = parameters(network.heads["identity"]!).find(({ name }) => name.endsWith("logits.bias"))!;
    expect([...((await bias.value.data()) as Float32Array)]).toEqual([0, 0, 0, 0]);
  });
});

describe("scoreFaces", () => {
  const network = new FaceNet({
    inputShape: [16, 16, 3],
    tasks: problem.tasks.map(({ name, classes }) => ({ name, classes: classes.length })),
    key: random.key(5),
  });
  const seen = problem.validation.get("identity")!;
  /** The expression that the network tells for each image. */
  const toldBy = async (set: LabelledImages): Promise<Int32Array> => {
    const images = tensor(set.images(Int32Array.from({ length: set.count }, (_, i) => i)), { shape: [set.count, ...set.shape] }); // prettier-ignore
    return (await argMax(network.forward(images, evaluate).logits[1]!, 1).data()) as Int32Array;
  };
  /** The problem with only one task to score, on the set under other labels. */
  const scoring = (
    task: string,
    set: LabelledImages,
    label: (given: number, index: number) => number,
  ): FaceProblem => ({
    ...problem,
    validation: new Map([[task, relabelled(set, task, label)]]),
  });

  it("scores each validated task on its own images against the most frequent class", async () => {
    const scores = await scoreFaces(network, problem);
    expect(scores.map(({ task, chance, samples }) => [task, chance, samples])).toEqual([
      ["identity", 1 / 4, 28],
      ["expression", 1 / 7, 21],
    ]);
    // Three of four people under one name.
    const lumped = scoring("identity", seen, (label) => (label < 3 ? 0 : label));
    expect((await scoreFaces(network, lumped))[0]!.chance).toBe(3 / 4);
    // Missing labels are no class, however frequent.
    const rare = scoring("identity", seen, (label, i) => (i % 7 === 0 ? label : -1));
    expect((await scoreFaces(network, rare))[0]).toMatchObject({ chance: 1 / 4, samples: 4 });
  });

  it("counts what the network tells right, over batches, and leaves out what has no label", async () => {
    // More than fit into one batch of 64.
    const many = renderedProblem({ people: 4, unseenPeople: 1, samples: 7, validationImages: 84, size: 16, seed: 2 });
    const set = many.validation.get("identity")!;
    expect(set.count).toBe(84);
    const told = await toldBy(set);
    const right = (_: number, i: number): number => (i % 4 === 0 ? (told[i]! + 1) % 7 : told[i]!);
    const [score] = await scoreFaces(network, scoring("expression", set, right));
    expect(score).toMatchObject({ accuracy: 3 / 4, samples: 84 });
    const partly = (label: number, i: number): number => (i % 4 === 1 ? -1 : right(label, i));
    const [fewer] = await scoreFaces(network, scoring("expression", set, partly));
    expect(fewer).toMatchObject({ accuracy: 2 / 3, samples: 63 });
  });

  it("changes nothing in the network", async () => {
    const before = await numbersOf(network);
    await scoreFaces(network, problem);
    expect(await numbersOf(network)).toEqual(before);
  });
});

/** The message of the error, if there is one. */
const refused = async (changed: Partial<TrainingOptions>): Promise<string> =>
  trainFaces({ ...options, ...changed }).then(() => "nothing", String);

describe("trainFaces and scoreFaces refuse", () => {
  const withValidation = (...validation: [string, LabelledImages][]): Partial<TrainingOptions> => ({
    problem: { ...problem, validation: new Map(validation) },
  });
  const seen = problem.validation.get("identity")!;

  it("steps and batches of no use", async () => {
    expect(await refused({ steps: 0 })).toMatchInlineSnapshot(`
      "DataError: trainFaces: needs steps to be a whole number of at least 1, got 0
        hint: some hundred steps teach 24 rendered people"
    `);
    expect(await refused({ steps: 2.5 })).toContain("needs steps to be a whole number of at least 1, got 2.5");
    expect(await refused({ batchSize: 1 })).toMatchInlineSnapshot(`
      "DataError: trainFaces: needs batchSize to be a whole number of at least 2, got 1
        hint: batch norm compares the images of a batch"
    `);
    expect(await refused({ batchSize: 57 })).toMatchInlineSnapshot(`
      "DataError: trainFaces: needs batchSize in [2, 56], got 57
        hint: take smaller batches, or more images to train on"
    `);
    const alone: LabelledImages = { ...problem.train, count: 1 };
    expect(await refused({ problem: { ...problem, train: alone } })).toMatchInlineSnapshot(`
      "DataError: trainFaces: needs at least 2 images to train on, got 1
        hint: load more of the data set"
    `);
  });

  it("images to validate on that nothing can be scored on", async () => {
    expect(await refused(withValidation(["identity", relabelled(seen, "identity", () => -1)]))).toMatchInlineSnapshot(`
      "DataError: rendered faces: needs images with a label of identity to validate on, got none
        hint: there would be nothing to score"
    `);
    const empty: LabelledImages = { ...seen, count: 0, labels: new Map([["identity", new Int32Array(0)]]) };
    expect(await refused(withValidation(["identity", empty]))).toContain("got none");
    expect(await refused(withValidation(["mood", seen]))).toMatchInlineSnapshot(`
      "DataError: rendered faces: needs validation of tasks among identity, expression, got mood
        hint: only a task with logits can be scored"
    `);
  });

  it("labels that are not there or have no class", async () => {
    const labels = new Map([["identity", problem.train.labels.get("identity")!]]);
    expect(await refused({ problem: { ...problem, train: { ...problem.train, labels } } })).toMatchInlineSnapshot(`
      "DataError: rendered faces: needs 56 labels of expression to train on, got 0
        hint: a missing label is −1"
    `);
    const train = relabelled(problem.train, "identity", (label) => label + 1);
    expect(await refused({ problem: { ...problem, train } })).toMatchInlineSnapshot(`
      "DataError: rendered faces: needs labels of identity below 4, got 4 to train on
        hint: a label indexes the task's classes"
    `);
    const validation = relabelled(seen, "identity", (label) => label + 1);
    expect(await refused(withValidation(["identity", validation]))).toContain("got 4 to validate on");
  });
});
