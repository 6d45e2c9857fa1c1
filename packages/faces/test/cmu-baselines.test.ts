import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Split } from "../src/index.ts";
import { cmuIdentitySplits, cmuInput, cmuSubjectSplits, linearBaseline, loadCmuFaces } from "../src/index.ts";

const data = process.env["STEELYARD_DATA"] ?? join(import.meta.dirname, "../../../../shared/data");
const root = join(data, "cmu_faces");
const here = existsSync(root);
const title = here ? "" : ` (SKIPPED: no cmu_faces in ${data}; set STEELYARD_DATA)`;

const [height, width] = [30, 32];

/** Mean accuracy in percent of the linear baseline over the splits of one task. */
function accuracy(images: Float32Array, labels: Int32Array, classes: number, splits: readonly Split[]): number {
  const size = height * width;
  const rows = (indices: Int32Array): Float32Array => {
    const picked = new Float32Array(indices.length * size);
    for (const [row, i] of indices.entries()) picked.set(images.subarray(i * size, (i + 1) * size), row * size);
    return picked;
  };
  const labelsOf = (indices: Int32Array): Int32Array => indices.map((i) => labels[i] ?? -1);
  const each = splits.map(({ train, test }) =>
    linearBaseline(rows(train), labelsOf(train), classes, { penalty: 1 }).accuracy(rows(test), labelsOf(test)),
  );
  return (100 * each.reduce((sum, share) => sum + share, 0)) / each.length;
}

describe.skipIf(!here)(`a linear classifier on the CMU faces${title}`, () => {
  it("finds one task trivial, two of middling difficulty and one nearly impossible, as known", async () => {
    const faces = await loadCmuFaces(root);
    const images = cmuInput(faces, height, width);
    const people = cmuSubjectSplits(faces);
    // Known: identity 98 to 100, pose 78.6 ± 15, sunglasses 68.3 ± 7, expression 28.0 ± 2.6 (chance 25).
    expect(accuracy(images, faces.identity, 20, cmuIdentitySplits(faces))).toBeGreaterThan(97.5);
    expect(Math.abs(accuracy(images, faces.pose, 4, people) - 78.6)).toBeLessThan(15);
    expect(Math.abs(accuracy(images, faces.eyes, 2, people) - 68.3)).toBeLessThan(7);
    expect(Math.abs(accuracy(images, faces.expression, 4, people) - 28)).toBeLessThan(2.6);
  });
});
