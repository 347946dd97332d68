import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startRehearsal } from '../../src/dev/index.ts';
import { systemRuntime } from '../../src/lib/runtime.ts';
import { type Cost, measure, median, type Runner } from './measure.ts';
import { benchValues, logText, nearMisses } from './redaction-text.ts';

/** What is measured, and how often. */
export interface FlowPlan {
  /** The program, without its arguments. */
  readonly program: readonly string[];
  /** A directory for the texts. */
  readonly place: string;
  /** So many bytes flow: a text of a tenth of that, ten times. */
  readonly bytes: number;
  readonly texts: readonly Flow['text'][];
  readonly rounds: number;
  /** Numbers of values that are hidden. */
  readonly counts: readonly number[];
}

/** One line: what stood between a text and its reader. */
export interface Flow {
  readonly name: string;
  readonly text: 'logs' | 'near misses';
  /** Millions of bytes a second, start-up not counted. */
  readonly speed: number;
  /** Speed as a part of that of the Node program that only copies, and of `cat`. */
  readonly ofNode: number;
  readonly ofCat: number;
  /** Seconds of processor time more than the Node program took, for each 10^9 bytes. */
  readonly addedCpu: number;
  /** Milliseconds from start to first byte, and the most memory in MB. */
  readonly firstByteMs: number;
  readonly residentMb: number;
}

const TIMES = 10;
const COPY = path.join(import.meta.dirname, 'copy.mjs');

/**
 * Measures `run` and `mask` with so many values against a Node program that only copies and against `cat`, each as a
 * child process with pipes on both sides. What a tenth of the text takes is taken off:
 * start-up, requests and all.
 */
export async function benchFlows(plan: FlowPlan): Promise<readonly Flow[]> {
  const values = benchValues(Math.max(...plan.counts, 1));
  const names = values.map((_, index) => `app/secret-${index}`);
  const secrets = new Map(values.map((value, index) => [names[index] ?? '', [Buffer.from(value)]]));
  const rehearsal = await startRehearsal({ backend: 'conjur', secrets, lifetimeSeconds: 3600 }, systemRuntime());
  try {
    const flows: Flow[] = [];
    for (const count of plan.counts) {
      const hidden = values.slice(0, count);
      for (const text of plan.texts) {
        if (text === 'near misses' && count === 0) continue;
        const file = path.join(plan.place, 'text');
        const length = plan.bytes / TIMES;
        writeFileSync(file, text === 'logs' ? logText(length, hidden) : nearMisses(length, hidden));
        const env = { ...rehearsal.variables(), HOME: plan.place };
        const subjects = subjectsFor(count, names, { plan, env, hidden });
        flows.push(...(await flowsOf(subjects, { plan, file, text })));
      }
    }
    return flows;
  } finally {
    await rehearsal.close();
  }
}

/** One way to stand between: the command for what `cat FILE` prints. */
interface Subject {
  readonly name: string;
  readonly isFilter: boolean;
  readonly env: Readonly<Record<string, string>>;
  command(files: readonly string[]): readonly string[];
}

/** A configuration whose one secret does not exist and may be missing: then the tokens of the run are all that is hidden. */
function withoutValues(place: string): string {
  const file = path.join(place, 'none.yaml');
  writeFileSync(file, 'secrets:\n  NONE:\n    ref: app/none\n    optional: true\n', { mode: 0o600 });
  return file;
}

interface Situation {
  readonly plan: FlowPlan;
  readonly env: Readonly<Record<string, string>>;
  readonly hidden: readonly string[];
}

function subjectsFor(count: number, names: readonly string[], { plan, env, hidden }: Situation): readonly Subject[] {
  const references = names.slice(0, count).map((name, index) => `S${index}=${name}`);
  const asked = count === 0 ? ['--config', withoutValues(plan.place)] : references;
  const variables = Object.fromEntries(hidden.map((value, index) => [`V${index}`, value]));
  const around = { PATH: process.env['PATH'] ?? '', ...env };
  const node = [process.execPath, COPY];
  return [
    { name: 'cat', isFilter: true, env: around, command: () => ['cat'] },
    { name: 'Node copies a child', isFilter: false, env: around, command: (files) => [...node, 'cat', ...files] },
    { name: 'Node copies stdin', isFilter: true, env: around, command: () => node },
    {
      name: `run, ${count}`,
      isFilter: false,
      env: around,
      command: (files) => [...plan.program, 'run', '--no-cache', ...asked, '--', 'cat', ...files],
    },
    {
      name: `mask, ${count}`,
      isFilter: true,
      env: { ...around, ...variables, EMPTY: '' },
      command: () => [...plan.program, 'mask', '--quiet', '--env', ['EMPTY', ...Object.keys(variables)].join(',')],
    },
  ];
}

/** Where a text is and what it is. */
interface Stretch {
  readonly plan: FlowPlan;
  readonly file: string;
  readonly text: Flow['text'];
}

async function flowsOf(subjects: readonly Subject[], { plan, file, text }: Stretch): Promise<readonly Flow[]> {
  const files = Array.from({ length: TIMES }, () => file);
  const runners = subjects.flatMap((subject) => [runner(subject, files, ''), runner(subject, [file], ' start')]);
  const costs = await measure(runners, plan.rounds);
  const net = (name: string, key: keyof Cost): number =>
    median((costs.get(name) ?? []).map((cost) => cost[key])) -
    median((costs.get(`${name} start`) ?? []).map((cost) => cost[key]));
  const bytes = (plan.bytes * (TIMES - 1)) / TIMES;
  const flows: Flow[] = [];
  for (const subject of subjects) {
    const { name, isFilter } = subject;
    const node = isFilter ? 'Node copies stdin' : 'Node copies a child';
    const took = net(name, 'wallMs');
    flows.push({
      name,
      text,
      speed: bytes / 1000 / took,
      ofNode: net(node, 'wallMs') / took,
      ofCat: net('cat', 'wallMs') / took,
      addedCpu: ((net(name, 'cpuMs') - net(node, 'cpuMs')) * 1e6) / bytes,
      ...(await watched(subject, files)),
    });
  }
  return flows;
}

/** Its output goes through a pipe to a program that prints one byte: that something came is part of the measurement. */
function runner({ name, isFilter, env, command }: Subject, files: readonly string[], suffix: string): Runner {
  const words = command(files);
  const script = isFilter ? `(cat ${files.join(' ')}; echo) | "$@" | tail -c 1` : '("$@"; echo) | tail -c 1';
  return { name: `${name}${suffix}`, env, command: ['/bin/sh', '-c', script, 'sh', ...words] };
}

/** Starts it once more: when its first byte came, and how much memory it took at most. */
async function watched(
  { isFilter, env, command }: Subject,
  files: readonly string[],
): Promise<Pick<Flow, 'firstByteMs' | 'residentMb'>> {
  const [program = '', ...words] = command(files);
  const startedAt = performance.now();
  const child = spawn(program, words, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const writer = isFilter ? spawn('cat', [...files], { stdio: ['ignore', 'pipe', 'ignore'] }) : undefined;
  child.stdin.on('error', () => undefined);
  writer?.stdout.pipe(child.stdin);
  let [firstByteMs, residentMb] = [0, 0];
  child.stdout.once('data', () => (firstByteMs = performance.now() - startedAt));
  child.stdout.on('data', () => (residentMb = Math.max(residentMb, peakOf(child.pid))));
  await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { firstByteMs, residentMb };
}

function peakOf(pid: number | undefined): number {
  try {
    const kib = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) / 1000;
  } catch {
    return 0;
  }
}
