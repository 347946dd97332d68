import { spawn } from 'node:child_process';

/** What one run of a program took, in milliseconds. */
export interface Cost {
  /** User and system time of the whole process. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** A program to measure. */
export interface Runner {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Called before each run, unmeasured. */
  readonly before?: () => void;
}

/**
 * Runs every program once in each round, so that whatever else the machine does hits all alike. One more round comes
 * first and does not count. Throws when a program fails or prints nothing.
 */
export async function measure(
  runners: readonly Runner[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly Cost[]>> {
  const costs = new Map<string, Cost[]>(runners.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const runner of runners) {
      runner.before?.();
      const { cost } = await run(runner);
      if (round >= 0) costs.get(runner.name)?.push(cost);
    }
  }
  return costs;
}

/** The shell's `time` tells what no module of Node does: the CPU time of a child that has ended. */
const TIMED = 'TIMEFORMAT="TIME %U %S %R"; time "$@"';

/** One run: what it cost and what it printed. Throws when it fails or prints nothing. */
export async function run({ name, command, env }: Runner): Promise<{ cost: Cost; printed: Buffer }> {
  const child = spawn('/bin/bash', ['-c', TIMED, 'bash', ...command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const said = Buffer.concat(err).toString();
  const times = /^TIME (?<user>[\d.]+) (?<system>[\d.]+) (?<real>[\d.]+)$/m.exec(said)?.groups;
  const printed = Buffer.concat(out);
  if (code !== 0 || times === undefined || printed.length === 0) throw new Error(`${name}: ${said}`);
  const cpuMs = 1000 * (Number(times['user']) + Number(times['system']));
  return { cost: { cpuMs, wallMs: 1000 * Number(times['real']) }, printed };
}

/** The middle one; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const half = sorted.length / 2;
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return (low + high) / 2;
}
