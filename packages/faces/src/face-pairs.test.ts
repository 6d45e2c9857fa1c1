import { describe, expect, it } from "vitest";
import { facePairs, formatFacePairs } from "./face-pairs.ts";
import { renderedFaces } from "./renderer/rendered-faces.ts";

const faces = renderedFaces({ seed: 1, identities: 9, samplesPerIdentity: 14, size: 8 });
const pairs = facePairs(faces, { folds: 3, pairsPerFold: 20 });

describe("facePairs", () => {
  it("holds as many genuine as foreign pairs in every fold, and says truly which is which", () => {
    expect([pairs.first.length, pairs.same.reduce((sum, v) => sum + v, 0)]).toEqual([120, 60]);
    for (const [i, same] of pairs.same.entries()) {
      const [a, b] = [pairs.first[i] ?? -1, pairs.second[i] ?? -1];
      expect(a).not.toBe(b);
      expect(faces.identity[a] === faces.identity[b]).toBe(same === 1);
    }
  });

  it("never has a person in two folds, nor a pair twice", () => {
    const foldOf = new Map<number, number>();
    for (const [i, fold] of pairs.fold.entries()) {
      for (const image of [pairs.first[i] ?? -1, pairs.second[i] ?? -1]) {
        const person = faces.identity[image] ?? -1;
        expect(foldOf.get(person) ?? fold).toBe(fold);
        foldOf.set(person, fold);
      }
    }
    const keys = Array.from(pairs.first, (a, i) => [a, pairs.second[i] ?? -1].toSorted((x, y) => x - y).join());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("compares neutral with expressive faces on request", () => {
    const { first, second } = facePairs(faces, { folds: 3, pairsPerFold: 10, neutralReference: true });
    expect(first.every((i) => faces.expression[i] === 0)).toBe(true);
    expect(second.every((i) => faces.expression[i] !== 0)).toBe(true);
  });

  it("refuses folds of fewer than two people and more pairs than there are", () => {
    expect(() => facePairs(faces)).toThrow("facePairs: needs two people for each of 10 folds, got 9 people");
    expect(() => facePairs(faces, { folds: 3, pairsPerFold: 500 })).toThrow(
      "needs 500 different pairs of a kind in each fold",
    );
  });
});

describe("formatFacePairs", () => {
  it("writes LFW's format, images numbered from 1", () => {
    const lines = formatFacePairs(pairs, faces).split("\n");
    expect(lines[0]).toBe("3\t20");
    expect(lines.length).toBe(122);
    expect(lines.slice(1, 21).every((line) => /^person_\d{4}\t\d+\t\d+$/.test(line))).toBe(true);
    expect(lines.slice(21, 41).every((line) => /^person_\d{4}\t\d+\tperson_\d{4}\t\d+$/.test(line))).toBe(true);
    const first = pairs.first[0] ?? -1;
    expect(lines[1]).toMatch(new RegExp(`^person_000${faces.identity[first]}\t${(first % 14) + 1}\t`));
  });
});
