import { audienceOf, chooseSubject, issuerOf, keysOf } from '../../lib/choose-claims.ts';
import { literal } from '../../lib/literal.ts';
import type { Policy, PolicyRequest } from '../types.ts';

const TITLE = 'Next-Gen Trust Security';

/** The fields of a built-in account with workload identity (pam-cloud.md, 3.1). */
export function venafiPolicy(request: PolicyRequest): Policy {
  const { claims } = request.subjectToken;
  const chosen = chooseSubject(claims, request.wish, TITLE);
  const keys = keysOf(claims);
  const fields = [
    ['Subject', chosen.identity.value],
    ['Issuer URL', issuerOf(claims).exact],
    ['JWKS URI', keys.url],
    ['Audience', audienceOf(claims, request.audience, TITLE)],
    ['Scope', 'certificate-issuance'],
  ] as const;
  return {
    documents: [
      {
        name: 'built-in-account.txt',
        use: 'the fields of a new built-in account whose authentication is workload identity federation',
        text: fields.map(([name, value]) => `${name}: ${literal(value)}\n`).join(''),
      },
    ],
    notes: [
      ...chosen.notes,
      ...keys.notes,
      'one issuer and subject is one account; the token URL that it shows goes into the configuration (token-url)',
      'the JWKS URI must be reachable from the internet, and a new account may be refused for some minutes',
      'the account reads certificates of the applications that its teams own',
    ],
  };
}
