import { describe, expect, it } from "vitest";
import type { FaceProblem } from "@steelyard/faces";
import { sampleFaces } from "./samples.ts";

/** Images of 2 × 4 grey pixels that count upwards, one label missing. */
const problem: FaceProblem = {
  name: "counting",
  tasks: [{ name: "parity", classes: ["even", "odd"] }],
  train: {
    count: 5,
    shape: [2, 4, 1],
    images: (indices) => Float32Array.from({ length: indices.length * 8 }, (_, i) => indices[i >> 3]! * 100 + (i % 8)),
    labels: new Map([["parity", Int32Array.of(0, 1, 0, 1, -1)]]),
  },
  validation: new Map(),
};

describe("sample faces", () => {
  it("are the middle square, stretched over the range of the image", () => {
    const [first] = sampleFaces(problem, 1);
    expect(first).toEqual({
      pixels: Float32Array.from([1, 2, 5, 6], (x) => x / 7),
      size: 2,
      channels: 1,
      label: "even",
    });
  });

  it("are spread over the set, and never more than it holds", () => {
    expect(sampleFaces(problem, 2).map(({ label }) => label)).toEqual(["even", "even"]);
    expect(sampleFaces(problem).map(({ label }) => label)).toEqual(["even", "odd", "even", "odd", "no parity"]);
  });
});
