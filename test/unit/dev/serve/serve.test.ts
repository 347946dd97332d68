import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tokenOfRehearsal } from '../../../../src/dev/index.ts';
import { openRehearsal, type Rehearsal } from '../../../../src/dev/frame/rehearsal.ts';
import { serve, type ServeOptions } from '../../../../src/dev/serve/serve.ts';
import { type Runtime, type SignalName, systemRuntime } from '../../../../src/lib/runtime.ts';
import { ask, ECHO, http, readJson } from '../../../support/echo-product.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'serve-test-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

interface Serving {
  readonly rehearsal: Rehearsal;
  readonly runtime: Runtime;
  readonly printed: string;
  stop(signal: SignalName): Promise<number>;
}

async function serving(
  stateDirectory: string | undefined,
  configuration: ServeOptions['configuration'] = 'own',
): Promise<Serving> {
  const handlers = new Set<(signal: SignalName) => void>();
  const system = systemRuntime();
  const runtime: Runtime = {
    ...system,
    host: { ...system.host, cwd: directory, temporaryDirectory: directory },
    onSignal(_, handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
  const opened: Rehearsal[] = [];
  const start = async (): Promise<Rehearsal> => {
    const rehearsal = await openRehearsal(ECHO, { issuerKey, claims: { project_path: "it's/mine" } }, runtime);
    opened.push(rehearsal);
    return rehearsal;
  };
  const output = Promise.withResolvers<string>();
  const print = async (text: string): Promise<void> => output.resolve(text);
  const ended = serve({ backend: 'echo', configuration, stateDirectory, start, print }, runtime);
  const printed = await Promise.race([output.promise, ended.then(() => '')]);
  const [rehearsal] = opened;
  if (rehearsal === undefined) throw new Error('it ended before it began');
  return {
    rehearsal,
    runtime,
    printed,
    stop: (signal) => {
      for (const handler of handlers) handler(signal);
      return ended;
    },
  };
}

describe('dev serve', () => {
  test('prints variables that a shell takes over exactly, and leaves them in a file for another terminal', async () => {
    const { rehearsal, printed, stop } = await serving(join(directory, 'state'));
    const taken = execFileSync('sh', ['-c', `${printed}\nenv -0`], { env: {} }).toString();
    for (const [name, value] of Object.entries(rehearsal.variables()))
      expect(`\0${taken}`).toContain(`\0${name}=${value}\0`);
    const file = /\. '(.*)'$/m.exec(printed)?.[1] ?? '';
    expect(printed.endsWith(readFileSync(file, 'utf8'))).toBe(true);
    expect(await stop('SIGINT')).toBe(130);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('ends on %s and leaves nothing behind', async (signal) => {
    const { rehearsal, stop } = await serving(undefined);
    expect(readdirSync(directory)).not.toEqual([]);
    expect(await stop(signal)).toBe(signal === 'SIGTERM' ? 143 : 129);
    expect(readdirSync(directory)).toEqual([]);
    await expect(ask(rehearsal, http('GET', '/read'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('ends and leaves nothing behind when nobody reads its output', async () => {
    const runtime = { ...systemRuntime() };
    const start = (): Promise<Rehearsal> => openRehearsal(ECHO, { issuerKey }, runtime);
    const print = (): Promise<void> => Promise.reject(new Error('gone'));
    const stateDirectory = join(directory, 'state');
    const lead = { backend: 'echo', configuration: 'made' } as const;
    await expect(serve({ ...lead, stateDirectory, start, print }, runtime)).rejects.toThrow('gone');
    expect(readdirSync(directory)).toEqual([]);
  });

  test('shares its key through files that nobody else can read', async () => {
    const state = join(directory, 'state');
    const { stop } = await serving(state);
    expect(statSync(state).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(state)) expect(statSync(join(state, name)).mode & 0o777).toBe(0o600);
    await stop('SIGTERM');
    expect(existsSync(state)).toBe(false);
  });

  test('removes only its own files from a directory that was there', async () => {
    const state = join(directory, 'state');
    const runtime = systemRuntime();
    runtime.fs.mkdirSync(state, { mode: 0o700 });
    runtime.fs.writeFileSync(join(state, 'mine'), '');
    const { stop } = await serving(state);
    await stop('SIGTERM');
    expect(readdirSync(state)).toEqual(['mine']);
  });

  test('refuses a directory that another one uses, and leaves that one as it is', async () => {
    const state = join(directory, 'state');
    const first = await serving(state);
    const files = readdirSync(state).map((name) => readFileSync(join(state, name), 'utf8'));
    await expect(serving(state)).rejects.toMatchObject({ reason: 'USAGE' });
    expect(readdirSync(state).map((name) => readFileSync(join(state, name), 'utf8'))).toEqual(files);
    await first.stop('SIGTERM');
    expect(readdirSync(directory)).toEqual([]);
  });

  test('of two that begin at once one is refused', async () => {
    const state = join(directory, 'state');
    const begun = await Promise.allSettled([serving(state), serving(state)]);
    expect(begun.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    for (const one of begun) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ reason: 'USAGE' });
      else await one.value.stop('SIGTERM');
    }
  });

  test('takes over the directory of one that was killed', async () => {
    const state = join(directory, 'state');
    const killed = await serving(state);
    const left = readdirSync(state).map((name) => [name, readFileSync(join(state, name))] as const);
    await killed.stop('SIGTERM');
    systemRuntime().fs.mkdirSync(state, { mode: 0o700 });
    for (const [name, bytes] of left) systemRuntime().fs.writeFileSync(join(state, name), bytes);
    const { rehearsal, stop } = await serving(state);
    expect(readJson(join(state, 'issuer.json'))).toMatchObject({ issuer: rehearsal.issuer });
    await stop('SIGTERM');
    expect(readdirSync(state)).toEqual([]);
  });

  test('names absolute paths', async () => {
    const { printed, stop } = await serving('state');
    expect(printed).toContain(`. '${directory}/state/job.sh'\n`);
    expect(printed).toContain(`--state '${directory}/state')`);
    await stop('SIGTERM');
  });

  test('keeps access tokens where only it and its commands look, not below the directory that was named', async () => {
    const { printed, stop } = await serving(join(directory, 'state'));
    const cache = /^export SECRETCTL_CACHE_DIR='(.*)'$/m.exec(printed)?.[1] ?? '';
    expect(cache.startsWith(join(directory, 'secretctl-serve-'))).toBe(true);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    await stop('SIGTERM');
    expect(existsSync(cache)).toBe(false);
  });

  test.each([
    ['made', /^export SECRETCTL_CONFIG='.*\/secretctl\.yaml'$/m],
    ['overruled', /^export SECRETCTL_URL='https:\/\/127\.0\.0\.1:/m],
  ] as const)('leads the other terminal to the rehearsal when its configuration is %s', async (configuration, line) => {
    const { printed, stop } = await serving(undefined, configuration);
    expect(printed).toMatch(line);
    expect(printed).toMatch(/^export SECRETCTL_ALLOWED_ORIGINS='https:\/\/127\.0\.0\.1:/m);
    await stop('SIGTERM');
  });

  test.each([
    ['that others may enter', 0o750],
    ['that others may write', 0o702],
  ])('refuses a directory %s', async (_, mode) => {
    const state = join(directory, 'state');
    systemRuntime().fs.mkdirSync(state);
    chmodSync(state, mode);
    await expect(serving(state)).rejects.toMatchObject({ reason: 'TARGET_UNSAFE' });
  });

  test('refuses a symbolic link', async () => {
    const real = join(directory, 'real');
    systemRuntime().fs.mkdirSync(real, { mode: 0o700 });
    symlinkSync(real, join(directory, 'link'));
    await expect(serving(join(directory, 'link'))).rejects.toMatchObject({ reason: 'TARGET_UNSAFE' });
  });
});

describe('dev token', () => {
  test('signs what the running rehearsal takes, with its claims and those asked for', async () => {
    const state = join(directory, 'state');
    const { rehearsal, runtime, stop } = await serving(state);
    const token = await tokenOfRehearsal(state, { extra: 1 }, { audience: 'other', lifetimeSeconds: 30 }, runtime);
    const { body } = await ask(rehearsal, http('POST', '/login', token));
    expect(JSON.parse(body)).toMatchObject({ verified: true });
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, number>;
    expect(claims).toMatchObject({ project_path: "it's/mine", extra: 1, aud: 'other', iss: rehearsal.issuer });
    expect((claims['exp'] ?? 0) - (claims['iat'] ?? 0)).toBe(30);
    await stop('SIGTERM');
    await expect(tokenOfRehearsal(state, {}, {}, runtime)).rejects.toMatchObject({ reason: 'CONFIG_MISSING' });
  });

  test('finds no rehearsal in a directory of something else', async () => {
    const runtime = systemRuntime();
    for (const text of ['', '{}', '[1]', '{"ci":"gitlab"}']) {
      runtime.fs.writeFileSync(join(directory, 'issuer.json'), text);
      await expect(tokenOfRehearsal(directory, {}, {}, runtime)).rejects.toMatchObject({ reason: 'CONFIG_MISSING' });
    }
  });
});
