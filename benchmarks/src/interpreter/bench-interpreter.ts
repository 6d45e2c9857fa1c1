import { loadavg } from "node:os";
import {
  dualAlgebra,
  f64Algebra,
  hyperDualAlgebra,
  interpret,
  interpreter,
  realise,
  setDefaultDevice,
} from "@steelyard/core";
import { Bench } from "tinybench";
import { peakOfPlainNumbers } from "./peak.ts";
import { otherAlgebrasWork, type Pass, type Work } from "./work.ts";

/** How often each piece of work runs: so many times, and for so many milliseconds, at least. */
export interface Effort {
  readonly warmup: { readonly runs: number; readonly time: number };
  readonly measured: { readonly runs: number; readonly time: number };
  /** How often the other algebras run in between. */
  readonly rounds: number;
}

export const quick: Effort = { warmup: { runs: 3, time: 100 }, measured: { runs: 5, time: 150 }, rounds: 2 };
export const thorough: Effort = { warmup: { runs: 16, time: 500 }, measured: { runs: 64, time: 2000 }, rounds: 10 };

/** Repeated runs of one piece of work; a run is a fresh graph, its plan out of the cache, and the numbers read. */
interface Timing {
  readonly runs: number;
  /** Of the median run. */
  readonly ms: number;
  readonly gflops: number;
  /** Of the quickest run: what other processes disturb least. */
  readonly bestMs: number;
  readonly bestGflops: number;
}

/** One piece of work in f32, before and after f64, dual and hyper-dual numbers have run in the same process. */
export interface Row {
  readonly work: string;
  readonly pass: Pass;
  readonly flops: number;
  readonly before: Timing;
  readonly after: Timing;
}

export interface Measured {
  readonly rows: readonly Row[];
  /** Of plain JavaScript numbers, in GFLOP/s. */
  readonly peak: number;
  /** The machine's load average over the last minute, at start and end: this process makes 1 of it. */
  readonly load: readonly [number, number];
}

/**
 * The interpreter in f32, before and after other algebras have run the same operations in the same process. Its loops are
 * separate code for each algebra, so the second figure should be that of the first.
 */
export async function benchInterpreter(
  works: readonly Work[],
  effort: Effort,
  say: (line: string) => void,
): Promise<Measured> {
  const load = loadavg()[0]!;
  setDefaultDevice(interpreter());
  await realise(...works.flatMap(({ operands }) => operands));
  const peak = peakOfPlainNumbers();
  const measureAll = async (when: string): Promise<Timing[]> => {
    const timings: Timing[] = [];
    for (const work of works) {
      const timing = await measure(work, effort);
      say(`${work.name} ${work.pass}, ${when}: ${timing.gflops.toFixed(2)} GFLOP/s`);
      timings.push(timing);
    }
    return timings;
  };
  const before = await measureAll("before other algebras");
  say("f64, dual and hyper-dual numbers");
  runOtherAlgebras(effort.rounds);
  const after = await measureAll("after other algebras");
  const rows = works.map(({ name, pass, flops }, i) => ({
    work: name,
    pass,
    flops,
    before: before[i]!,
    after: after[i]!,
  }));
  return { rows, peak, load: [load, loadavg()[0]!] };
}

/** What would spoil code shared between algebras. */
function runOtherAlgebras(rounds: number): void {
  const works = otherAlgebrasWork();
  for (let round = 0; round < rounds; round++) {
    for (const algebra of [f64Algebra, dualAlgebra, hyperDualAlgebra]) {
      for (const { build } of works) interpret(algebra, [build()]);
    }
  }
}

async function measure({ name, flops, build }: Work, { warmup, measured }: Effort): Promise<Timing> {
  const bench = new Bench({
    warmupIterations: warmup.runs,
    warmupTime: warmup.time,
    iterations: measured.runs,
    time: measured.time,
    throws: true,
  });
  bench.add(name, async () => void (await build().data()));
  const [task] = await bench.run();
  const result = task!.result;
  if (!("latency" in result)) throw new Error(`${name} was not measured: ${result.state}`);
  const { p50, min, samplesCount } = result.latency;
  const rate = (ms: number): number => flops / ms / 1e6;
  return { runs: samplesCount, ms: p50, gflops: rate(p50), bestMs: min, bestGflops: rate(min) };
}
