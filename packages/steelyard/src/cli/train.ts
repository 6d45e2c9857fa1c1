import { performance } from "node:perf_hooks";
import type { StepRecord } from "@steelyard/weighting";
import { sharedImages, type FaceProblem, type Score } from "@steelyard/faces";
import { unusedOptions, type TrainOptions } from "./options.ts";
import { clock, liveLines, type Screen } from "./progress.ts";
import { loadProtocols, requireBatches, type Protocol } from "./protocols.ts";
import { reportHtml, type RunReport } from "./report/html.ts";
import { deviceRecord, deviceText, type DeviceRecord, type Settled } from "./run-device.ts";
import { openRunFiles, type RunFiles } from "./run-files.ts";
import { percent, pooledRuns, summarise, summaryText, type Run } from "./runs.ts";
import { sampleFaces } from "./samples.ts";
import { runJob } from "./worker.ts";

/**
 * The main job: trains every strategy on every problem, the strategies side by side, and leaves a log and a report.
 *
 * @throws DataError before anything is written, for data that is missing or damaged
 * @throws UsageError for more images in a batch than there are, and for a folder or a file that cannot be written
 * @throws DeviceError for a device or a thread that has no memory left
 * @throws ValueError for register tiles that this engine does not have, or that are not deterministic
 * @throws NonFinite for a loss that is no longer finite; what was recorded until then stays
 */
export async function train(asked: TrainOptions, screen: Screen): Promise<void> {
  const protocols = await loadProtocols(asked);
  requireBatches(protocols, asked.batch);
  const device = await deviceRecord(asked);
  const options = { ...asked, device: device.device, threads: device.threads, tiles: device.tiles };
  const settings = settingsOf(options, device);
  const files = openRunFiles(options.out, { settings });
  screen.write(`${deviceText(device)}\n`);
  const runs: Run[] = [];
  const count = protocols.reduce((sum, { problems }) => sum + problems.length, 0);
  for (const [p, protocol] of protocols.entries()) {
    for (const [fold, problem] of protocol.problems.entries()) {
      const place = count > 1 ? `${1 + runs.length / options.strategies.length} of ${count}: ` : "";
      screen.write(`${place}${describe(problem)}\n`);
      runs.push(...(await trainSideBySide(options, protocol, p, fold, files, screen)));
      screen.write("\n");
    }
  }
  const summary = summarise(runs);
  files.append({
    summary: summary.map(({ strategy, task, accuracy, chance, samples }) => ({
      strategy,
      task,
      accuracy,
      chance,
      samples,
    })),
  });
  files.writeReport(report(options, settings, protocols, runs));
  screen.write(`${summaryText(summary)}\n\nreport  ${files.report}\nsteps   ${files.log}\n`);
}

/** What decides the numbers of these runs: all that was asked for, except where to write, and what computed it. */
function settingsOf(options: TrainOptions, device: DeviceRecord): Readonly<Record<string, unknown>> {
  const idle = ["out", ...unusedOptions[options.data]];
  const used = Object.entries(options).filter(([name]) => !idle.includes(name));
  return { ...Object.fromEntries(used), ...device };
}

function describe({ name, train: images, tasks }: FaceProblem): string {
  const classes = tasks.map((task) => `${task.name} (${task.classes.length})`).join(", ");
  return `${name}: ${images.count} images of ${images.shape.join(" × ")} to learn ${classes}`;
}

/** What is known of a run while it goes on. */
interface Progress {
  readonly strategy: string;
  readonly records: StepRecord[];
  readonly started: number;
  scores: readonly Score[] | null;
  seconds: number;
}

async function trainSideBySide(
  options: Settled<TrainOptions>,
  protocol: Protocol,
  position: number,
  fold: number,
  files: RunFiles,
  screen: Screen,
): Promise<Run[]> {
  const problem = protocol.problems[fold]!;
  const { name, tasks: described } = problem;
  const tasks = described.map((task) => task.name);
  const started = performance.now();
  const all = options.strategies.map((strategy): Progress => ({
    strategy,
    records: [],
    started,
    scores: null,
    seconds: 0,
  }));
  const images = sharedImages(problem);
  const live = liveLines(screen);
  const lines = (): string[] => all.map((progress) => progressLine(progress, tasks, options.steps));
  const stop = new AbortController();
  const one = async (progress: Progress): Promise<void> => {
    const { strategy, records } = progress;
    const onStep = (record: StepRecord): void => {
      records.push(record);
      files.append({ run: name, strategy, ...logged(record, tasks) });
      live.update(lines());
    };
    progress.scores = await runJob({ options, protocol: position, fold, strategy, images }, onStep, stop.signal);
    progress.seconds = (performance.now() - started) / 1000;
  };
  try {
    await Promise.all(all.map(one));
  } finally {
    stop.abort();
    live.end(lines());
  }
  return all.map(({ strategy, records, scores, seconds }) => ({
    strategy,
    protocol: protocol.name,
    problem: name,
    tasks,
    records,
    scores: scores!,
    seconds,
  }));
}

function logged({ iteration, losses, weights, ...rest }: StepRecord, tasks: readonly string[]): object {
  const named = (values: readonly number[]): object => Object.fromEntries(tasks.map((task, i) => [task, values[i]]));
  return { step: iteration, losses: named(losses), weights: named(weights), ...rest };
}

function progressLine(
  { strategy, records, started, scores, seconds }: Progress,
  tasks: readonly string[],
  steps: number,
): string {
  const name = strategy.padEnd(18);
  const last = records.at(-1);
  if (last === undefined) return `${name} starting`;
  if (scores !== null) {
    const told = scores.map(({ task, accuracy }) => `${task} ${percent(accuracy)}`).join("  ");
    return `${name} ${told}  after ${clock(seconds)}`;
  }
  const parts = tasks.map((task, i) => `${task} ${last.losses[i]!.toFixed(2)} × ${last.weights[i]!.toFixed(2)}`);
  const perStep = (performance.now() - started) / 1000 / records.length;
  const left = records.length === steps ? "scoring" : `${clock(perStep * (steps - records.length))} left`;
  return `${name} step ${records.length}/${steps}  ${parts.join("  ")}  ${left}`;
}

function reported({ strategy, problem, seconds, tasks, records, scores }: Run): RunReport {
  const steps = records.map(({ iteration, losses, weights }) => ({ step: iteration, losses, weights }));
  return { strategy, group: problem, seconds, tasks, steps, scores };
}

function report(
  options: TrainOptions,
  settings: Readonly<Record<string, unknown>>,
  protocols: readonly Protocol[],
  runs: readonly Run[],
): string {
  return reportHtml({
    title: "One network, several tasks: how the losses were weighted",
    lead:
      options.root === null
        ? "One convolutional network learnt who a rendered face is and what it expresses, once for each strategy of weighting the two losses, from the same initial weights. Rendered faces are controlled, not realistic: nothing here says how a strategy does on photographs."
        : "One convolutional network learnt four tasks on the CMU Face Images, once for each strategy of weighting their losses, from the same initial weights. Identity is scored on a pose never trained on; pose, expression and eyes on people never trained on.",
    settings: Object.entries(settings).map(([name, value]): [string, string] => [
      name,
      Array.isArray(value) ? value.join(", ") : String(value),
    ]),
    runs: runs.map(reported),
    pooled: pooledRuns(runs).map(({ name, runs: members }) => ({ name, runs: members.map(reported) })),
    samples: sampleFaces(protocols[0]!.problems[0]!),
  });
}
