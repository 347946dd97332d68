import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../src/app/connection.ts';
import { hearing } from '../../../src/app/hide.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import type { HiddenValue } from '../../../src/output/types.ts';
import { load } from '../../support/configured.ts';
import { invocationIn } from '../../support/invocation.ts';

test('what another backend gave a recipe, and every secret setting, is hidden as soon as it is used', async () => {
  const one = {
    type: 'token-exchange',
    url: 'https://127.0.0.1:1/token',
    'client-id': 'ci',
  };
  const env = { SECRETCTL_TOKEN_EXCHANGE_CLIENT_SECRET: 'a client secret' };
  const { settings } = await load({
    files: { 'secretctl.yaml': JSON.stringify({ backends: { one } }) },
    args: ['x'],
    env,
  });
  const [backend] = settings?.backends ?? [];
  if (settings === undefined || backend === undefined) throw new Error('no backend');
  const values = { ...backend.values, parameters: { user: 'ci', password: new Sensitive('given by another') } };
  const hidden: string[] = [];
  const hide = (_: string, secret: Sensitive): void => void hidden.push(secret.reveal().toString());
  const connection = await connect({ ...backend, values }, settings.general, invocationIn(), hide);
  onTestFinished(() => connection.close());
  expect(hidden.toSorted()).toEqual(['a client secret', 'given by another']);
});

test('of a token the signature is hidden too, of a password with dots no part, and nothing twice', () => {
  const tokens: HiddenValue[] = [];
  const hide = hearing(() => undefined, tokens);
  for (const text of ['p.a.true', 'head.claims.signature-of-it', 'p.a.true']) {
    hide('login secret', new Sensitive(text));
  }
  hide('NAME', new Sensitive('a.secret.of-sixteen-letters'));
  const texts = tokens.map(({ value }) => value.reveal().toString());
  expect(texts).toEqual(['p.a.true', 'head.claims.signature-of-it']);
  hide('ID token', new Sensitive('head.claims.signature-of-it-and-more'));
  expect(tokens.at(-1)?.value.reveal().toString()).toBe('signature-of-it-and-more');
});
