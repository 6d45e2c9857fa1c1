import { benchCold } from "./bench-cold.ts";
import { adapterOf, benchWorks, seatsOf, type Plan, type Seat } from "./bench-works.ts";
import type { Arguments } from "./command-line.ts";
import { compiling, limitOf, quick, thorough } from "./effort.ts";
import { forkedHost } from "./hosts/forked-host.ts";
import type { Host } from "./hosts/host.ts";
import { rosters } from "./hosts/roster.ts";
import { reasonOf } from "./implementations/implementation.ts";
import { currentCommit, machine } from "./machine.ts";
import { requireSomething, wantedBy, worksOf, type PeerBenchmark } from "./options.ts";
import { benchPeaks } from "./peak/bench-peaks.ts";
import { nameOf } from "./report/describe.ts";
import type { Results, Row } from "./report/row.ts";
import { benchStart } from "./start/bench-start.ts";
import { builtPackages } from "./start/built-packages.ts";
import { emptyProcess, startWork } from "./start/start-names.ts";
import { starters } from "./start/starters.ts";
import { coldName } from "./works/catalogue.ts";
import type { NetWork } from "./works/work.ts";

/** Everything that `pnpm bench cpu` or `webgpu` measures. @throws UsageError when `--only` leaves nothing */
export async function benchAll(
  benchmark: PeerBenchmark,
  { quick: isQuick, only, without }: Arguments,
  say: (line: string) => void,
): Promise<Results> {
  requireSomething(benchmark, only);
  const usual = isQuick ? quick : thorough;
  const effort = benchmark === "webgpu" ? compiling(usual) : usual;
  const hosts = rosters[benchmark].map(({ name, family }) => forkedHost(name, family));
  const wanted = wantedBy(only, without);
  try {
    const plan: Plan = { works: worksOf(benchmark), hosts, effort, wanted, say };
    const seats = await seatsOf(plan);
    const adapter = adapterOf(seats);
    if (adapter !== null) say(`WebGPU by ${adapter}`);
    const rows = await benchWorks(plan, seats);
    const peaks = await benchPeaks(hosts, rows, effort.rounds);
    // From here on every process is a fresh one, and alone.
    for (const host of hosts) host.close();
    const cold = await coldStarts(plan, seats, rows);
    const whole = benchmark === "cpu" ? starts(wanted, effort.rounds, say) : [];
    return { machine: machine(), adapter, commit: currentCommit(), rows: [...rows, ...cold, ...whole, ...peaks] };
  } finally {
    for (const host of hosts) host.close();
  }
}

/** Whoever has done a training step in reasonable time does it again from nothing. */
async function coldStarts({ works, effort, say }: Plan, seats: readonly Seat[], rows: readonly Row[]): Promise<Row[]> {
  const work = works.find(({ kind }) => kind === "net") as NetWork;
  const times = new Map(rows.filter((row) => row.work === work.name).map((row) => [nameOf(row), row.ms]));
  const quickOnes = seats.filter((seat) => (times.get(nameOf(seat)) ?? Infinity) < effort.patience);
  if (quickOnes.length > 0) say(coldName);
  return benchCold(work, quickOnes, freshHost, limitOf(work, effort));
}

/** Drivers keep what they have compiled in files, Mesa's and NVIDIA's at least: from nothing is without those. */
const nothingKept = { MESA_SHADER_CACHE_DISABLE: "true", __GL_SHADER_DISK_CACHE: "0" };

function freshHost({ host: { name, family } }: Seat): Host {
  return forkedHost(name, family, nothingKept);
}

/** Nobody wants a process alone: the empty one comes with any other. */
function starts(wanted: ReturnType<typeof wantedBy>, rounds: number, say: (line: string) => void): Row[] {
  const isWanted = (starter: { work: string; impl: string; device: string }) => wanted({ name: starter.work }, starter);
  if (!starters("").some(isWanted)) return [];
  try {
    say("building the packages");
    const chosen = starters(builtPackages(say)).filter((starter) => starter.work === emptyProcess || isWanted(starter));
    return benchStart(chosen, rounds, say);
  } catch (error) {
    say(`${startWork}: ${reasonOf(error)}`);
    return [];
  }
}
