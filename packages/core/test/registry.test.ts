import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { registry, showShape, type Primitive, type Sample } from "../src/index.ts";
import { checkPrimitive } from "../src/testing/index.ts";
import { fuzz } from "./fuzz.ts";

// Their value or rule is given from outside the graph, so a sample cannot stand for them: they are bound by a device
// (semantics.test.ts) or carry a rule of the caller's (autograd-laws.test.ts).
const withoutSamples = ["constant", "parameter", "fill", "rule", "hostSolve"];

const describeInputs = ({ ins, attrs }: Sample): string => {
  const inputs = ins.map(({ shape, dtype = "f32" }) => `${dtype}${showShape(shape)}`).join(", ");
  return `${inputs === "" ? "nothing" : inputs}${Object.keys(attrs).length === 0 ? "" : ` with ${JSON.stringify(attrs)}`}`;
};

describe("to be registered is to be tested", () => {
  test("names are unique", () => {
    const names = registry.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test("every primitive has at least two samples, but for the five whose meaning comes from outside", () => {
    const missing = registry.filter(({ samples }) => samples.length < 2).map(({ name }) => name);
    expect(missing.toSorted()).toEqual(withoutSamples.toSorted());
  });
});

describe.each(registry.filter(({ samples }) => samples.length > 0))("$name", (primitive: Primitive) => {
  primitive.samples.forEach((sample, i) => {
    test(`${primitive.name} keeps every law of a primitive on ${describeInputs(sample)} (sample ${i})`, () => {
      fc.assert(
        fc.property(fc.nat(), (seed) => checkPrimitive(primitive, sample, { seed })),
        fuzz(3),
      );
    });
  });
});
