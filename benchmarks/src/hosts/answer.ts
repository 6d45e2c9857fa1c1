import { Bench } from "tinybench";
import { reasonOf, type Implementation, type Prepared } from "../implementations/implementation.ts";
import type { Peak } from "../peak/peak.ts";
import type { Answers, AnswerTo, Contender, Request } from "./host.ts";

/** Does what a host is asked, with implementations of this process. */
export function answerer(implementations: readonly Implementation[], peak: Peak) {
  const prepared = new Map<number, Prepared>();
  const answers: { [K in Request["kind"]]: (request: Extract<Request, { kind: K }>) => Promise<Answers[K]> } = {
    contenders: () => Promise.all(implementations.map(contenderOf)),
    async prepare({ at, work }) {
      const ready = await implementations[at]!.prepare(work);
      prepared.set(at, ready);
      const start = performance.now();
      const result = await ready.result();
      return { result, ms: performance.now() - start };
    },
    async round({ at, runs, time }) {
      const rate = await peak();
      return { samples: await samplesOf(prepared.get(at)!, runs, time), peak: rate };
    },
    peak: async () => peak(),
    memory: async ({ at }) => (await prepared.get(at)?.memory?.()) ?? memoryOfProcess(),
    async release({ at }) {
      await prepared.get(at)?.close();
      prepared.delete(at);
      return null;
    },
  };
  return <R extends Request>(request: R): Promise<AnswerTo<R>> => {
    const answer = answers[request.kind] as (request: Request) => Promise<unknown>;
    return answer(request) as Promise<AnswerTo<R>>;
  };
}

async function contenderOf(implementation: Implementation): Promise<Contender> {
  const { impl, device, threads } = implementation;
  const missing = await implementation.available().catch(reasonOf);
  const adapter = missing === null ? ((await implementation.adapter?.()) ?? null) : null;
  return { impl, device, threads, missing, adapter };
}

function memoryOfProcess(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Milliseconds of so many runs at least, and for so long at least. */
async function samplesOf(prepared: Prepared, runs: number, time: number): Promise<readonly number[]> {
  const bench = new Bench({ iterations: runs, time, warmup: false, retainSamples: true, throws: true });
  const run = async () => {
    const took = await prepared.run();
    return typeof took === "number" ? { overriddenDuration: took } : undefined;
  };
  bench.add("run", run, { async: true });
  const [task] = await bench.run();
  const { result } = task!;
  if (!("latency" in result)) throw new Error(`not measured: ${result.state}`);
  return result.latency.samples ?? [];
}
