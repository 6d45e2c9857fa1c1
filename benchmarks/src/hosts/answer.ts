import { Bench } from "tinybench";
import { reasonOf, type Implementation, type Prepared } from "../implementations/implementation.ts";
import type { Peak } from "../peak/peak.ts";
import type { Answers, AnswerTo, Contender, Request } from "./host.ts";

/** Does what a host is asked, with implementations of this process. */
export function answerer(implementations: readonly Implementation[], peak: Peak) {
  const prepared = new Map<number, Prepared>();
  let lastId = 0;
  const answers: { [K in Request["kind"]]: (request: Extract<Request, { kind: K }>) => Promise<Answers[K]> } = {
    contenders: () => Promise.all(implementations.map(contenderOf)),
    async prepare({ at, work }) {
      const ready = await implementations[at]!.prepare(work);
      const start = performance.now();
      try {
        const result = await ready.result();
        const ms = performance.now() - start;
        prepared.set(++lastId, ready);
        return { id: lastId, result, ms };
      } catch (error) {
        await ready.close();
        throw error;
      }
    },
    async round({ id, runs, time }) {
      const rate = await peak();
      const ready = prepared.get(id);
      if (ready === undefined) throw new Error("lost with the process that had prepared it");
      return { samples: await samplesOf(ready, runs, time), peak: rate };
    },
    peak: async () => peak(),
    memory: async ({ id }) => (await prepared.get(id)?.memory?.()) ?? memoryOfProcess(),
    async release({ id }) {
      await prepared.get(id)?.close();
      prepared.delete(id);
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
