import { describe, expect, it } from "vitest";
import { help, readOptions } from "./options.ts";

/** The one line that says what is wrong. */
function complaint(...args: string[]): string {
  try {
    readOptions(args);
  } catch (error) {
    return String(error);
  }
  throw new Error("nothing was thrown");
}

describe("the command line", () => {
  it("has an answer for everything that is not given", () => {
    expect(readOptions([])).toEqual({
      data: "rendered",
      root: null,
      strategies: ["equal", "naiveDynamic", "dynamicDifficulty"],
      preset: "balanced",
      people: 24,
      samples: 250,
      size: 64,
      steps: 400,
      batch: 48,
      learningRate: 0.004,
      dropout: 0,
      seed: 1,
      folds: 1,
      device: null,
      threads: null,
      tiles: null,
      deterministic: false,
      out: "out",
    });
  });

  it("has other answers for photographs, which are fewer and of another size", () => {
    const chosen = readOptions(["--data", "cmu", "--root", "faces", "--folds", "all"]);
    expect(chosen).toMatchObject({
      root: "faces",
      size: 60,
      steps: 120,
      learningRate: 0.002,
      dropout: 0.3,
      folds: "all",
    });
    expect(readOptions(["--data", "cmu", "--root", "faces", "--size", "30"])).toMatchObject({ size: 30 });
  });

  it("takes train as its command, and the -- that package managers pass on", () => {
    expect(readOptions(["train", "--steps", "5"])).toMatchObject({ steps: 5 });
    expect(readOptions(["--", "--steps=5"])).toMatchObject({ steps: 5 });
  });

  it("trains a strategy named twice once, spaces or not", () => {
    expect(readOptions(["--strategies", "equal, naiveDynamic,equal"])?.strategies).toEqual(["equal", "naiveDynamic"]);
  });

  it("computes with what it is told to", () => {
    const chosen = readOptions(["--threads", "3", "--tiles", "plain", "--deterministic"]);
    expect(chosen).toMatchObject({ device: "cpu", threads: 3, tiles: "plain", deterministic: true });
    expect(readOptions(["--device", "interpreter"])).toMatchObject({ device: "interpreter", threads: null });
    // What only the CPU device can do asks for it.
    for (const option of [["--threads", "3"], ["--tiles", "plain"], ["--deterministic"]]) {
      expect(readOptions(option)).toMatchObject({ device: "cpu" });
    }
  });

  it("explains every option, and asks for nothing when help is wanted", () => {
    expect(readOptions(["--help", "--steps", "no number"])).toBeNull();
    const options = Object.keys(readOptions([])!).map((name) => (name === "learningRate" ? "learning-rate" : name));
    for (const name of [...options, "help"]) expect(help()).toMatch(new RegExp(`^  --${name}\\b.{10}`, "mu"));
  });

  it("says in one line what is wrong", () => {
    expect(complaint("--strategies", "nash")).toMatchInlineSnapshot(
      `"UsageError: --strategies: needs some of equal, naiveDynamic, dynamicDifficulty, got nash"`,
    );
    expect(complaint("--strategies", ",")).toMatchInlineSnapshot(
      `"UsageError: --strategies: needs some of equal, naiveDynamic, dynamicDifficulty, got none"`,
    );
    expect(complaint("--steps", "0")).toMatchInlineSnapshot(
      `"UsageError: --steps: needs a whole number of at least 1, got 0"`,
    );
    expect(complaint("--steps", "")).toMatchInlineSnapshot(
      `"UsageError: --steps: needs a whole number of at least 1, got """`,
    );
    expect(complaint("--steps", "-3")).toMatchInlineSnapshot(
      `"UsageError: steelyard: needs options that --help lists, got Option '--steps' argument is ambiguous"`,
    );
    expect(complaint("--out", "")).toMatchInlineSnapshot(`"UsageError: --out: needs a folder, got """`);
    expect(complaint("--seed", "9007199254740992")).toMatch("whole number of at least 0, got 9007199254740992");
    expect(complaint("--learning-rate", "0")).toMatch("a number above 0");
    expect(complaint("--dropout", "1")).toMatch("below 1, got 1");
    expect(complaint("--preset", "easy")).toMatch("needs one of balanced, ");
    expect(complaint("--device", "gpu")).toMatchInlineSnapshot(
      `"UsageError: --device: needs one of webgpu, cpu, interpreter, got gpu"`,
    );
    expect(complaint("--tiles", "broad")).toMatch("--tiles: needs one of wide, fma, plain, got broad");
    expect(complaint("--threads", "0")).toMatch("--threads: needs a whole number from 1 to 256, got 0");
    expect(complaint("--data", "mnist")).toMatchInlineSnapshot(
      `"UsageError: --data: needs rendered or cmu, got mnist"`,
    );
    expect(complaint("--data", "cmu")).toMatchInlineSnapshot(`"UsageError: --data cmu: needs --root DIR, got no root"`);
    expect(complaint("--bogus")).toMatchInlineSnapshot(
      `"UsageError: steelyard: needs options that --help lists, got Unknown option '--bogus'"`,
    );
    expect(complaint("fly")).toMatchInlineSnapshot(
      `"UsageError: steelyard: needs the command train, or device alone, got fly"`,
    );
  });

  it("refuses what would take more memory than there is, before it is taken", () => {
    expect(complaint("--samples", "1e9")).toMatchInlineSnapshot(
      `"UsageError: --samples: needs a whole number from 7 to 41666, got 1e9"`,
    );
    expect(complaint("--people", "1e9")).toMatchInlineSnapshot(
      `"UsageError: --people: needs a whole number from 2 to 1000, got 1e9"`,
    );
    expect(complaint("--size", "1000000000")).toMatchInlineSnapshot(
      `"UsageError: --size: needs a whole number from 16 to 256, got 1000000000"`,
    );
    expect(complaint("--batch", "1000000", "--size", "64")).toMatchInlineSnapshot(
      `"UsageError: --batch: needs a whole number from 2 to 1024, got 1000000"`,
    );
    expect(readOptions(["--people", "1000", "--samples", "1000", "--size", "256", "--batch", "64"])).not.toBeNull();
  });

  it("refuses an option that its data or its device has no use for: what was meant would not be what is trained", () => {
    expect(complaint("--root", "faces")).toMatchInlineSnapshot(
      `"UsageError: --root: needs --data cmu, got --data rendered"`,
    );
    expect(complaint("--data", "cmu", "--root", "faces", "--people", "3")).toMatchInlineSnapshot(
      `"UsageError: --people: needs --data rendered, got --data cmu"`,
    );
    expect(complaint("--device", "interpreter", "--threads", "2")).toMatchInlineSnapshot(
      `"UsageError: --threads: needs --device cpu, got --device interpreter"`,
    );
    expect(complaint("--deterministic", "--device", "interpreter")).toMatch("--deterministic: needs --device cpu");
  });
});
