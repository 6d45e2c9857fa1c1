import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCmuFaces, type CmuFaces } from "./cmu.ts";
import { cmuProblems, renderedProblem, type LabelledImages } from "./problem.ts";
import { renderedFaces } from "./renderer/rendered-faces.ts";

const options = { people: 5, unseenPeople: 3, samples: 14, validationImages: 70, size: 16, seed: 4 };
const { tasks, train, validation } = renderedProblem(options);
const [seen, strangers] = ["identity", "expression"].map((task) => validation.get(task)!) as [
  LabelledImages,
  LabelledImages,
];

const all = (set: LabelledImages): Int32Array => Int32Array.from({ length: set.count }, (_, i) => i);
const valuesOf = (set: LabelledImages, task: string): number[] => [...new Set(set.labels.get(task))].toSorted((a, b) => a - b); // prettier-ignore
/** The bytes of each image, to compare by. */
const bytesOf = (set: LabelledImages, indices = all(set)): string[] => {
  const [height, width, channels] = set.shape;
  const images = Buffer.from(set.images(indices).buffer);
  const length = height * width * channels * 4;
  return Array.from(indices, (_, i) => images.subarray(i * length, (i + 1) * length).toString("base64"));
};

describe("renderedProblem", () => {
  it("has a class for each person trained on, and one for each of seven expressions", () => {
    expect(tasks.map(({ name, classes }) => [name, classes.length])).toEqual([
      ["identity", 5],
      ["expression", 7],
    ]);
    expect([train.count, train.shape]).toEqual([5 * 14, [16, 16, 3]]);
    expect([valuesOf(train, "identity"), valuesOf(train, "expression")]).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4, 5, 6],
    ]);
  });

  it("scores identity on images never trained on, of every person trained on", () => {
    expect(valuesOf(seen, "identity")).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(bytesOf(seen)).isDisjointFrom(new Set(bytesOf(train)))).toBe(true);
    // Seen and unseen together are all there is of these people: nothing is left out, nothing twice.
    expect(new Set([...bytesOf(seen), ...bytesOf(train)]).size).toBe(seen.count + train.count);
  });

  it("scores expression on people never trained on, who have no identity class", () => {
    expect(valuesOf(strangers, "identity")).toEqual([-1]);
    const faces = renderedFaces({ seed: 4, size: 16, identities: 8, samplesPerIdentity: 28 });
    const shown = Array.from({ length: 3 * 21 }, (_, i) => (5 + Math.floor(i / 21)) * 28 + (i % 21));
    expect([...strangers.labels.get("expression")!]).toEqual(shown.map((i) => faces.expression[i]));
    // Standardising is a shift and a stretch: a pixel halfway between two others stays there.
    for (const i of [0, 22, 62]) {
      const [given, face] = [strangers.images(Int32Array.of(i)), faces.image(shown[i]!)];
      const stretch = (Math.max(...given) - Math.min(...given)) / (Math.max(...face) - Math.min(...face));
      const shift = given[0]! - stretch * face[0]!;
      for (const [at, x] of face.entries()) expect(Math.abs(given[at]! - (stretch * x + shift))).toBeLessThan(1e-5);
    }
  });

  it.each([
    { people: 5, unseenPeople: 3, validationImages: 70, sizes: [5 * 14, 3 * 21] },
    { people: 24, unseenPeople: 8, samples: 100, validationImages: 1000, sizes: [24 * 42, 8 * 126] },
    // Every person shows every expression, however few images are asked for.
    { people: 5, unseenPeople: 3, validationImages: 1, sizes: [5 * 7, 3 * 7] },
    // There are no more than samples and unseen samples of a stranger.
    { people: 5, unseenPeople: 1, validationImages: 350, sizes: [5 * 70, 84] },
  ])("scores $people and $unseenPeople people on about $validationImages images: $sizes", ({ sizes, ...wanted }) => {
    const problem = renderedProblem({ ...options, ...wanted });
    expect(["identity", "expression"].map((task) => problem.validation.get(task)!.count)).toEqual(sizes);
    for (const set of problem.validation.values()) {
      const shown = set.labels.get("expression")!;
      const counts = Array.from({ length: 7 }, (_, label) => shown.filter((each) => each === label).length);
      expect(new Set(counts).size).toBe(1);
    }
  });

  it.each([
    { people: 9, strangers: 3 },
    { people: 1, strangers: 1 },
  ])("scores the expression of $strangers strangers beside $people people, unless told otherwise", (given) => {
    const few = renderedProblem({ people: given.people, samples: 7, validationImages: 1, size: 8 });
    expect(few.validation.get("expression")!.count).toBe(given.strangers * 7);
  });

  it("standardises each image: mean 0 and deviation 1", () => {
    for (const set of [train, seen, strangers]) {
      const length = 16 * 16 * 3;
      const images = set.images(Int32Array.of(3, 0));
      for (const image of [images.subarray(0, length), images.subarray(length)]) {
        const mean = image.reduce((sum, x) => sum + x, 0) / length;
        // Rounding to f32 leaves each of the 768 values 2⁻²⁴ relative: about 1e-7 of the mean.
        expect(mean).toBeCloseTo(0, 6);
        expect(image.reduce((sum, x) => sum + (x - mean) ** 2, 0) / length).toBeCloseTo(1, 5);
      }
    }
  });

  it("renders an image alike in any batch and any order, and again after it was changed", () => {
    const whole = bytesOf(train);
    const some = Int32Array.of(69, 3, 3, 41);
    expect(bytesOf(train, some)).toEqual(Array.from(some, (i) => whole[i]));
    train.images(some).fill(0);
    expect(bytesOf(train, some)).toEqual(Array.from(some, (i) => whole[i]));
    expect(() => train.images(Int32Array.of(70))).toThrow("needs an index below 70, got 70");
  });

  it("gives the same problem for the same seed, and other faces for another", () => {
    const some = Int32Array.of(0, 30);
    expect(bytesOf(renderedProblem(options).train, some)).toEqual(bytesOf(train, some));
    expect(bytesOf(renderedProblem({ ...options, seed: 5 }).train, some)).not.toEqual(bytesOf(train, some));
  });

  it("names the option that is of no use", () => {
    expect(() => renderedProblem({ people: 0 })).toThrow(
      "renderedProblem: needs people to be a whole number of at least 1",
    );
    expect(() => renderedProblem({ samples: 2.5 })).toThrow("renderedProblem: needs samples to be a whole number");
    expect(() => renderedProblem({ validationImages: -5 })).toThrow("renderedProblem: needs validationImages");
  });

  it("mistakes labels only in training, and only for people trained on", () => {
    const noisy = renderedProblem({ ...options, difficulty: { identityLabelNoise: 1, expressionLabelNoise: 1 } });
    for (const task of ["identity", "expression"]) {
      const [given, truth] = [noisy.train.labels.get(task)!, train.labels.get(task)!];
      expect(given.every((label, i) => label !== truth[i])).toBe(true);
    }
    expect(valuesOf(noisy.train, "identity")).toEqual([0, 1, 2, 3, 4]);
    for (const [task, { labels }] of noisy.validation) expect(labels).toEqual(validation.get(task)!.labels);
  });
});

/** Twelve numbers around 0, `slope` apart. */
const ramp = (slope: number): number[] =>
  Array.from({ length: 12 }, (_, i) => expect.closeTo((i - 5.5) * slope, 5) as number);

/** Three people in two poses, with and without sunglasses; each image a ramp, from the sixth on a steep one, the first all black. */
function madeUp(): CmuFaces {
  const [width, height, count] = [4, 3, 12];
  const labels = (of: (i: number) => number): Int32Array => Int32Array.from({ length: count }, (_, i) => of(i));
  return {
    width,
    height,
    images: Uint8Array.from(
      { length: count * width * height },
      (_, i) => (i % 12) * Math.min(Math.floor(i / 12) ** 2, 23),
    ),
    files: Array.from({ length: count }, (_, i) => `${i}.pgm`),
    classes: {
      identity: ["a", "b", "c"],
      pose: ["straight", "left"],
      expression: ["neutral"],
      eyes: ["open", "sunglasses"],
    },
    identity: labels((i) => Math.floor(i / 4)),
    pose: labels((i) => Math.floor(i / 2) % 2),
    expression: labels(() => 0),
    eyes: labels((i) => i % 2),
    glitches: [],
    skipped: [],
  };
}

describe("cmuProblems", () => {
  const { identity, people } = cmuProblems(madeUp(), { height: 3, folds: 3 });

  it("scores identity where one pose was left out", () => {
    expect(identity.map(({ name, validation: scored }) => [name, ...scored.keys()])).toEqual([
      ["CMU faces, leave one pose out, without straight", "identity"],
      ["CMU faces, leave one pose out, without left", "identity"],
    ]);
    for (const [held, { train: trained, validation: scored }] of identity.entries()) {
      expect([valuesOf(trained, "pose"), valuesOf(scored.get("identity")!, "pose")]).toEqual([[1 - held], [held]]);
      expect(valuesOf(trained, "identity")).toEqual([0, 1, 2]);
    }
  });

  it("scores the other tasks on people who were left out", () => {
    expect(people.map(({ name }) => name)).toEqual(
      [1, 2, 3].map((fold) => `CMU faces, unseen people, fold ${fold} of 3`),
    );
    for (const [held, { train: trained, validation: scored }] of people.entries()) {
      expect([...scored.keys()]).toEqual(["pose", "expression", "eyes"]);
      const others = [0, 1, 2].filter((person) => person !== held);
      for (const set of scored.values()) expect(valuesOf(set, "identity")).toEqual([held]);
      expect(valuesOf(trained, "identity")).toEqual(others);
    }
  });

  it("learns all four tasks, from labels that belong to their images", () => {
    for (const { tasks: learnt, train: trained } of [...identity, ...people]) {
      expect(learnt.map(({ name, classes }) => [name, classes.length])).toEqual([
        ["identity", 3],
        ["pose", 2],
        ["expression", 1],
        ["eyes", 2],
      ]);
      expect(trained.shape).toEqual([3, 4, 1]);
    }
    // Left out is the second person: images 4 … 7.
    const { train: trained } = people[1]!;
    expect([...trained.labels.get("identity")!]).toEqual([0, 0, 0, 0, 2, 2, 2, 2]);
    expect([...trained.labels.get("pose")!]).toEqual([0, 0, 1, 1, 0, 0, 1, 1]);
    expect([...trained.labels.get("eyes")!]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  });

  it("standardises an image, never dividing by a deviation below 1/√pixels", () => {
    const { train: trained } = people[1]!;
    // 0 … 11 has variance 143/12. Of the ramp of 23/255 a pixel that is more than (1/√12)².
    expect([...trained.images(Int32Array.of(4))]).toEqual(ramp(1 / Math.sqrt(143 / 12)));
    // Image 1 climbs by 1/255 a pixel: a deviation of 0.0135.
    expect([...trained.images(Int32Array.of(1, 0))]).toEqual([...ramp(Math.sqrt(12) / 255), ...ramp(0)]);
  });

  it("refuses an index outside the set", () => {
    expect(() => people[1]!.train.images(Int32Array.of(8))).toThrow("needs indices in 0 … 7, got 8");
  });
});

const data = process.env["STEELYARD_DATA"] ?? join(import.meta.dirname, "../../../../shared/data");
const root = join(data, "cmu_faces");
const here = existsSync(root);
const title = here ? "" : ` (SKIPPED: no cmu_faces in ${data}; set STEELYARD_DATA)`;

describe.skipIf(!here)(`cmuProblems on the real set${title}`, () => {
  it("makes four problems of poses and five of people, each image scored once", async () => {
    const { identity, people } = cmuProblems(await loadCmuFaces(root));
    expect([identity.length, people.length]).toEqual([4, 5]);
    for (const [problems, task] of [
      [identity, "identity"],
      [people, "eyes"],
    ] as const) {
      const scored = problems.map(({ validation: sets }) => sets.get(task)!.count);
      expect(scored.reduce((sum, count) => sum + count, 0)).toBe(624);
      for (const [i, { train: trained }] of problems.entries()) expect(trained.count).toBe(624 - scored[i]!);
    }
    // The width keeps the shape of the photographs, 64 × 60.
    expect(people[0]!.train.shape).toEqual([30, 32, 1]);
    const image = people[0]!.train.images(Int32Array.of(7));
    expect(image.reduce((sum, x) => sum + x ** 2, 0) / image.length).toBeCloseTo(1, 5);
  });
});
