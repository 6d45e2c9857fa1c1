import { renderedProblem, sharedImages, withSharedImages, type FaceProblem, type StepRecord } from "../src/index.ts";
import { markup } from "../src/cli/report/markup.ts";
import { style } from "../src/cli/report/style.ts";
import { strategyNames } from "../src/cli/strategies.ts";
import { openComputer } from "./computer.ts";
import { startRun, type Run } from "./run.ts";
import { readSettings } from "./settings.ts";
import { strangersOf } from "./strangers.ts";
import { showComputer, showOpinions, showRun, showSettings, showState, showStrangers } from "./view.ts";

// The page: a run for each strategy that was started, of which one goes on at a time.

const strategy = document.querySelector<HTMLSelectElement>("#strategy")!;
const start = document.querySelector<HTMLButtonElement>("#start")!;
const again = document.querySelector<HTMLButtonElement>("#again")!;

const settings = readSettings(location.search);
const runs = new Map<string, Run>();
/** Of the run that goes on. */
let pause: AbortController | null = null;
/** Steps between two looks at the strangers. */
const stride = 10;
/** Milliseconds between two pictures. */
const interval = 50;

/** Opens what computes, draws the faces, and waits for the first click. */
async function open(): Promise<void> {
  showComputer(await openComputer(settings.device));
  const problem = kept(renderedProblem({ ...settings, validationImages: 98 }));
  const strangers = strangersOf(problem);
  showStrangers(strangers.faces);
  const tasks = problem.tasks.map(({ name }) => name);

  const train = async (run: Run, { signal }: AbortController): Promise<void> => {
    const show = (): void => showRun(run, [...runs.values()], tasks, settings.steps);
    showState(run.records.length === 0 ? "Preparing the first step …" : "Learning …");
    // A GPU may be quicker than anyone can look; and nobody looks at a page in the background.
    for (let due = 0; !signal.aborted && !run.isDone();) {
      await run.advance();
      if (run.records.length % stride === 0) showOpinions(await strangers.opinions(run.network), strangers.faces);
      if (document.hidden || performance.now() < due) continue;
      showState("Learning …");
      show();
      await frame();
      due = performance.now() + interval;
    }
    show();
    showState(run.isDone() ? "Done" : "Paused");
  };

  start.addEventListener("click", () => {
    if (pause !== null) return pause.abort();
    const run = runs.get(strategy.value) ?? startRun(problem, strategy.value, settings);
    runs.set(run.strategy, run);
    pause = new AbortController();
    enable();
    void train(run, pause).catch(fail).finally(end);
  });
  again.addEventListener("click", () => location.reload());
  strategy.addEventListener("change", enable);
  end();
  showState(`Ready: ${problem.train.count} faces of ${problem.tasks[0]!.classes.length} people`);
}

function end(): void {
  pause = null;
  enable();
}

/** A run that goes on is the only one, and can be paused. */
function enable(): void {
  const isOn = pause !== null;
  const run = runs.get(strategy.value);
  strategy.disabled = isOn;
  start.disabled = !isOn && run?.isDone() === true;
  start.textContent = isOn ? "Pause" : (run?.isDone() ?? true) ? "Start" : "Continue";
  again.disabled = isOn || runs.size === 0;
}

/** Faces are drawn once and kept, where the page may share memory; else again in every step. */
function kept(problem: FaceProblem): FaceProblem {
  return "SharedArrayBuffer" in globalThis ? withSharedImages(problem, sharedImages(problem)) : problem;
}

/** Lets the page draw. A page that has gone to the background draws nothing, and is not waited for. */
function frame(): Promise<unknown> {
  return new Promise((resolve) => {
    requestAnimationFrame(resolve);
    setTimeout(resolve, interval);
  });
}

function fail(error: unknown): void {
  showState(error instanceof Error ? error.message : String(error), true);
}

/** What the runs have recorded so far, by strategy: for the console, and for the test of this page. */
export function records(): Readonly<Record<string, readonly StepRecord[]>> {
  return Object.fromEntries([...runs].map(([name, run]) => [name, run.records]));
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(style.source);
document.adoptedStyleSheets = [sheet];
strategy.innerHTML = markup`${strategyNames.map((name) => markup`<option>${name}</option>`)}`.source;
strategy.value = "dynamicDifficulty";
showSettings(location.search);
await open().catch(fail);
