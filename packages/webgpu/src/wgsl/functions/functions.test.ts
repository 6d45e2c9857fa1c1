import { registry, type DType, type MapPrimitive } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { callText, declarations, functionTexts } from "./functions.ts";

const rows = registry.flatMap((primitive) => ("row" in primitive ? [(primitive as MapPrimitive).row] : []));

const accepted: Readonly<Record<string, readonly DType[]>> = {
  float: ["f32", "f16"],
  number: ["f32", "f16", "i32", "u32"],
  bits: ["i32", "u32", "bool"],
  any: ["f32", "f16", "i32", "u32", "bool"],
};
const cases = rows.flatMap(({ name, arity, accepts = "float" }) =>
  accepted[accepts]!.map((dtype) => ({ name, arity, dtype })),
);

function called(text: string): string[] {
  return [...text.matchAll(/(\w+)\(/gu)].map(([, name]) => name!);
}

describe.each(cases)("$name of $dtype", ({ name, arity, dtype }) => {
  const operands = ["first", "second"].slice(0, arity);
  const text = callText(name, dtype, operands);

  test("has each operand once, as it may be a long expression", () => {
    for (const operand of operands) expect(text.split(operand), text).toHaveLength(2);
  });

  test("comes with everything that it calls", () => {
    const texts = functionTexts(called(text));
    const declared = new Set([...texts.matchAll(/^(?:fn|struct) (\w+)/gmu)].map(([, each]) => each));
    // What belongs to WGSL has no underscore in its name.
    const own = called(`${text}\n${texts}`).filter((each) => each.includes("_"));
    expect(own.filter((each) => !declared.has(each))).toEqual([]);
  });
});

test("no function is there that no map needs", () => {
  const texts = cases.map(({ name, arity, dtype }) => callText(name, dtype, ["x", "y"].slice(0, arity)));
  const everything = new Set(texts.flatMap((text) => functionTexts(called(text)).split("\n\n")));
  const all = new Set(functionTexts(Object.keys(declarations)).split("\n\n"));
  expect(all.difference(everything)).toEqual(new Set());
});

test("a function is declared once, in whatever order and however often it is asked for", () => {
  const texts = functionTexts(["sin_f32", "cos_f32"]);
  expect(functionTexts(["cos_f32", "sin_f32", "cos_f32", "no_such_function"])).toBe(texts);
  expect(functionTexts(["no_such_function"])).toBe("");
});

test("what is no part of the tables is refused", () => {
  expect(() => callText("gamma", "f32", ["x"])).toThrow("there is no gamma of f32 in WGSL");
  expect(() => callText("exp", "f64", ["x"])).toThrow("f64 is never printed");
});
