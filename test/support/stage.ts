import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Rehearsal, startRehearsal } from '../../src/dev/index.ts';
import { systemRuntime } from '../../src/lib/runtime.ts';
import { canary, type Canary, findLeaks, findLeaksBelow, type Leak, WINDOW } from './canaries.ts';
import { issuerKey } from './issuer-key.ts';
import { holdable, ownValuesOf } from './own-values.ts';
import { type Finished, PROGRAM, runProgram } from './program.ts';
import type { Case } from './vectors.ts';

/** A place for one run: a rehearsal server, a working directory, a home, a cache, and canaries in every input. */
export interface Stage {
  /** The working directory; nothing else is below it. */
  readonly cwd: string;
  readonly home: string;
  /** Where kept tokens go (`--cache-dir` by variable). */
  readonly cache: string;
  /** Any other files a test needs. */
  readonly attic: string;
  readonly rehearsal: Rehearsal;
  /** Values by path, as the server holds them. */
  readonly secrets: ReadonlyMap<string, Buffer>;
  /** The job's environment. */
  readonly env: Readonly<Record<string, string>>;
  run(
    args: readonly string[],
    more?: { env?: Readonly<Record<string, string | undefined>>; stdin?: string | Buffer },
  ): Promise<Finished>;
  /** Canaries found where they must not be: in stderr, in files nobody asked for. */
  leaks(finished: Finished, asked: readonly string[]): Leak[];
  /** Canaries in any bytes. */
  leaksIn(content: Buffer): Leak[];
  /** Empties the working directory. */
  tidy(): void;
  /** Done when the stage closes. */
  defer(work: () => void): void;
  close(): Promise<void>;
}

/** Secrets with a canary in each, by path. */
function canarySecrets(): Map<string, Buffer> {
  return new Map([
    ['prod/db/password', Buffer.from(canary())],
    ['prod/db/url', Buffer.from(`postgres://svc:${canary()}@db/prod`)],
    ['prod/db', Buffer.from(JSON.stringify({ username: canary(), password: canary(), port: 5432 }))],
    ['prod/tls/key', Buffer.from(`-----BEGIN TEST KEY-----\n${canary(64)}\n${canary(64)}\n-----END TEST KEY-----\n`)],
    ['prod/quoted', Buffer.from(`it's "${canary()}" for $HOME\\`)],
    ['prod/binary', Buffer.concat([Buffer.from([0, 255, 254, 0]), Buffer.from(canary())])],
  ]);
}

/** The same, or values of its own kind where a product holds no others. */
async function heldBy(backend = 'conjur'): Promise<ReadonlyMap<string, Buffer>> {
  const secrets = canarySecrets();
  const own = await ownValuesOf(backend);
  return own === undefined ? secrets : new Map(Object.entries(await holdable(own, Object.fromEntries(secrets))));
}

/** A new stage; whoever opens it closes it. */
export async function openStage(
  options: Pick<Case, 'faults' | 'options' | 'backend' | 'claims' | 'forbidden' | 'secrets' | 'serverClockMs'> = {},
): Promise<Stage> {
  const root = mkdtempSync(path.join(tmpdir(), 'stage-'));
  const [cwd, home, cache, bin, attic] = ['work', 'home', 'cache', 'bin', 'attic'].map((name) =>
    path.join(root, name),
  ) as [string, string, string, string, string];
  for (const directory of [cwd, home, cache, bin, attic]) mkdirSync(directory, { mode: 0o700 });
  const secrets = options.secrets ?? (await heldBy(options.backend));
  const rehearsal = await startRehearsal(
    {
      backend: options.backend ?? 'conjur',
      ci: 'gitlab',
      issuerKey,
      secrets: new Map([...secrets].map(([name, value]) => [name, [value]])),
      ...(options.forbidden && { forbidden: new Set(options.forbidden) }),
      ...(options.faults && { faults: options.faults }),
      ...(options.serverClockMs !== undefined && { serverClockMs: options.serverClockMs }),
      ...(options.options && { options: new Map(Object.entries(options.options)) }),
      ...(options.claims && { claims: typeof options.claims === 'function' ? options.claims() : options.claims }),
    },
    systemRuntime(),
  );
  symlinkSync(PROGRAM, path.join(bin, 'secretctl'));
  // The programs that ours starts: what they are given is written down, to be searched for canaries like any file.
  for (const name of ['git', 'mkfifo']) placeNoting(name, bin, path.join(attic, `${name}.log`));
  const env: Record<string, string> = {
    ...rehearsal.environment(),
    PATH: [bin, path.dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
    HOME: home,
    SECRETCTL_CACHE_DIR: cache,
  };
  const deferred: (() => void)[] = [];
  const token = env['SECRETCTL_ID_TOKEN'] ?? '';
  const canaries = [...[...secrets.values()].flatMap(canariesIn), ...canariesOf(token)];
  return {
    cwd,
    home,
    cache,
    attic,
    rehearsal,
    secrets,
    env,
    run: (args, more = {}) =>
      runProgram(args, { cwd, env: overlaid(env, more.env), ...(more.stdin !== undefined && { stdin: more.stdin }) }),
    leaks: (finished, asked) => [
      ...findLeaks('stderr', finished.stderr, canaries),
      ...findLeaksBelow(root, canaries, asked),
    ],
    leaksIn: (content) => findLeaks('content', content, canaries),
    tidy: () => {
      for (const name of readdirSync(cwd)) rmSync(path.join(cwd, name), { recursive: true, force: true });
    },
    defer: (work) => void deferred.push(work),
    close: async () => {
      for (const work of deferred) work();
      await rehearsal.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Puts a program there that notes its arguments and its environment before it becomes the real one. */
function placeNoting(name: string, directory: string, file: string): void {
  const real = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh\n{ printf '%s\\n' "$@"; env; } >> '${file}'\nexec '${real}' "$@"\n`;
  writeFileSync(path.join(directory, name), script, { mode: 0o755 });
}

/** An environment with variables set or, where undefined, taken away. */
export function overlaid(
  env: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const all = Object.entries({ ...env, ...more });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The random runs inside a value: hexadecimal digits, and what is neither the beginning nor the end of a private key. */
function canariesIn(value: Buffer): Canary[] {
  const text = value.toString('latin1');
  const keys = text.match(/-----BEGIN PRIVATE KEY-----[^-]+/g) ?? [];
  const runs = [...(text.match(/[0-9a-f]{32,}/g) ?? []), ...keys.flatMap((key) => key.split('\n').slice(2, -1))];
  return runs.map((secret) => ({ secret, window: WINDOW }));
}

/** Of a token the signature is random; its claims share words with what may be shown, so only longer runs tell. */
function canariesOf(token: string): Canary[] {
  const [, claims = '', signature = ''] = token.split('.');
  return [
    { secret: claims, window: 3 * WINDOW },
    { secret: signature, window: WINDOW },
  ];
}

/** Puts a case's files into the working directory. */
export function layOut(stage: Stage, files: Readonly<Record<string, string | Buffer>> = {}): void {
  for (const [name, content] of Object.entries(files)) {
    const target = path.join(stage.cwd, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content, { mode: 0o600 });
  }
}

/** The one kept token of a stage. */
export function keptToken(stage: Stage): string {
  const [name, ...others] = readdirSync(stage.cache);
  if (name === undefined || others.length > 0) throw new Error(`${others.length + 1} files in the cache`);
  return path.join(stage.cache, name);
}
