import { describe, expect, it } from "vitest";
import { summarise, summaryText, type Run } from "./runs.ts";

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
