import { writeFileSync } from "node:fs";
import { SteelyardError } from "@steelyard/core";
import { benchInterpreter, quick, thorough } from "./src/bench-interpreter.ts";
import { parse, usage } from "./src/options.ts";
import { resultsOf } from "./src/results.ts";
import { markdownTable } from "./src/table.ts";

async function main(): Promise<void> {
  const options = parse(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const effort = options.quick ? quick : thorough;
  const measured = await benchInterpreter(options.works, effort, (line) => console.error(line));
  console.log(markdownTable(measured.rows));
  const [start, end] = measured.load.map((load) => load.toFixed(1));
  console.log(`\nPeak of plain JavaScript numbers: ${measured.peak.toFixed(2)} GFLOP/s. Load: ${start} to ${end}.`);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(resultsOf(measured), null, 2)}\n`);
}

// What the caller can mend is one line and exit code 2; anything else is our fault and comes with its stack.
main().catch((error: unknown) => {
  if (!(error instanceof SteelyardError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
});
