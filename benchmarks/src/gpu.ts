import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { cpu } from "@steelyard/cpu";
import { benchHere } from "./bench-here.ts";
import { referenceOf, resultBy } from "./bench-works.ts";
import { compiling, quick, thorough } from "./effort.ts";
import { steelyard } from "./implementations/steelyard.ts";
import { currentCommit, machine } from "./machine.ts";
import { wantedBy } from "./options.ts";
import { markdownOf } from "./report/markdown.ts";
import { largeWorks } from "./works/catalogue.ts";
import type { Work } from "./works/work.ts";

// For a machine with a GPU that has been brought this and all its modules as one file: the work that keeps a whole GPU
// busy, by everybody. Tables go to standard error, the JSON to standard output.

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    without: { type: "string", multiple: true, default: [] },
    batch: { type: "string", default: "32" },
    size: { type: "string", default: "56" },
  },
});

// tfjs for Node asks for modules of Node in the way of CommonJS, which a bundle of modules has not.
(globalThis as { require?: NodeJS.Require }).require ??= createRequire(import.meta.url);
const { onWebgpu } = await import("./implementations/on-webgpu.ts");

const say = (line: string): void => console.error(line);
const side = Number(values.size);
const results = {
  machine: machine(),
  commit: currentCommit(),
  ...(await benchHere(onWebgpu(), {
    works: largeWorks(Number(values.batch), side),
    effort: compiling(values.quick ? quick : thorough),
    wanted: wantedBy(values.only, values.without),
    say,
    reference,
  })),
};
say(markdownOf(results));
console.log(JSON.stringify(results, null, 2));
// Dawn keeps a process alive.
process.exit();

/** Direct sums of the CPU device, which are exact for whole numbers: the interpreter would take minutes. */
async function reference(work: Work): Promise<Float32Array> {
  if (work.kind === "net") return referenceOf(work);
  const device = cpu({ threads: 1, winograd: false });
  const result = await resultBy(
    steelyard("cpu direct", 1, () => device),
    work,
  );
  await device.close();
  return result;
}
