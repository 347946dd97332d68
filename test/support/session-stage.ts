import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import { openSession } from '../../src/app/session.ts';
import type { Outcome } from '../../src/backends/types.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { BackendSettings, GeneralSettings } from '../../src/config/types.ts';
import { type Rehearsal, startRehearsal } from '../../src/dev/index.ts';
import { SecretctlError } from '../../src/lib/errors.ts';
import { systemRuntime } from '../../src/lib/runtime.ts';
import type { SecretRef } from '../../src/lib/secrets.ts';
import type { Sensitive } from '../../src/lib/sensitive.ts';
import { canary } from './canaries.ts';
import { issuerKey } from './issuer-key.ts';
import { invocationIn, type World, worldWith } from './invocation.ts';

/** What the server holds. */
export const SECRET = canary();
/** Where it holds it. */
export const REF: SecretRef = {
  name: 'PASSWORD',
  backend: 'conjur',
  path: 'prod/db/password',
  field: [],
  text: 'prod/db/password',
};

let root = '';
let cacheDir = '';

/** Gives the tests of a file a directory, and each test a place for kept tokens. */
export function setSessionStage(): void {
  beforeAll(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'session-')));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  beforeEach(() => {
    cacheDir = mkdtempSync(path.join(root, 'cache-'));
  });
}

/** A new directory of this file. */
export function newDirectory(): string {
  return mkdtempSync(path.join(root, 'd-'));
}

/** The files of what this test kept. */
export function kept(): string[] {
  return readdirSync(cacheDir);
}

/** A Conjur that holds it, until the test ends. */
export async function rehearse(options: Partial<Parameters<typeof startRehearsal>[0]> = {}): Promise<Rehearsal> {
  const secrets = new Map([[REF.path, [Buffer.from(SECRET)]]]);
  const rehearsal = await startRehearsal({ backend: 'conjur', secrets, issuerKey, ...options }, systemRuntime());
  onTestFinished(() => rehearsal.close());
  return rehearsal;
}

/** How one command differs from the next. */
export interface Command {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly world?: World;
  readonly general?: Partial<GeneralSettings>;
  readonly backend?: Partial<BackendSettings>;
}

/** One command of the job: its settings as the configuration gives them, and what it hid and said. */
export async function command(
  rehearsal: Rehearsal,
  { env = {}, world = {}, general = {}, backend = {} }: Command = {},
) {
  const job = { ...rehearsal.environment(), SECRETCTL_CACHE_DIR: cacheDir, ...env };
  const raw = { command: 'login', arguments: [], flags: new Map() } as const;
  const settings = await loadSettings(raw, worldWith({ env: job, host: { cwd: root } }));
  const [first] = settings.backends;
  if (first === undefined) throw new Error('no backend');
  const invocation = invocationIn({ env: job, ...world });
  const hidden: string[] = [];
  const hide = (_name: string, secret: Sensitive): void => void hidden.push(secret.reveal().toString());
  return {
    hidden,
    lines: invocation.lines,
    warnings: () => invocation.lines.filter((line) => line.includes('warning:')).join('\n'),
    parts: [{ ...first, ...backend }, { ...settings.general, ...general }, invocation, hide] as const,
  };
}

type CommandRun = Awaited<ReturnType<typeof command>>;

/** What one `fetch` does. */
export async function fetchOnce(
  { parts }: CommandRun,
  refs: readonly SecretRef[] = [REF],
): Promise<readonly Outcome[]> {
  const session = await openSession(...parts);
  try {
    return await session.fetchSecrets(refs);
  } finally {
    await session.close();
  }
}

/** The first value, as text. */
export function valueOf(outcomes: readonly Outcome[]): string | undefined {
  const [first] = outcomes;
  return first !== undefined && 'value' in first ? first.value.reveal().toString() : undefined;
}

/** The refusal that something ends in. */
export async function refusalOf(work: Promise<unknown>): Promise<SecretctlError> {
  const error: unknown = await work.then(
    () => undefined,
    (error_: unknown) => error_,
  );
  if (error instanceof SecretctlError) return error;
  throw new Error('was not refused', { cause: error });
}
