import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Rehearsal, startRehearsal } from '../src/dev/index.ts';
import { systemRuntime } from '../src/lib/runtime.ts';
import { benchFlows, type Flow } from './bench/flow.ts';
import { type Cost, measure, median, run, type Runner } from './bench/measure.ts';

/**
 * What the program costs, as ratios within one run: `--version` against bare Node, `fetch` of 30 secrets over TLS
 * against a minimal script that makes the same requests, `run` and `mask` against Node programs that only copy. With
 * `--quick` few rounds, and an exit code that says whether a generous budget is kept.
 */
const isQuick = process.argv.includes('--quick');
const ROUNDS = isQuick ? 7 : 25;
const LATENCIES = isQuick ? [0, 50] : [0, 20, 50];
/** Ratios that a busy machine must keep too; the aims are 1.3, 1.25, 1.1, 0.8 and 20. */
const BUDGET = { version: 2, cpu: 2.8, wallAt50: 2, addedCpu: 5, residentMb: 40 };

/** Printed under the table of streams. */
const LEGEND = `
MB/s       10^6 bytes a second through the process, without start-up: requests, compiling what is looked for
of Node    that speed as a part of what a Node program does that only copies: 1 means that redaction costs nothing
of cat     the same as a part of what cat does
CPU s/GB   seconds of processor time for 10^9 bytes, more than that Node program
first ms   from start to first byte, requests included
RSS        the most memory, MB
`;

const root = path.join(import.meta.dirname, '..');
const executable = path.join(root, `dist/secretctl-${process.platform}-${process.arch}`);
const bundle = [process.execPath, path.join(root, 'bin/secretctl.cjs')];
const programs = new Map([['bundle', bundle]]);
if (existsSync(executable)) programs.set('executable', [executable]);

const names = Array.from({ length: 30 }, (_, index) => `app/secret-${index}`);
const references = names.map((name, index) => `S${index}=${name}`);
const place = mkdtempSync(path.join(tmpdir(), 'bench-'));
const over: string[] = [];

try {
  await benchVersion();
  for (const latencyMs of LATENCIES) await benchFetch(latencyMs);
  await benchStreams();
} finally {
  rmSync(place, { recursive: true, force: true });
}
if (isQuick && over.length > 0) throw new Error(`over budget: ${over.join(', ')}`);

async function benchVersion(): Promise<void> {
  const runners = [...programs].map(([name, command]) => ({ name, command: [...command, '--version'], env: {} }));
  // It prints as well, because printing has a price of its own.
  const bare = { name: 'bare Node', command: [process.execPath, '-e', 'process.stdout.write("0\\n")'], env: {} };
  const costs = await measure([bare, ...runners], ROUNDS);
  const ratios = table('--version', bare.name, costs);
  for (const [name, { cpu }] of ratios) if (cpu > BUDGET.version) over.push(`--version of ${name} ${cpu.toFixed(2)}`);
}

async function benchFetch(latencyMs: number): Promise<void> {
  const secrets = new Map(names.map((name) => [name, [Buffer.from(`value of ${name}`)]]));
  const rehearsal = await startRehearsal(
    { backend: 'conjur', secrets, latencyMs, lifetimeSeconds: 3600 },
    systemRuntime(),
  );
  try {
    for (const isKept of [false, true]) {
      const costs = await measure(await fetchRunners(rehearsal, isKept), ROUNDS);
      const title = `fetch, ${isKept ? 'kept token' : 'cold'}, ${latencyMs} ms`;
      for (const [name, { cpu, wall }] of table(title, 'minimal', costs)) {
        if (cpu > BUDGET.cpu) over.push(`${title}: ${name} ${cpu.toFixed(2)} in CPU`);
        if (latencyMs === 50 && wall > BUDGET.wallAt50) over.push(`${title}: ${name} ${wall.toFixed(2)} in wall time`);
      }
    }
  } finally {
    await rehearsal.close();
  }
}

/** The minimal script, told the very requests that the program makes, and the programs. */
async function fetchRunners(rehearsal: Rehearsal, isKept: boolean): Promise<Runner[]> {
  const env = { ...rehearsal.variables(), HOME: place };
  const runners = [...programs].map(([name, command]): Runner => {
    const cache = path.join(place, `cache-${name}`);
    const forget = (): void => rmSync(cache, { recursive: true, force: true });
    forget();
    const fetch = [...command, 'fetch', '--format', 'json', '--cache-dir', cache, ...references];
    return { name, command: fetch, env, ...(!isKept && { before: forget }) };
  });
  return [await minimalRunner(rehearsal, isKept, env), ...runners];
}

async function minimalRunner(rehearsal: Rehearsal, isKept: boolean, env: Record<string, string>): Promise<Runner> {
  const command = [process.execPath, path.join(root, 'scripts/bench/minimal.mjs')];
  const before = rehearsal.requests.length;
  await run({ name: 'bundle', command: [...bundle, 'fetch', '--format', 'json', '--no-cache', ...references], env });
  const [exchange, read, ...more] = rehearsal.requests.slice(before).map((request) => request.path);
  if (exchange === undefined || read === undefined || more.length > 0)
    throw new Error('the program no longer makes two requests');
  const told = {
    ...env,
    BENCH_URL: rehearsal.url,
    BENCH_CA: rehearsal.caFile,
    BENCH_EXCHANGE: exchange,
    BENCH_READ: read,
  };
  if (!isKept) return { name: 'minimal', command, env: told };
  const access = path.join(place, 'access-token');
  const { printed } = await run({ name: 'minimal', command: [...command, 'exchange'], env: told });
  writeFileSync(access, printed, { mode: 0o600 });
  return { name: 'minimal', command, env: { ...told, BENCH_ACCESS: access } };
}

/** What stands between a text and its reader, and what it costs; after it, what the columns mean. */
async function benchStreams(): Promise<void> {
  const flows = await benchFlows({
    program: bundle,
    place,
    bytes: isQuick ? 100_000_000 : 500_000_000,
    rounds: isQuick ? 2 : 5,
    counts: isQuick ? [100] : [0, 1, 10, 100, 1000],
    texts: isQuick ? ['logs'] : ['logs', 'near misses'],
  });
  const heads = ['MB/s', 'of Node', 'of cat', 'CPU s/GB', 'first ms', 'RSS'];
  for (const [index, flow] of flows.entries()) {
    if (flow.name === 'cat')
      process.stdout.write(`\n${flow.text.padEnd(22)}${heads.map((head) => head.padStart(9)).join('')}\n`);
    process.stdout.write(line(flow));
    const before = flows.slice(0, index).findLast(({ name }) => name.startsWith('Node'));
    if (flow.name.startsWith('Node') || before === undefined) continue;
    if (flow.addedCpu > BUDGET.addedCpu) over.push(`${flow.name}: ${flow.addedCpu.toFixed(2)} s/GB more than Node`);
    const more = flow.residentMb - before.residentMb;
    if (more > BUDGET.residentMb) over.push(`${flow.name}: ${more.toFixed(0)} MB more than Node`);
  }
  process.stdout.write(LEGEND);
}

function line({ name, speed, ofNode, ofCat, addedCpu, firstByteMs, residentMb }: Flow): string {
  const cells = [speed.toFixed(0), ofNode.toFixed(2), ofCat.toFixed(2), addedCpu.toFixed(2)];
  const all = [...cells, firstByteMs.toFixed(0), residentMb.toFixed(0)];
  return `  ${name.padEnd(20)}${all.map((cell) => cell.padStart(9)).join('')}\n`;
}

interface Ratios {
  readonly cpu: number;
  readonly wall: number;
}

/** Prints a line for each program and returns their ratios: of each round by itself, then the middle one. */
function table(title: string, reference: string, costs: ReadonlyMap<string, readonly Cost[]>): Map<string, Ratios> {
  const base = costs.get(reference) ?? [];
  const ratios = new Map<string, Ratios>();
  process.stdout.write(`\n${title.padEnd(28)}   CPU ms   ratio  wall ms   ratio\n`);
  for (const [name, rounds] of costs) {
    const middle = (key: keyof Cost): number => median(rounds.map((cost) => cost[key]));
    const ratio = (key: keyof Cost): number =>
      median(rounds.map((cost, index) => cost[key] / (base[index]?.[key] ?? Number.NaN)));
    const [cpu, wall] = [ratio('cpuMs'), ratio('wallMs')];
    const cells = [middle('cpuMs').toFixed(1), cpu.toFixed(2), middle('wallMs').toFixed(1), wall.toFixed(2)];
    process.stdout.write(`  ${name.padEnd(26)}${cells.map((cell) => cell.padStart(8)).join(' ')}\n`);
    if (name !== reference) ratios.set(name, { cpu, wall });
  }
  return ratios;
}
