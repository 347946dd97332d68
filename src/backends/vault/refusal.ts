import { factsOf } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { rejected, wordsOf } from './answers.ts';
import type { VaultValues } from './settings.ts';

/**
 * Why a login was refused, which is nearly always 400 here: AUTH_REFUSED with what the server's words mean; BAD_REQUEST
 * for a path that the server does not know (conjur-vault.md, 3.2).
 */
export function loginRefusal(answer: HttpAnswer, values: VaultValues): SecretctlError {
  const words = wordsOf(answer);
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) {
    const hint = HINTS.find(([pattern]) => pattern.test(words))?.[1];
    const facts = factsOf(answer);
    const isNamespaceMissing = values.namespace === undefined && UNSEEN.test(words);
    return new SecretctlError('AUTH_REFUSED', `the server refused ${answer.request}: ${answer.status}${words}`, {
      ...facts,
      hint: [...(hint === undefined ? [] : [hint]), ...(isNamespaceMissing ? [NAMESPACE_HINT] : [])],
    });
  }
  return rejected(answer, 'auth-path must name the mount of the JWT method, url the server without /v1');
}

/** A mount or a role that is not seen. */
const UNSEEN = /missing role|could not be found|could not load configuration|permission denied/;
const NAMESPACE_HINT = 'a mount or role in a namespace is only seen with namespace set';

/** What the words of a refusal mean. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/missing role/, 'the mount has no default_role: set role'],
  [/role .* could not be found/, 'the mount has no such role: check role and auth-path'],
  [/oidc role_type/, 'the role was made for people at a browser: it needs role_type=jwt'],
  [/no audiences bound/, 'the role must have bound_audiences with the audience of the ID token'],
  [
    /error validating claims/,
    'the ID token does not say what bound_claims of the role ask for; types count, "22" is not 22',
  ],
  [/user_claim|not found in token/, 'the claim that user_claim of the role names is not in the ID token'],
  [/could not load configuration/, 'the JWT method is mounted but not configured'],
  [/\(iss\)/, 'bound_issuer of the method must be the issuer of the ID token, character by character'],
  [/\(sub\)/, 'bound_subject of the role must be the subject of the ID token; it has no wildcards'],
  [/\(aud\)/, 'bound_audiences of the role must have the audience of the ID token'],
  [/\((?:exp|nbf|iat)\)/, 'by the clock of the server the ID token is over, or not valid yet; 60 s are forgiven'],
  [/signature/, "the method must have the keys of the ID token's issuer, and allow its algorithm"],
  [/token validator/, "the server cannot fetch the issuer's keys"],
  [/permission denied/, 'there is no such mount, or token_bound_cidrs of the role leave this machine out'],
];
