import { interpreter } from "@steelyard/core";
import { faultOf } from "../check.ts";
import { reasonOf, type Implementation } from "../implementations/implementation.ts";
import { steelyard } from "../implementations/steelyard.ts";
import type { Work } from "../works/work.ts";

const oracle = steelyard("interpreter in f64", 1, () => interpreter({ precision: "f64" }));

/** What is said of each piece of work: null where the result is right. Each is also run twice more and closed. */
export async function verdicts(
  implementation: Implementation,
  works: readonly Work[],
): Promise<Record<string, string | null>> {
  const said: Record<string, string | null> = {};
  for (const work of works) {
    const reference = await resultOf(oracle, work);
    said[`${work.name} ${work.pass}`] = await resultOf(implementation, work).then(
      (result) => faultOf(work, result, reference),
      reasonOf,
    );
  }
  return said;
}

export async function resultOf(implementation: Implementation, work: Work): Promise<Float32Array> {
  const prepared = await implementation.prepare(work);
  const result = await prepared.result();
  await prepared.run();
  await prepared.run();
  await prepared.close();
  return result;
}

/** All of them right. */
export const allRight = (works: readonly Work[]): Record<string, null> =>
  Object.fromEntries(works.map(({ name, pass }) => [`${name} ${pass}`, null]));
