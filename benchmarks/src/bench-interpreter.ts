import {
  conv,
  dualAlgebra,
  interpret,
  f64Algebra,
  interpreter,
  realise,
  setDefaultDevice,
  tensor,
} from "@steelyard/core";
import { Bench } from "tinybench";
import { peakOfPlainNumbers } from "./peak.ts";
import type { Row } from "./table.ts";
import { interpreterWork, type Work } from "./work.ts";

export interface BenchOptions {
  readonly quick: boolean;
  /** Only work whose name, implementation or device contains this text. */
  readonly only: string;
}

/**
 * The interpreter in f32, before and after f64 and dual numbers have run in the same process. Its loops are separate code
 * for each algebra, so the second figure must not be lower than the first.
 */
export async function benchInterpreter(
  { quick, only }: BenchOptions,
  say: (line: string) => void,
): Promise<{ rows: Row[]; peak: number }> {
  setDefaultDevice(interpreter());
  const named = ({ name }: Work): boolean => [name, "steelyard", "interpreter"].some((text) => text.includes(only));
  const works = interpreterWork().filter(named);
  await realise(...works.flatMap(({ operands }) => operands));
  const peak = peakOfPlainNumbers();
  const fresh: Row[] = [];
  const after: Row[] = [];
  for (const work of works) fresh.push(await measure(work, "interpreter", peak, quick, say));
  runOtherAlgebras();
  for (const work of works) after.push(await measure(work, "interpreter, after duals", peak, quick, say));
  return { rows: fresh.flatMap((row, i) => [row, after[i]!]), peak };
}

/** What could spoil shared code: the same convolution in f64 and over dual numbers. */
function runOtherAlgebras(): void {
  const x = tensor(new Float32Array(4096).fill(1), { shape: [1, 16, 16, 16] });
  const w = tensor(new Float32Array(2304).fill(1), { shape: [3, 3, 16, 16] });
  for (const algebra of [f64Algebra, dualAlgebra]) for (let i = 0; i < 20; i++) interpret(algebra, [conv(x, w)]);
}

async function measure(
  { name, pass, flops, build }: Work,
  device: string,
  peak: number,
  quick: boolean,
  say: (line: string) => void,
): Promise<Row> {
  const bench = new Bench({ time: quick ? 150 : 1000, warmupTime: quick ? 100 : 300 });
  bench.add(name, async () => void (await build().data()));
  const [task] = await bench.run();
  const result = task?.result;
  const ms = result !== undefined && "latency" in result ? result.latency.p50 : Number.NaN;
  const gflops = flops / ms / 1e6;
  say(`${name} ${pass} on the ${device}: ${gflops.toFixed(2)} GFLOP/s`);
  const share = gflops / peak;
  return { work: name, pass, impl: "steelyard", device, threads: 1, ms, gflops, peakShare: share, error: null };
}
