import { setFlagsFromString } from "node:v8";
import { peakLoop } from "../peak/peak-loops.ts";
import { answerer } from "./answer.ts";
import type { Request } from "./host.ts";
import { roster } from "./roster.ts";

// The child process of one host: started with the host's name, answers one message after another.

const spec = roster.find(({ name }) => name === process.argv[2]);
// Whoever started it is told by the exit code.
if (spec === undefined) process.exit(1);

const { family, implementations } = spec;
if (family === "256-bit FMA") setFlagsFromString("--experimental-wasm-revectorize");

const answer = implementations().then((list) => answerer(list, peakLoop(family)));

process.on("message", (request: Request) => {
  answer
    .then((ready) => ready(request))
    .then(
      (value) => process.send!({ value }),
      (error: unknown) => process.send!({ error: error instanceof Error ? error.message : String(error) }),
    );
});
process.on("disconnect", () => process.exit());
