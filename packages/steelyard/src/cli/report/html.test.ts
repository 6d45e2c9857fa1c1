import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { type Report, reportHtml, type RunReport } from "./html.ts";

function run(overrides: Partial<RunReport> = {}): RunReport {
  return {
    strategy: "equal",
    seconds: 41.26,
    tasks: ["identity", "expression"],
    steps: [1, 2, 3].map((step) => ({ step, losses: [2 / step, 1 / step], weights: [0.5, 0.5] })),
    scores: [
      { task: "identity", accuracy: 0.9342, chance: 1 / 16, samples: 480 },
      { task: "expression", accuracy: 0.8, chance: 1 / 7, samples: 672 },
    ],
    ...overrides,
  };
}

function report(overrides: Partial<Report> = {}): Report {
  return { title: "Faces", lead: "A lead.", settings: [["seed", "0"]], runs: [run()], samples: [], ...overrides };
}

const voids = new Set(["meta", "img"]);

/** Tags that were opened and not closed, or closed and not opened; empty for a well-formed page. */
function unbalanced(html: string): readonly string[] {
  const open: string[] = [];
  for (const [, closing, name = "", rest = ""] of html.matchAll(
    /<(\/?)([a-z][a-z0-9]*)((?:\s+[\w-]+="[^"<>]*")*\s*\/?)>/gi,
  )) {
    if (voids.has(name) || rest.endsWith("/")) continue;
    if (closing === "") open.push(name);
    else if (open.pop() !== name) return [...open, `/${name}`];
  }
  return open;
}

/** Every "<" belongs to a tag the pattern above understands. */
function strayBrackets(html: string): number {
  const body = html.replace("<!doctype html>", "").replace(/<style>[^]*<\/style>/, "");
  return (body.replaceAll(/<\/?[a-z][a-z0-9]*(?:\s+[\w-]+="[^"<>]*")*\s*\/?>/gi, "").match(/[<>]/g) ?? []).length;
}

function expectSound(html: string): void {
  expect(unbalanced(html)).toEqual([]);
  expect(strayBrackets(html)).toBe(0);
  expect(html).not.toMatch(/NaN|Infinity|undefined|\[object/);
  const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, references = ""] of html.matchAll(/aria-labelledby="([^"]*)"/g)) {
    for (const id of references.split(" ")) expect(ids).toContain(id);
  }
}

describe("the page", () => {
  it("shows every run, task and score, with chance beside it", () => {
    const html = reportHtml(report({ runs: [run(), run({ strategy: "dynamicDifficulty", seconds: 754 })] }));
    expectSound(html);
    for (const text of ["equal", "dynamicDifficulty", "93.4 %", "chance 6.3 %", "80.0 %", "chance 14.3 %"]) {
      expect(html).toContain(text);
    }
    for (const text of ["480 samples", "41.3 s", "12 min 34 s", ">seed<"]) expect(html).toContain(text);
    expect(html.match(/<svg /g)).toHaveLength(2);
    expect(html.match(/<desc /g)).toHaveLength(2);
  });

  it("asks nothing of the network and holds no script", () => {
    const html = reportHtml(report());
    expect(html).not.toMatch(/(?:src|href)="(?!data:)|url\(|@import|<script|<link/);
    expect(html).toContain("default-src 'none'");
  });

  it("gives the same bytes for the same report", () => {
    expect(reportHtml(report())).toBe(reportHtml(report()));
  });

  it("marks the best of each task, ties as printed included, and nothing where there is no rival", () => {
    const runs = [0.90001, 0.9, 0.7].map((accuracy) =>
      run({ scores: [{ task: "identity", accuracy, chance: 0.1, samples: 10 }] }),
    );
    expect(reportHtml(report({ runs })).match(/<strong>[\d.]+ %<\/strong>/g)).toEqual(
      Array(2).fill("<strong>90.0 %</strong>"),
    );
    expect(reportHtml(report())).not.toMatch(/<strong>[\d.]+ %/);
  });

  it("gives each protocol its own table and its own axes, and a task one colour in all of them", () => {
    const runs = [
      run({ group: "Leave one pose out" }),
      run({ group: "Unseen people", tasks: ["expression", "eyes"], scores: [] }),
    ];
    const html = reportHtml(report({ runs }));
    expectSound(html);
    expect(html.match(/<table class="summary">/g)).toHaveLength(2);
    const classes = [...html.matchAll(/class="label (t\d)"[^>]*>(\w+)</g)].map(
      ([, colour, task]) => `${task} ${colour}`,
    );
    expect([...new Set(classes)].toSorted()).toEqual(["expression t1", "eyes t2", "identity t0"]);
  });

  it("escapes all text, wherever it stands", () => {
    const evil = `"><script>alert('&')</script>\u0000`;
    const pixels = new Float32Array(1);
    const scores = [{ task: evil, accuracy: 1, chance: 0, samples: 1 }];
    const html = reportHtml({
      title: evil,
      lead: evil,
      settings: [[evil, evil]],
      runs: [run({ strategy: evil, group: evil, tasks: [evil, "b"], scores })],
      samples: [{ pixels, size: 1, channels: 1, label: evil }],
    });
    expectSound(html);
    expect(html).not.toContain("<script");
    expect(html).not.toContain("\u0000");
    expect(html).toContain("&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;\uFFFD");
  });

  it("embeds sample faces as PNGs that decode to the same pixels, clipped to 0..1", () => {
    const pixels = Float32Array.of(0, 0.5, 1, -1, 2, Number.NaN, 0.25, 0.75, 1, 0, 0, 0);
    const html = reportHtml(report({ samples: [{ pixels, size: 2, channels: 3, label: "person 3, fear" }] }));
    expectSound(html);
    expect(html).toContain("<figcaption>person 3, fear</figcaption>");
    const [, base64 = ""] = /src="data:image\/png;base64,([^"]*)"/.exec(html) ?? [];
    const image = decode(Buffer.from(base64, "base64"));
    expect([image.width, image.height, image.channels]).toEqual([2, 2, 3]);
    expect([...image.data]).toEqual([0, 128, 255, 0, 255, 0, 64, 191, 255, 0, 0, 0]);
  });
});

function steps(losses: readonly number[], weights: readonly number[] = [0.5, 0.5]): RunReport["steps"] {
  return [1, 2, 3, 4].map((step) => ({ step, losses, weights }));
}

describe("runs that went wrong", () => {
  const four = ["identity", "pose", "expression", "eyes"];
  const cases: Readonly<Record<string, readonly RunReport[]>> = {
    "no runs": [],
    "no steps and no scores": [run({ steps: [], scores: [] })],
    "one step": [run({ steps: steps([1, 2]).slice(0, 1) })],
    "one task": [run({ tasks: ["identity"], steps: steps([1], [1]) })],
    "four tasks": [run({ tasks: four, steps: steps([1, 2, 3, 4], [0.25, 0.25, 0.25, 0.25]) })],
    "nine tasks": [run({ tasks: "abcdefghi".split(""), steps: steps([], []) })],
    "no tasks": [run({ tasks: [], scores: [] })],
    "losses that are not finite": [run({ steps: steps([Number.NaN, Number.POSITIVE_INFINITY]) })],
    "losses of zero": [run({ steps: steps([0, 0]) })],
    "losses below zero": [run({ steps: steps([-1, 2]) })],
    "losses of every size": [run({ steps: [...steps([1e-300, 1e300]), ...steps([5e-324, 1])] })],
    "weights that are not finite": [run({ steps: steps([1, 2], [Number.NaN, Number.NEGATIVE_INFINITY]) })],
    "weights missing": [run({ steps: steps([1, 2], []) })],
    "weights far beyond one": [run({ steps: steps([1, 2], [-3, 1e9]) })],
    "scores that are not finite": [
      run({
        seconds: Number.NaN,
        scores: [{ task: "identity", accuracy: Number.NaN, chance: Number.NaN, samples: 0 }],
      }),
    ],
  };

  it.each(Object.entries(cases))("are drawn without a broken number: %s", (_, runs) => {
    expectSound(reportHtml(report({ runs, settings: [] })));
  });

  it("says how many losses are not finite, and leaves a gap there", () => {
    const losses = [1, 1, Number.NaN, 1, 1];
    const gap = run({
      tasks: ["identity"],
      steps: losses.map((loss, step) => ({ step, losses: [loss], weights: [1] })),
    });
    const html = reportHtml(report({ runs: [gap] }));
    expect(html).toContain("1 of 5 losses are not finite");
    expect(/class="line t0" d="([^"]*)"/.exec(html)?.[1]?.match(/M/g)).toHaveLength(2);
  });

  it("thins a run of 10,000 steps to 600 points per curve", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({
      step: i,
      losses: [2 + Math.sin(i), 1],
      weights: [0.4, 0.6],
    }));
    const html = reportHtml(report({ runs: [run({ steps: many })] }));
    for (const [, d = ""] of html.matchAll(/class="raw t\d" d="([^"]*)"/g)) {
      expect(d.match(/M/g)?.length).toBeLessThanOrEqual(600);
    }
    expect(html).toContain("10,000 recorded steps");
  });
});

describe("hand-overs", () => {
  const handed = Array.from({ length: 200 }, (_, step) => ({
    step,
    losses: [1, 1],
    weights: step < 100 ? [0.8, 0.2] : [0.2, 0.8],
  }));

  it("are named under the curves and marked in both panels", () => {
    const html = reportHtml(report({ runs: [run({ steps: handed })] }));
    expect(html).toContain("Lead: identity from step 0, expression from 100.");
    expect(html.match(/class="mark"/g)).toHaveLength(2);
  });

  it("are not invented where weights are equal", () => {
    const html = reportHtml(report());
    expect(html).toContain("Lead: none.");
    expect(html).not.toContain('class="mark"');
  });
});
