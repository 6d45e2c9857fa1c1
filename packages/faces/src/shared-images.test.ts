import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { renderedProblem, type LabelledImages } from "./problem.ts";
import { sharedImages, withSharedImages } from "./shared-images.ts";

const options = { people: 2, unseenPeople: 1, samples: 7, validationImages: 14, size: 16, seed: 2 };
const problem = renderedProblem(options);
const all = (set: LabelledImages): Int32Array => Int32Array.from({ length: set.count }, (_, i) => i);

/** A problem that counts how often each image to train on was made. */
function counted(): { readonly problem: typeof problem; readonly made: number[] } {
  const made: number[] = [];
  const images = (indices: Int32Array): Float32Array => {
    made.push(...indices);
    return problem.train.images(indices);
  };
  return { problem: { ...problem, train: { ...problem.train, images } }, made };
}

describe("shared images", () => {
  it("are the problem's own, bit for bit, whoever made them", () => {
    const shared = sharedImages(problem);
    const [one, other] = [withSharedImages(problem, shared), withSharedImages(problem, shared)];
    const some = Int32Array.of(3, 0, 3, 13);
    for (const user of [one, other, one]) {
      expect(user.train.images(some)).toEqual(problem.train.images(some));
      expect(user.train.images(all(user.train))).toEqual(problem.train.images(all(problem.train)));
      for (const [task, set] of user.validation) {
        expect(set.images(all(set))).toEqual(problem.validation.get(task)!.images(all(set)));
      }
    }
    expect([one.name, one.tasks, one.train.labels]).toEqual([problem.name, problem.tasks, problem.train.labels]);
  });

  it("are made once, when they are first asked for", () => {
    const { problem: source, made } = counted();
    const shared = sharedImages(source);
    const users = [withSharedImages(source, shared), withSharedImages(source, shared)];
    expect(made).toEqual([]);
    for (const { train } of users) train.images(Int32Array.of(5, 2, 5));
    expect(made).toEqual([5, 2]);
    users[1]!.train.images(Int32Array.of(2, 3));
    expect(made).toEqual([5, 2, 3]);
  });

  it("stay as they are when a batch of them is changed", () => {
    const { train } = withSharedImages(problem, sharedImages(problem));
    const first = Int32Array.of(1);
    train.images(first).fill(0);
    expect(train.images(first)).toEqual(problem.train.images(first));
  });

  it("are made again where the thread that had begun one is gone", () => {
    const { problem: source, made } = counted();
    const shared = sharedImages(source);
    // As a thread leaves it that ends between the two.
    new Int32Array(shared.train!.states)[4] = 1;
    const { train } = withSharedImages(source, shared);
    expect(train.images(Int32Array.of(4, 6))).toEqual(problem.train.images(Int32Array.of(4, 6)));
    // First what nobody has begun.
    expect(made).toEqual([6, 4]);
  });

  it("cross to another thread, which fills the same memory", async () => {
    const shared = sharedImages(problem);
    const code = `
      const { workerData } = require("node:worker_threads");
      import(workerData.problem).then(async ({ renderedProblem }) => {
        const { withSharedImages } = await import(workerData.sharing);
        withSharedImages(renderedProblem(workerData.options), workerData.shared).train.images(Int32Array.of(2, 9));
      });`;
    const [sharing, from] = ["shared-images.ts", "problem.ts"].map((file) => new URL(file, import.meta.url).href);
    const thread = new Worker(code, {
      eval: true,
      execArgv: [],
      workerData: { sharing, problem: from, options, shared },
    });
    await new Promise((done, failed) => {
      thread.on("error", failed);
      thread.on("exit", done);
    });
    const { problem: source, made } = counted();
    const { train } = withSharedImages(source, shared);
    expect(train.images(Int32Array.of(9, 2))).toEqual(problem.train.images(Int32Array.of(9, 2)));
    expect(made).toEqual([]);
  });

  it("are not kept of a set that would take more than a gibibyte", () => {
    const huge = { ...problem, train: { ...problem.train, count: 2 ** 31, labels: new Map() } };
    const shared = sharedImages(huge);
    expect([shared.train, shared.validation.get("identity")]).toEqual([null, expect.anything()]);
    expect(withSharedImages(huge, shared).train).toBe(huge.train);
  });

  it("refuse an index outside the set as the set does", () => {
    const { train } = withSharedImages(problem, sharedImages(problem));
    expect(() => train.images(Int32Array.of(3, 14))).toThrow("needs an index below 14, got 14");
    expect(() => train.images(Int32Array.of(-1))).toThrow("got -1");
  });
});
