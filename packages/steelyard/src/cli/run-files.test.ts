import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openRunFiles } from "./run-files.ts";

const root = mkdtempSync(join(tmpdir(), "run-files-"));
afterAll(() => rmSync(root, { recursive: true }));

const header = { settings: { seed: 1 } };

describe("the files of a run", () => {
  it("replace those of the run before with the first line, the report too, and not sooner", () => {
    const folder = join(root, "made", "on", "the", "way");
    openRunFiles(folder, header).append({ step: 0 });
    openRunFiles(folder, header).writeReport("from before");
    const files = openRunFiles(folder, header);
    expect([readFileSync(files.log, "utf8"), readFileSync(files.report, "utf8")]).toEqual([
      '{"settings":{"seed":1}}\n{"step":0}\n',
      "from before",
    ]);
    files.append({ step: 1 });
    files.append({ step: 2 });
    expect(readFileSync(files.log, "utf8")).toBe('{"settings":{"seed":1}}\n{"step":1}\n{"step":2}\n');
    expect(existsSync(files.report)).toBe(false);
  });

  it("are refused before anything is trained where one of them cannot be written", () => {
    for (const name of ["run.jsonl", "report.html"]) {
      const folder = join(root, name);
      mkdirSync(join(folder, name), { recursive: true });
      expect(() => openRunFiles(folder, header)).toThrow(`got a folder at ${folder}/${name}`);
    }
    writeFileSync(join(root, "file"), "");
    expect(() => openRunFiles(join(root, "file", "below"), header)).toThrow(
      "--out: needs a folder that can be written, got E",
    );
  });

  // On Linux alone; there Node's own recursive mkdir never comes back.
  it.runIf(existsSync("/proc/self"))("are refused where no folder can be made", () => {
    expect(() => openRunFiles("/proc/steelyard/out", header)).toThrow(
      "--out: needs a folder that can be written, got ENOENT",
    );
  });

  it.runIf(existsSync("/dev/full"))("say so when the disk is full", () => {
    const folder = join(root, "full");
    mkdirSync(folder);
    symlinkSync("/dev/full", join(folder, "run.jsonl"));
    const files = openRunFiles(folder, header);
    expect(() => files.append({})).toThrow("--out: needs a folder that can be written, got ENOSPC");
  });
});
