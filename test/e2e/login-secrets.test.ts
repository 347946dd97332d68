import { afterAll, beforeAll, expect, test } from 'vitest';
import { canary, findLeaks } from '../support/canaries.ts';
import { answer, startFaultyServer } from '../support/faulty-server.ts';
import { runProgram } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

// What a backend shows of itself is a secret like those that it brings, and a hostile server repeats it.

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

test.each<[string, (secret: string) => Readonly<Record<string, string>>]>([
  ['protegrity', (secret) => ({ SECRETCTL_PROTEGRITY_LOGIN_NAME: 'ci', SECRETCTL_PROTEGRITY_PASSWORD: secret })],
  [
    'token-exchange',
    (secret) => ({ SECRETCTL_TOKEN_EXCHANGE_CLIENT_ID: 'ci', SECRETCTL_TOKEN_EXCHANGE_CLIENT_SECRET: secret }),
  ],
  ['token-exchange', (secret) => ({ SECRETCTL_TOKEN_EXCHANGE_ACTOR_TOKEN: secret })],
  ['vault', (secret) => ({ SECRETCTL_VAULT_WRAPPED_PATH: 'secret/data/app', SECRETCTL_VAULT_WRAPPING_TOKEN: secret })],
])('%s: what it logs in with is in no message, whole or in part', async (type, settings) => {
  const secret = canary();
  const said = [secret, secret.slice(2, 14), Buffer.from(secret).toString('base64')].join(' ');
  const body = { error: said, error_description: said, errors: [said], messages: [said], message: said };
  for (const status of [400, 401, 403, 404, 418]) {
    const server = await startFaultyServer(() => [answer(status, JSON.stringify(body))]);
    const env = { ...stage.env, SECRETCTL_ALLOWED_ORIGINS: server.url.origin, ...settings(secret) };
    const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CONJUR_')));
    const more = ['--backend', type, '--url', server.url.origin, '--debug'];
    const run = await runProgram(['fetch', '--format', 'json', 'A=a/b', ...more], { cwd: stage.cwd, env: clean });
    await server.close();
    expect(run.exit).not.toBe(0);
    expect(run.stderr).toContain(`${status}`);
    expect(findLeaks('stderr', run.stderr, [secret])).toEqual([]);
  }
});
