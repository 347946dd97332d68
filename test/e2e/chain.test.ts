import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Rehearsal, startRehearsal } from '../../src/dev/index.ts';
import { systemRuntime } from '../../src/lib/runtime.ts';
import { canary } from '../support/canaries.ts';
import { issuerKey } from '../support/issuer-key.ts';
import type { Finished } from '../support/program.ts';
import { layOut, openStage, type Stage } from '../support/stage.ts';

// One backend gives another a setting, or its ID token: a Conjur in front of a Vault.

const ROLE = canary();
const VALUE = canary();
let vault: Rehearsal;
let stage: Stage;

beforeAll(async () => {
  vault = await startRehearsal(
    {
      backend: 'vault',
      issuerKey,
      options: new Map([['role', ROLE]]),
      secrets: new Map([['app/key', [Buffer.from(VALUE)]]]),
    },
    systemRuntime(),
  );
  stage = await openStage({
    forbidden: ['prod/closed'],
    secrets: new Map([
      ['prod/role', Buffer.from(`${ROLE}\n`)],
      ['prod/json', Buffer.from(JSON.stringify({ role: ROLE }))],
      ['prod/lines', Buffer.from('two\nlines')],
      ['prod/token', Buffer.from(await vault.token())],
      ['prod/other', Buffer.from('other')],
      ['prod/closed', Buffer.from('closed')],
    ]),
  });
});

afterAll(async () => {
  await stage.close();
  await vault.close();
});

beforeEach(() => {
  stage.tidy();
});

/** The requests that one run made at each server. */
async function run(role: string, args: readonly string[], more = ''): Promise<Finished & { requests: number[] }> {
  const conjur = stage.rehearsal;
  const settings = Object.entries(conjur.configuration()).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
  layOut(stage, {
    'secretctl.yaml': [
      'default-backend: vault',
      'backends:',
      '  conjur:',
      ...settings,
      `    ca-file: ${conjur.caFile}`,
      '  vault:',
      '    type: vault',
      `    url: ${vault.url}`,
      `    ca-file: ${vault.caFile}`,
      '    mount: secret',
      `    role: ${role}`,
      more,
    ].join('\n'),
  });
  const before = [conjur.requests.length, vault.requests.length];
  const clean = Object.fromEntries(
    Object.keys(conjur.environment())
      .filter((name) => name.startsWith('CONJUR_'))
      .map((name) => [name, undefined]),
  );
  const finished = await stage.run([...args], { env: { ...clean, VAULT_TOKEN_JWT: await vault.token() } });
  return {
    ...finished,
    requests: [conjur.requests.length - (before[0] ?? 0), vault.requests.length - (before[1] ?? 0)],
  };
}

const OWN_TOKEN = '    token: { env: VAULT_TOKEN_JWT }';

describe('a setting of one backend that another one gives', () => {
  test.each(['secretctl:conjur:prod/role', 'secretctl:conjur:prod/json#role'])('%s', async (role) => {
    const finished = await run(
      role,
      ['fetch', 'KEY=app/key', 'OTHER=conjur:prod/other', '--format', 'json'],
      OWN_TOKEN,
    );
    expect(finished.stderr).toBe('');
    expect(JSON.parse(finished.stdout.toString())).toEqual({ KEY: VALUE, OTHER: 'other' });
    expect(finished.exit).toBe(0);
  });

  test('nothing of it is kept or shown, with all there is to say', async () => {
    const finished = await run('secretctl:conjur:prod/role', ['fetch', 'KEY=app/nothing', '--debug'], OWN_TOKEN);
    expect(finished.exit).toBe(67);
    expect(finished.stderr).toContain('app/nothing');
    expect(finished.stderr).not.toContain(ROLE);
    expect(stage.leaks(finished, [])).toEqual([]);
  });

  test.each<[string, string, number, string]>([
    ['is not there', 'secretctl:conjur:prod/nothing', 67, 'SECRET_NOT_FOUND'],
    ['may not be read', 'secretctl:conjur:prod/closed', 77, 'SECRET_DENIED'],
    ['has no such field', 'secretctl:conjur:prod/json#rule', 67, 'FIELD_NOT_FOUND'],
    ['is nothing that the setting takes', 'secretctl:conjur:prod/lines', 78, 'CONFIG_INVALID'],
  ])('one that %s ends the run before the second backend hears of it', async (_, role, exit, reason) => {
    const finished = await run(role, ['fetch', 'KEY=app/key'], OWN_TOKEN);
    expect(finished.stderr).toContain(`error[${reason}]`);
    expect(finished).toMatchObject({ exit, stdout: Buffer.from('') });
    expect(finished.requests[1]).toBe(0);
  });

  test.each<[string, string, number, RegExp]>([
    ['itself', 'secretctl:app/role', 78, /role closes a circle: vault needs vault/],
    ['nobody', 'secretctl:', 78, /must be secretctl: and a reference/],
    ['no reference', 'secretctl:conjur:a#', 64, /role: /],
  ])('one that names %s is a fault of the configuration', async (_, role, exit, message) => {
    const finished = await run(`"${role}"`, ['fetch', 'KEY=app/key'], OWN_TOKEN);
    expect(finished.stderr).toMatch(message);
    expect(finished).toMatchObject({ exit, requests: [0, 0] });
  });

  test('the plan names it and sends nothing', async () => {
    const finished = await run('secretctl:conjur:prod/role', ['fetch', 'KEY=app/key', '--dry-run'], OWN_TOKEN);
    expect(finished.stdout.toString()).toMatch(
      /backend conjur .*vault\.role.*backend vault .*role +secret conjur:prod\/role, which is read first/s,
    );
    expect(finished).toMatchObject({ exit: 0, requests: [0, 0] });
  });

  test('login says that nothing is kept, logout is content', async () => {
    const login = await run('secretctl:conjur:prod/role', ['login', '--backend', 'vault'], OWN_TOKEN);
    expect(login.stderr).toContain('nothing is kept for vault');
    expect(login).toMatchObject({ exit: 0, requests: [0, 0] });
    expect(await run('secretctl:conjur:prod/role', ['logout', '--backend', 'vault'], OWN_TOKEN)).toMatchObject({
      exit: 0,
      stderr: '',
    });
  });
});

describe('an ID token that another backend gives', () => {
  const CHAINED = '    token: { secret: conjur:prod/token }';

  test('is exchanged like any other', async () => {
    const finished = await run(ROLE, ['fetch', 'KEY=app/key', '--format', 'json'], CHAINED);
    expect(finished.stderr).toBe('');
    expect(JSON.parse(finished.stdout.toString())).toEqual({ KEY: VALUE });
  });

  test('is judged like any other', async () => {
    const finished = await run(ROLE, ['fetch', 'KEY=app/key'], '    token: { secret: conjur:prod/other }');
    expect(finished.stderr).toContain('error[TOKEN_FORMAT]');
    expect(finished.stderr).toContain('secret conjur:prod/other');
    expect(finished.requests[1]).toBe(0);
  });

  test('excludes every other place', async () => {
    const finished = await run(
      ROLE,
      ['fetch', 'KEY=app/key'],
      '    token: { secret: conjur:prod/token, env: VAULT_TOKEN_JWT }',
    );
    expect(finished.stderr).toContain('exclude each other');
    expect(finished).toMatchObject({ exit: 78, requests: [0, 0] });
  });
});
