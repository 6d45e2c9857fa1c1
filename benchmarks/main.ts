import { writeFileSync } from "node:fs";
import { SteelyardError } from "@steelyard/core";
import { argumentsOf, type Arguments } from "./src/command-line.ts";
import { benchAll } from "./src/bench-all.ts";
import { benchInterpreter, quick, thorough } from "./src/interpreter/bench-interpreter.ts";
import { worksOf } from "./src/interpreter/options.ts";
import { resultsOf } from "./src/interpreter/results.ts";
import { timingsTable } from "./src/interpreter/table.ts";
import { benchmarkOf, usage, type PeerBenchmark } from "./src/options.ts";
import { htmlOf } from "./src/report/html.ts";
import { markdownOf } from "./src/report/markdown.ts";

const progress = (line: string): void => console.error(line);

async function main(): Promise<void> {
  const options = argumentsOf(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const benchmark = benchmarkOf(options);
  await (benchmark === "interpreter" ? ofInterpreter(options) : withPeers(benchmark, options));
}

async function withPeers(benchmark: PeerBenchmark, options: Arguments): Promise<void> {
  const results = await benchAll(benchmark, options, progress);
  const markdown = markdownOf(results);
  console.log(markdown);
  if (options.json === null) return;
  const base = options.json.replace(/\.json$/, "");
  writeFileSync(options.json, json(results));
  writeFileSync(`${base}.md`, markdown);
  writeFileSync(`${base}.html`, htmlOf(results));
}

async function ofInterpreter(options: Arguments): Promise<void> {
  const measured = await benchInterpreter(worksOf(options), options.quick ? quick : thorough, progress);
  console.log(timingsTable(measured.rows));
  const [start, end] = measured.load.map((load) => load.toFixed(1));
  console.log(`\nPeak of plain JavaScript numbers: ${measured.peak.toFixed(2)} GFLOP/s. Load: ${start} to ${end}.`);
  if (options.json !== null) writeFileSync(options.json, json(resultsOf(measured)));
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

// What the caller can mend is one line and exit code 2; anything else is our fault and comes with its stack.
main().catch((error: unknown) => {
  if (!(error instanceof SteelyardError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
});
