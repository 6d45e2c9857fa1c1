import { describe, expect, it } from "vitest";
import { pooledRuns, summarise, summaryText, type Run } from "./runs.ts";

function run(strategy: string, protocol: string, task: string, accuracy: number, samples: number): Run {
  const scores = [{ task, accuracy, chance: 0.25, samples }];
  return { strategy, protocol, problem: "", tasks: [task], records: [], scores, seconds: 1 };
}

describe("the summary", () => {
  it("pools folds, every image counting once", () => {
    const runs = [run("equal", "p", "pose", 0.5, 10), run("equal", "p", "pose", 1, 30)];
    expect(summarise(runs)).toEqual([
      { strategy: "equal", protocol: "p", task: "pose", accuracy: 0.875, chance: 0.25, samples: 40 },
    ]);
  });

  it("pools the folds of a protocol for the report, and leaves a protocol of one fold as it is", () => {
    const fold = (problem: string, accuracy: number, samples: number): Run => ({
      ...run("equal", "people left out", "pose", accuracy, samples),
      problem,
    });
    const runs = [run("equal", "one pose", "identity", 1, 4), fold("fold 1", 0.5, 10), fold("fold 2", 1, 30)];
    const [pooled, ...more] = pooledRuns(runs);
    expect(more).toEqual([]);
    expect(pooled!.name).toBe("people left out, 2 folds together");
    expect(pooled!.runs).toMatchObject([{ strategy: "equal", seconds: 2, scores: [{ accuracy: 0.875, samples: 40 }] }]);
  });

  it("shows a table for each protocol, with chance beside accuracy", () => {
    const runs = [
      run("equal", "leave one pose out", "identity", 0.8, 10),
      run("equal", "people left out", "pose", 0.9, 20),
      run("naiveDynamic", "people left out", "pose", 0.85, 20),
    ];
    expect(summaryText(summarise(runs))).toMatchInlineSnapshot(`
      "leave one pose out: validation accuracy (images: identity 10)

      strategy  identity  chance
      equal       80.0 %  25.0 %

      people left out: validation accuracy (images: pose 20)

      strategy        pose  chance
      equal         90.0 %  25.0 %
      naiveDynamic  85.0 %  25.0 %"
    `);
  });
});
