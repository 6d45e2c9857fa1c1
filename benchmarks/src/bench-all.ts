import { benchCpu } from "./bench-cpu.ts";
import type { Arguments } from "./command-line.ts";
import { quick, thorough } from "./effort.ts";
import { forkedHost } from "./hosts/forked-host.ts";
import { roster } from "./hosts/roster.ts";
import { reasonOf } from "./implementations/implementation.ts";
import { currentCommit, machine } from "./machine.ts";
import { requireSomething, wantedBy } from "./options.ts";
import { benchPeaks } from "./peak/bench-peaks.ts";
import type { Results, Row } from "./report/row.ts";
import { benchStart } from "./start/bench-start.ts";
import { builtPackages } from "./start/built-packages.ts";
import { emptyProcess, startWork } from "./start/start-names.ts";
import { starters } from "./start/starters.ts";
import { catalogue } from "./works/catalogue.ts";

/** Everything that `pnpm bench cpu` measures. @throws UsageError when `--only` leaves nothing */
export async function benchAll({ quick: isQuick, only }: Arguments, say: (line: string) => void): Promise<Results> {
  requireSomething(only, [emptyProcess, startWork]);
  const effort = isQuick ? quick : thorough;
  const hosts = roster.map(({ name, family }) => forkedHost(name, family));
  const wanted = wantedBy(only);
  try {
    const rows = await benchCpu({ works: catalogue(), hosts, effort, wanted, say });
    const peaks = await benchPeaks(hosts, rows, effort.rounds);
    return {
      machine: machine(),
      commit: currentCommit(),
      rows: [...rows, ...starts(only, effort.rounds, say), ...peaks],
    };
  } finally {
    for (const host of hosts) host.close();
  }
}

/** Nobody wants a process alone: the empty one comes with any other. */
function starts(only: string, rounds: number, say: (line: string) => void): Row[] {
  const wanted = wantedBy(only);
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
