import { describe, expect, it } from "vitest";
import { cmuExpressions, expressions, inCanonicalOrder, sevenExpressions } from "./expressions.ts";

describe("expressions", () => {
  it("are eight, of which contempt is not among the seven", () => {
    expect(expressions.length).toBe(8);
    expect(sevenExpressions).toEqual(["neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise"]);
  });

  it("come in one order, however a data set lists its own", () => {
    expect(inCanonicalOrder(Object.values(cmuExpressions))).toEqual(["neutral", "anger", "happiness", "sadness"]);
  });

  it("refuses other vocabularies, repetitions and an empty list", () => {
    expect(() => inCanonicalOrder(["happy"])).toThrow("got happy");
    expect(() => inCanonicalOrder(["fear", "fear"])).toThrow("got fear, fear");
    expect(() => inCanonicalOrder([])).toThrow("got none");
  });
});
