import { describe, expect, test } from 'vitest';
import { type Reason, SecretctlError } from '../../../src/lib/errors.ts';
import { checkToken, readToken, type TokenRules } from '../../../src/lib/jwt.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { craftToken, RS256 } from '../../support/craft.ts';
import { invocationIn } from '../../support/invocation.ts';

const NOW = 1_800_000_000;
const AUDIENCE = 'https://conjur.example.test';
const ISSUER = 'https://gitlab.example.test';

const CONJUR: TokenRules = {
  algorithms: ['RS256', 'RS384', 'RS512'],
  requiredClaims: ['exp', 'iss'],
  longestTokenSeconds: undefined,
  audience: AUDIENCE,
  issuer: undefined,
  toLoopback: false,
};

interface Attempt {
  readonly header?: unknown;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly rules?: Partial<TokenRules>;
}

const sent = 'sent';

/** What came of it: `sent`, or the reason; how long it slept; what it said. */
async function attempt({ header = RS256, claims = {}, rules = {} }: Attempt) {
  const slept: number[] = [];
  const invocation = invocationIn({ now: () => NOW * 1000, sleep: async (ms) => void slept.push(ms) });
  const all = { iss: ISSUER, aud: AUDIENCE, iat: NOW - 10, exp: NOW + 290, ...claims };
  const token = readToken(new Sensitive(craftToken(header, all)), 'variable X');
  const result = await checkToken(token, { ...CONJUR, ...rules }, invocation).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (result !== undefined && !(result instanceof SecretctlError))
    throw new Error('not one of ours', { cause: result });
  const warnings = invocation.lines.filter((line) => line.includes('warning:')).join('\n');
  const text = [result?.message, ...(result?.hints ?? [])].join('\n');
  return { reason: result?.reason ?? sent, text, slept, warnings };
}

/** Row number, what is tried, what comes of it, what is said. */
type Row = readonly [row: number, name: string, what: Attempt, outcome: Reason | 'sent', says?: RegExp];

describe('may this token leave?', () => {
  const rows: readonly Row[] = [
    [10, 'none', { header: { alg: 'none' } }, 'ALG_REFUSED'],
    [10, 'NoNe', { header: { alg: 'NoNe' } }, 'ALG_REFUSED'],
    [10, 'none to this machine', { header: { alg: 'none' }, rules: { toLoopback: true } }, 'ALG_REFUSED'],
    [11, 'HS256', { header: { alg: 'HS256' } }, 'ALG_REFUSED', /RS256, RS384, RS512/],
    [11, 'hs256', { header: { alg: 'hs256' } }, 'ALG_REFUSED'],
    [11, 'HS256 although a list has it', { header: { alg: 'HS256' }, rules: { algorithms: ['HS256'] } }, 'ALG_REFUSED'],
    [11, 'HS256 to this machine', { header: { alg: 'HS256' }, rules: { toLoopback: true } }, sent],
    [12, 'ES256', { header: { alg: 'ES256' } }, 'ALG_REFUSED', /"ES256"[^]*RS256, RS384, RS512/],
    [12, 'rs256', { header: { alg: 'rs256' } }, 'ALG_REFUSED'],
    [13, 'no exp', { claims: { exp: undefined } }, 'TOKEN_NO_EXP'],
    [13, 'no exp where none is required', { claims: { exp: undefined }, rules: { requiredClaims: [] } }, sent],
    [14, 'exp a fraction', { claims: { exp: NOW + 290.5 } }, sent],
    [
      15,
      'expired 10 min ago',
      { claims: { iat: NOW - 900, exp: NOW - 600 } },
      'TOKEN_EXPIRED',
      /expired 10 min ago; the job token's life is 5 min/,
    ],
    [15, 'expired 61 s ago', { claims: { iat: NOW - 99, exp: NOW - 61 } }, 'TOKEN_EXPIRED'],
    [15, 'expired 59 s ago, within the skew', { claims: { iat: NOW - 99, exp: NOW - 59 } }, sent],
    [16, 'expires in 5 s', { claims: { exp: NOW + 5 } }, sent],
    [17, 'nbf 3 s ahead', { claims: { nbf: NOW + 3 } }, sent],
    [17, 'nbf 10 min ahead', { claims: { nbf: NOW + 600, exp: NOW + 900 } }, 'TOKEN_NOT_YET_VALID', /10 min[^]*clock/],
    [17, 'iat 61 s ahead', { claims: { iat: NOW + 61 } }, 'TOKEN_NOT_YET_VALID'],
    [
      18,
      'lifetime 7,201 s',
      { claims: { iat: NOW, exp: NOW + 7201 }, rules: { longestTokenSeconds: 7200 } },
      'TOKEN_LIFETIME',
      /7,201 s > 7,200 s/,
    ],
    [19, 'lifetime 7,200 s', { claims: { iat: NOW, exp: NOW + 7200 }, rules: { longestTokenSeconds: 7200 } }, sent],
    [
      18,
      'no iat where it is required',
      { claims: { iat: undefined }, rules: { requiredClaims: ['iat'] } },
      'TOKEN_LIFETIME',
    ],
    [
      20,
      'audience differs',
      { claims: { aud: 'https://other.example.test' } },
      'TOKEN_AUDIENCE',
      /other\.example[^]*conjur\.example/,
    ],
    [20, 'audience differs by a slash', { claims: { aud: `${AUDIENCE}/` } }, 'TOKEN_AUDIENCE'],
    [20, 'audiences without it', { claims: { aud: ['a', 'b'] } }, 'TOKEN_AUDIENCE', /"a", "b"/],
    [20, 'audiences with it', { claims: { aud: ['a', AUDIENCE] } }, sent],
    [20, 'no audience', { claims: { aud: undefined } }, 'TOKEN_AUDIENCE', /no audience/],
    [20, 'no audience, none configured', { claims: { aud: undefined }, rules: { audience: undefined } }, sent],
    [
      20,
      'no audience, required',
      { claims: { aud: undefined }, rules: { audience: undefined, requiredClaims: ['aud'] } },
      'TOKEN_AUDIENCE',
    ],
    [20, 'no issuer, required', { claims: { iss: undefined } }, 'TOKEN_ISSUER'],
    [
      20,
      'another issuer',
      { rules: { issuer: 'gitlab.example.test' } },
      'TOKEN_ISSUER',
      /"https:\/\/gitlab[^]*"gitlab[^]*to the letter/,
    ],
    [22, 'crit', { header: { ...RS256, crit: ['exp'] } }, 'TOKEN_CRIT'],
    [22, 'crit, empty', { header: { ...RS256, crit: null } }, 'TOKEN_CRIT'],
  ];

  for (const [row, name, what, outcome, says = /(?:)/] of rows) {
    test(`row ${row}: ${name}`, async () => {
      const { reason, text } = await attempt(what);
      expect(reason).toBe(outcome);
      expect(text).toMatch(says);
    });
  }

  test('row 23: escapes in a claim are shown escaped', async () => {
    const { text } = await attempt({ claims: { aud: '\u001b[31m::set-env x' } });
    expect(text).not.toMatch(/\u001b|::/);
    expect(text).toContain('\\u{1b}');
  });

  test('many audiences are cut', async () => {
    const { text } = await attempt({ claims: { aud: Array.from({ length: 500 }, (_, index) => `audience-${index}`) } });
    expect(text).toContain('and 495 more');
    expect(text.length).toBeLessThan(1000);
  });
});

describe('waiting for a token to become valid', () => {
  test.each([
    ['nbf', { nbf: NOW + 3 }, [3000]],
    ['iat', { iat: NOW + 2 }, [2000]],
    ['the later of the two', { nbf: NOW + 1, iat: NOW + 4 }, [4000]],
    ['never longer than 5 s', { iat: NOW + 59 }, [5000]],
    ['not at all for one that is valid', { nbf: NOW, iat: NOW }, []],
  ])('%s', async (_, claims, slept) => {
    expect(await attempt({ claims })).toMatchObject({ reason: 'sent', slept });
  });

  test('not for one that is refused anyway', async () => {
    expect(await attempt({ claims: { nbf: NOW + 3, aud: 'x' } })).toMatchObject({
      reason: 'TOKEN_AUDIENCE',
      slept: [],
    });
  });
});

describe('the warning about a short life', () => {
  test.each([
    ['5 s', { exp: NOW + 5 }, /expires in 5 s, before the time budget of 60 s ends/],
    [
      'over by our clock',
      { iat: NOW - 90, exp: NOW - 20 },
      /the ID token expired 20 s ago by this machine's clock; it is still sent, because clocks may be 60 s apart$/,
    ],
    ['longer than the budget', { exp: NOW + 61 }, /^$/],
  ])('%s', async (_, claims, says) => {
    expect((await attempt({ claims })).warnings).toMatch(says);
  });
});
