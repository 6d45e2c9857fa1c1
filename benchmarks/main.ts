import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { benchInterpreter } from "./src/bench-interpreter.ts";
import { markdownTable, resultsOf } from "./src/table.ts";

const usage = `pnpm bench interpreter [--quick] [--only TEXT] [--json FILE]

  --quick      short measurements, for a first look
  --only TEXT  work whose name, implementation or device contains TEXT
  --json FILE  write {machine, commit, rows} to FILE as well`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [what = "interpreter"] = positionals;
  if (values.help) return console.log(usage);
  if (what !== "interpreter") throw new Error(`bench: needs interpreter, got ${what}`);
  const { rows, peak } = await benchInterpreter(values, (line) => console.error(line));
  console.log(markdownTable(rows));
  console.log(`\nPeak of plain JavaScript numbers in this process: ${peak.toFixed(2)} GFLOP/s`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(resultsOf(rows), null, 2)}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.error(`\n${usage}`);
  process.exitCode = 2;
});
