import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, it } from "vitest";
import { formatPgm } from "@steelyard/faces";
import { webgpu } from "@steelyard/webgpu";

const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
/** Why there is no adapter for WebGPU, if there is none. */
const noGpu = await webgpu().then(
  async (device) => {
    await device.close();
    return null;
  },
  (error: unknown) => {
    if (process.env["STEELYARD_WEBGPU"] === "required") throw error;
    return ` (${String(error).split("\n")[0]})`;
  },
);
const folder = mkdtempSync(join(tmpdir(), "steelyard-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  /** What a shell shows: 128 and the signal's number where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function steelyard(...args: string[]): Promise<Outcome> {
  return outcome(start(...args));
}

function start(...args: string[]): ChildProcessWithoutNullStreams {
  // What is tested here is the same on every device; and not every machine has a GPU.
  return spawn(process.execPath, [main, ...args], { env: { ...process.env, STEELYARD_DEVICE: "cpu" } });
}

function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  return new Promise(
    (resolve) =>
      void child.on("close", (code, signal) => {
        resolve({ code: signal === null ? code : 128 + constants.signals[signal], out, err });
      }),
  );
}

interface SummaryRow {
  readonly strategy: string;
  readonly task: string;
  readonly accuracy: number;
  readonly chance: number;
}

type Line = {
  readonly run: string;
  readonly strategy: string;
  readonly step: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
} & { readonly summary?: readonly SummaryRow[] };

interface Header {
  readonly settings: Readonly<Record<string, unknown>>;
}

function readLog(out: string): Header & { steps: Line[]; summary: readonly SummaryRow[] } {
  const [header, ...lines] = readFileSync(join(out, "run.jsonl"), "utf8").trimEnd().split("\n");
  const steps = lines.map((line) => JSON.parse(line) as Line);
  return { ...(JSON.parse(header!) as Header), summary: steps.pop()!.summary!, steps };
}

/** Small photographs in the layout of the CMU faces: four poses, two expressions and both kinds of eyes of each person. */
function photographs(root: string, people = ["ann", "bob", "cy", "dot"]): string {
  people.forEach((person, p) => {
    mkdirSync(join(root, person), { recursive: true });
    ["straight", "left", "right", "up"].forEach((pose, o) => {
      for (const [e, expression] of ["neutral", "happy"].entries()) {
        for (const [g, eyes] of ["open", "sunglasses"].entries()) {
          const pixels = Uint8Array.from({ length: 64 * 60 }, (_, i) => (i * (p + 2) + o * 40 + e * 20 + g * 10) & 255);
          const image = formatPgm({ width: 64, height: 60, pixels });
          writeFileSync(join(root, person, `${person}_${pose}_${expression}_${eyes}_2.pgm`), image);
        }
      }
    });
  });
  return root;
}

function cmu(root: string): string[] {
  return ["--data", "cmu", "--root", root];
}

const tiny = ["--steps", "4", "--batch", "8", "--size", "16"];

describe("steelyard", () => {
  it("trains every strategy from the same weights on rendered faces, and leaves a log, a report and a table", async () => {
    const out = join(folder, "rendered");
    const { code, out: text, err } = await steelyard(...tiny, "--people", "2", "--samples", "14", "--out", out);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { steps, summary } = readLog(out);
    const strategies = ["equal", "naiveDynamic", "dynamicDifficulty"];
    for (const strategy of strategies) {
      const own = steps.filter((line) => line.strategy === strategy);
      expect(own.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
      expect(own[0]!.losses).toEqual(steps[0]!.losses);
      for (const { weights } of own) expect(weights["identity"]! + weights["expression"]!).toBeCloseTo(1, 6);
    }
    expect(summary.map(({ strategy, task }) => `${strategy} ${task}`)).toEqual(
      strategies.flatMap((strategy) => [`${strategy} identity`, `${strategy} expression`]),
    );
    for (const { task, chance } of summary) expect(chance).toBeCloseTo(task === "identity" ? 1 / 2 : 1 / 7, 6);
    expect(text).toMatch(/step \d\/4 {2}identity \d\.\d\d × 0\.\d\d {2}expression \d\.\d\d × 0\.\d\d/u);
    expect(text).toMatch(/strategy +identity +chance +expression +chance\nequal/u);
    const report = readFileSync(join(out, "report.html"), "utf8");
    expect(report).toContain("<svg");
    expect(report.match(/data:image\/png/gu)!.length).toBeGreaterThan(3);
  });

  it("says what computes, and records it with everything else that decides the numbers", async () => {
    const given = [...tiny, "--people", "2", "--samples", "14", "--strategies", "equal"];
    const runs = [
      { args: ["--threads", "2", "--deterministic"], says: "cpu, 2 threads for each strategy, register tiles plain (4 × 8), deterministic", device: "cpu", threads: 2 }, // prettier-ignore
      { args: ["--device", "interpreter"], says: "interpreter, 1 thread for each strategy, deterministic", device: "interpreter", threads: 1 }, // prettier-ignore
    ];
    await Promise.all(
      runs.map(async ({ args, says, device, threads }) => {
        const out = join(folder, `on-${device}`);
        const { code, out: text, err } = await steelyard(...given, ...args, "--out", out);
        expect({ code, err }).toEqual({ code: 0, err: "" });
        expect(text.split("\n")[0]).toBe(says);
        const { settings, steps } = readLog(out);
        expect(settings).toMatchObject({ device, threads, seed: 1, steps: 4, strategies: ["equal"] });
        const report = readFileSync(join(out, "report.html"), "utf8");
        expect(report).toContain(`<th scope="row">device</th><td>${device}</td>`);
        expect(steps.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
      }),
    );
  });

  it.skipIf(noGpu !== null)(`trains on WebGPU where it is told to${noGpu ?? ""}`, { timeout: 300_000 }, async () => {
    const out = join(folder, "on-webgpu");
    const given = ["--device", "webgpu", "--strategies", "equal", "--steps", "2", "--batch", "4", "--size", "16"];
    const { code, out: text } = await steelyard(...given, "--people", "2", "--samples", "7", "--out", out);
    expect(code).toBe(0);
    const { settings, steps } = readLog(out);
    expect(settings).toMatchObject({ device: "webgpu", tiles: null });
    expect(text.split("\n")[0]).toBe(`webgpu: ${String(settings["adapter"])}`);
    expect(steps.map(({ step }) => step)).toEqual([0, 1]);
  });

  it("trains on photographs as two runs, each scoring what it can, over all folds when asked", async () => {
    const out = join(folder, "cmu");
    const root = photographs(join(folder, "photographs"));
    const given = [...cmu(root), "--strategies", "equal", "--folds", "2", "--out", out];
    const { code, out: text, err } = await steelyard(...tiny, ...given);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { steps, summary } = readLog(out);
    expect(new Set(steps.map(({ run }) => run)).size).toBe(4);
    expect(Object.keys(steps[0]!.losses)).toEqual(["identity", "pose", "expression", "eyes"]);
    expect(summary.map(({ task }) => task).toSorted()).toEqual(["expression", "eyes", "identity", "pose"]);
    expect(text).toContain("2 of 4: ");
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("CMU faces, unseen people, 2 folds together.");
  });

  it("ends with one clear line and code 2 when it cannot do what was asked, and leaves the last run alone", async () => {
    const out = join(folder, "kept");
    mkdirSync(out);
    writeFileSync(join(out, "run.jsonl"), "from before\n");
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const damaged = photographs(join(folder, "damaged"));
    const alone = photographs(join(folder, "alone"), ["ann"]);
    const image = join(damaged, "bob", "bob_left_happy_open_2.pgm");
    writeFileSync(image, readFileSync(image).subarray(0, 100));
    for (const [args, says] of [
      [cmu(join(folder, "nowhere")), /^loadCmuFaces: needs a readable folder at .*nowhere, got ENOENT/u],
      [cmu(empty), /^loadCmuFaces: needs folders of \.pgm files in .*empty, got 0 entries/u],
      [cmu(damaged), /^loadCmuFaces: needs a good image in bob\/bob_left_happy_open_2\.pgm, got .*truncated/u],
      [["--strategies", "nash"], /^--strategies: needs some of equal, .*, got nash\n$/u],
      [cmu(alone), /^--root: needs photographs of at least two people in .*, got those of ann\n$/u],
      [
        ["--batch", "1000", "--people", "2", "--samples", "7"],
        /^--batch: needs no more than the 14 images .*, got 1000/u,
      ],
      [["--samples", "1e9"], /^--samples: needs a whole number from 7 to 41666, got 1e9\n$/u],
      [["--steps", "\u001b[31m\n"], /^--steps: needs a whole number of at least 1, got {2}\[31m \n$/u],
      [["--out", main], /^--out: needs a folder that can be written, got EEXIST/u],
    ] as const) {
      const { code, err } = await steelyard("--size", "16", "--out", out, ...args);
      expect(err).toMatch(says);
      expect(err.trimEnd().split("\n")).toHaveLength(1);
      expect(code).toBe(2);
    }
    expect(readFileSync(join(out, "run.jsonl"), "utf8")).toBe("from before\n");
  });

  it("gives the same log for the same seed, strategy by strategy, and shows names of any letters as they are", async () => {
    const root = photographs(join(folder, "named"), ["<b>x&y", "Ann Lee"]);
    const logs = ["first", "second"].map(async (name) => {
      const out = join(folder, name);
      const given = [...tiny, ...cmu(root), "--strategies", "equal, naiveDynamic", "--tiles", "plain"];
      const { code, err } = await steelyard(...given, "--out", out);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      return readFileSync(join(out, "run.jsonl"), "utf8").split("\n").toSorted();
    });
    const [first, second] = await Promise.all(logs);
    expect(second).toEqual(first);
    const report = readFileSync(join(folder, "first", "report.html"), "utf8");
    expect(report).toContain("&lt;b&gt;x&amp;y");
    expect(report).not.toMatch(/<b>|<script|\b(?:src|href)="(?!data:)|url\(/u);
  });

  it("ends with one line that names strategy and task when a loss diverges, and keeps the steps before", async () => {
    const out = join(folder, "diverged");
    const given = [...tiny, "--people", "2", "--samples", "14", "--learning-rate", "1e30", "--out", out];
    const { code, err } = await steelyard(...given);
    expect(err).toMatch(
      /^(?:equal|naiveDynamic|dynamicDifficulty): needs finite task losses, got .* task .*; hint.*\n$/u,
    );
    expect(code).toBe(2);
    const lines = readFileSync(join(out, "run.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as Line).step)).toContain(0);
  });

  it("ends without a word when it is interrupted or nobody reads on, the log whole up to there", async () => {
    const long = ["--people", "2", "--samples", "14", "--size", "16", "--batch", "8", "--strategies", "equal"];
    const ends: readonly [string, steps: string, (child: ChildProcessWithoutNullStreams) => void, number][] = [
      ["interrupted", "5000", (child) => child.kill("SIGINT"), 130],
      ["unread", "20", (child) => child.stdout.destroy(), 141],
    ];
    await Promise.all(
      ends.map(async ([name, steps, end, expected]) => {
        const child = start(...long, "--steps", steps, "--out", join(folder, name));
        const ended = outcome(child);
        // Two lines come before the first step, the third with it.
        let seen = 0;
        createInterface(child.stdout).on("line", () => ++seen === (name === "unread" ? 2 : 3) && end(child));
        const { code, err } = await ended;
        expect({ code, err }).toEqual({ code: expected, err: "" });
        const log = readFileSync(join(folder, name, "run.jsonl"), "utf8");
        expect(log.endsWith("}\n")).toBe(true);
        const [header, ...lines] = log.trimEnd().split("\n");
        expect(JSON.parse(header!)).toHaveProperty("settings");
        for (const line of lines) expect(JSON.parse(line)).toHaveProperty("step");
      }),
    );
  });

  it("explains itself", async () => {
    const { code, out } = await steelyard("--help");
    expect(code).toBe(0);
    expect(out).toMatch(/^steelyard \[train\] \[options\]\n/u);
  });
});
