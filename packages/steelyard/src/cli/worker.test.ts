import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";
import { runJob, type Job } from "./worker.ts";

const options = readOptions(["--people", "2", "--samples", "14", "--size", "16", "--steps", "4000", "--batch", "8"])!;
const images = { train: null, validation: new Map() };
const job: Job = { options: { ...options, device: "cpu" }, protocol: 0, fold: 0, strategy: "equal", images };

function refuse(): never {
  throw new Error("no space left");
}

describe("a job in a thread", () => {
  it("fails with what its listener throws, and ends when it is told to", async () => {
    const stop = new AbortController();
    await expect(runJob(job, refuse, stop.signal)).rejects.toThrow("no space left");
    stop.abort();
    const ended = new AbortController();
    const cutOff = runJob(job, () => ended.abort(), ended.signal);
    await expect(cutOff).rejects.toThrow("the thread of equal ended early, with code 1");
  });

  it("says what to do when the machine has no memory for it", async () => {
    const huge: Job = { ...job, options: { ...job.options, size: 200_000 } };
    const failure = runJob(huge, () => undefined, new AbortController().signal);
    await expect(failure).rejects.toThrowErrorMatchingInlineSnapshot(`
      [DeviceError: equal: needs more memory than there is, got Array buffer allocation failed
        hint: lower --batch, --size or --samples]
    `);
  });
});
