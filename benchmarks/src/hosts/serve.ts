import { setFlagsFromString } from "node:v8";
import { peakOf, type Peak } from "../peak/peak.ts";
import { answerer } from "./answer.ts";
import type { Implementation } from "../implementations/implementation.ts";
import type { Request } from "./host.ts";
import { rosters } from "./roster.ts";

// The child process of one host: started with the host's name, answers one message after another.

const spec = Object.values(rosters)
  .flat()
  .find(({ name }) => name === process.argv[2]);
// Whoever started it is told by the exit code.
if (spec === undefined) process.exit(1);

const { family, implementations } = spec;
if (family === "256-bit FMA") setFlagsFromString("--experimental-wasm-revectorize");

const answer = implementations().then(answererFor);

/** Who says that there is no adapter shall be heard: nobody is measured without one, nor is the peak. */
async function answererFor(list: readonly Implementation[]) {
  let peak: Promise<Peak> | null = null;
  return answerer(list, async () => (await (peak ??= peakOf(family)))());
}

process.on("message", (request: Request) => {
  answer
    .then((ready) => ready(request))
    .then(
      (value) => process.send!({ value }),
      (error: unknown) => process.send!({ error: error instanceof Error ? error.message : String(error) }),
    );
});
process.on("disconnect", () => process.exit());
