import { describe, expect, test } from 'vitest';
import { load } from '../../support/configured.ts';

const BASE = `
backends:
  c: { type: conjur, url: "https://c.example", account: a, service-id: s, ca-file: /ca.pem, token: { env: T, audience: aud } }
  d: { type: conjur, url: "https://d.example", account: b, service-id: s }
default-backend: c
timeout: 10s
secrets:
  SHORT: x/y
  LONG: { path: p/q, backend: d, version: 2, field: f, optional: true, default: z, file: true }
`;

async function under(profile: string): ReturnType<typeof load> {
  return load({ files: { 'secretctl.yaml': `${BASE}profiles:\n  p: ${profile}\n` }, flags: { profile: 'p' } });
}

describe('a profile', () => {
  test.each([
    ['replaces a scalar', '{ timeout: 20s }', { general: { timeoutMs: 20_000 } }],
    ['leaves the rest', '{ format: json }', { general: { timeoutMs: 10_000 }, output: { format: 'json' } }],
    [
      'merges a backend',
      '{ backends: { c: { account: z } } }',
      { backends: [{ values: { account: 'z', 'service-id': 's' }, tls: { caFile: '/ca.pem' } }, {}] },
    ],
    [
      'adds a backend',
      '{ backends: { e: { type: fortipam, url: "https://e.example" } } }',
      { backends: [{}, {}, { name: 'e', type: 'fortipam' }] },
    ],
    [
      'merges a token',
      '{ backends: { c: { token: { audience: other } } } }',
      { backends: [{ token: { env: 'T', audience: 'other' } }, {}] },
    ],
    [
      'replaces the place of a token',
      '{ backends: { c: { token: { file: /f } } } }',
      { backends: [{ token: { file: '/f', audience: 'aud' } }, {}] },
    ],
    [
      'replaces certificates',
      '{ backends: { c: { ca: PEM } } }',
      { backends: [{ tls: { ca: 'PEM', caFile: undefined } }, {}] },
    ],
    [
      'replaces a backend of another type',
      '{ backends: { c: { type: fortipam, url: "https://f.example" } } }',
      { backends: [{ type: 'fortipam', token: {}, tls: { caFile: undefined } }, {}] },
    ],
    [
      'chooses the default backend',
      '{ default-backend: d }',
      { defaultBackend: 'd', chosenBackend: undefined, secrets: [{ ref: { backend: 'd' } }, {}] },
    ],
  ])('%s', async (_, profile, expected) => {
    expect((await under(profile)).settings).toMatchObject(expected);
  });

  test.each([
    ['takes a secret away', '{ secrets: { SHORT: null } }', ['LONG=p/q v2 f optional file z']],
    ['adds one', '{ secrets: { NEW: n } }', ['SHORT=x/y', 'LONG=p/q v2 f optional file z', 'NEW=n']],
    [
      'says where one is and keeps how it is handed over',
      '{ secrets: { LONG: n } }',
      ['SHORT=x/y', 'LONG=n optional file z'],
    ],
    [
      'changes how one is handed over',
      '{ secrets: { SHORT: { file: true } } }',
      ['SHORT=x/y file', 'LONG=p/q v2 f optional file z'],
    ],
    [
      'changes the version alone',
      '{ secrets: { LONG: { version: 3 } } }',
      ['SHORT=x/y', 'LONG=p/q v3 f optional file z'],
    ],
    [
      'knows nothing of one that is not there',
      '{ secrets: { OTHER: null } }',
      ['SHORT=x/y', 'LONG=p/q v2 f optional file z'],
    ],
  ])('%s', async (_, profile, expected) => {
    const { settings } = await under(profile);
    const shown = settings?.secrets.map(({ ref, optional, file, default: standIn }) =>
      [
        `${ref.name}=${ref.path}`,
        ref.version !== undefined && `v${ref.version}`,
        ...ref.field,
        optional && 'optional',
        file && 'file',
        standIn,
      ]
        .filter(Boolean)
        .join(' '),
    );
    expect(shown).toEqual(expected);
  });

  test('that is not there is refused with the nearest one', async () => {
    const { error } = await load({
      files: { 'secretctl.yaml': `${BASE}profiles:\n  staging: {}\n` },
      flags: { profile: 'stagng' },
    });
    expect(error?.message).toMatch(/did you mean "staging"/);
  });
});
