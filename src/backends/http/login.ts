import { SecretctlError } from '../../lib/errors.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { visible } from '../../lib/text.ts';
import type { AccessToken, SubjectToken } from '../../lib/tokens.ts';
import { AccessTokenRefused } from '../types.ts';
import { type Accepted, badRequest, type Failed } from './answers.ts';
import { lifeOf } from './expiry.ts';
import { outputsIn } from './extract.ts';
import { plainText } from './json-path.ts';
import { packed, unpacked } from './kept-values.ts';
import { takesIdToken } from './places.ts';
import type { Expiry, LoginStep } from './recipe.ts';
import { send, type Sender } from './sender.ts';
import { type Value, type Values, withValues } from './values.ts';

const LOGIN_ANSWER_BYTES = 64 * 1024;

/**
 * The steps of the login, in order. Throws AUTH_REFUSED for a refusal, BAD_REQUEST for a request that the server did
 * not understand, and UNEXPECTED_ANSWER where an output is missing.
 */
export async function logIn(sender: Sender, values: Values, idToken: SubjectToken | undefined): Promise<AccessToken> {
  const { recipe } = sender;
  let known = idToken === undefined ? values : withValues(values, idTokenValues(idToken));
  let granted: Accepted | undefined;
  for (const step of recipe.login) {
    const verdict = await send(sender, step.request, known, { isLoggedIn: false, maxAnswerBytes: LOGIN_ANSWER_BYTES });
    if (verdict.kind !== 'ok') throw refusal(sender, verdict);
    known = withOutputs(step, verdict, known);
    if (Object.hasOwn(step.outputs, 'token')) granted = verdict;
  }
  if (granted === undefined) throw new SecretctlError('INTERNAL', 'a recipe whose login gives no token');
  return tokenOf(sender, known, granted, recipe.expires);
}

/** A new access token for one that is about to end. Throws {@link AccessTokenRefused} where it is too old already. */
export async function refreshed(sender: Sender, values: Values, accessToken: AccessToken): Promise<AccessToken> {
  const { recipe } = sender;
  const step = recipe.refresh;
  if (step === undefined) throw new SecretctlError('INTERNAL', 'a recipe without refresh');
  const known = withValues(values, unpacked(recipe, accessToken.value));
  const verdict = await send(sender, step.request, known, { isLoggedIn: true, maxAnswerBytes: LOGIN_ANSWER_BYTES });
  if (verdict.kind === 'rejected') throw badRequest(verdict);
  if (verdict.kind !== 'ok') throw new AccessTokenRefused();
  return tokenOf(sender, withOutputs(step, verdict, known), verdict, step.expires ?? recipe.expires);
}

/** Ends the access token's life. One that the server no longer takes has ended already. */
export async function logOut(sender: Sender, values: Values, accessToken: AccessToken): Promise<void> {
  const { recipe } = sender;
  if (recipe.logout === undefined) return;
  const known = withValues(values, unpacked(recipe, accessToken.value));
  const request = { ...recipe.logout, answer: 'none' as const };
  const verdict = await send(sender, request, known, { isLoggedIn: true, maxAnswerBytes: LOGIN_ANSWER_BYTES });
  if (verdict.kind === 'rejected' || verdict.kind === 'forbidden') throw badRequest(verdict);
}

function withOutputs({ outputs }: Pick<LoginStep, 'outputs'>, accepted: Accepted, known: Values): Values {
  const found = outputsIn(outputs, accepted, known, 'secret');
  return withValues(known, Object.fromEntries(Object.entries(found).map(([name, value]) => [`login.${name}`, value])));
}

function tokenOf(sender: Sender, known: Values, granted: Accepted, rules: readonly Expiry[]): AccessToken {
  const token = known.get('login.token');
  const secret = token instanceof Sensitive ? token : new Sensitive(typeof token === 'string' ? token : '');
  const life = lifeOf(rules, granted, secret, sender.context.invocation.runtime.now());
  return { value: packed(sender.recipe, known), ...life };
}

/** The token itself and its claims of one text each. */
function idTokenValues({ jwt, claims }: SubjectToken): Readonly<Record<string, Value>> {
  const texts = [...claims.all.members].flatMap(([name, json]) => {
    const text = plainText(json);
    return text === undefined ? [] : [[`claims.${name}`, text] as const];
  });
  return { ...Object.fromEntries(texts), 'id-token': jwt };
}

function refusal({ recipe, context }: Sender, verdict: Failed): SecretctlError {
  if (verdict.kind === 'rejected' || verdict.kind === 'missing') return badRequest(verdict);
  const who = visible(recipe.title ?? context.name);
  const what = takesIdToken(recipe) ? 'the ID token' : 'the login';
  return new SecretctlError(
    'AUTH_REFUSED',
    `${who} refused ${what}: ${verdict.status}${verdict.code} to ${verdict.answer.request}`,
    {
      hint: takesIdToken(recipe)
        ? 'issuer, audience and the claims that the server binds must be those of this job; the parameters must name what it is bound to'
        : 'the parameters are not what the server takes',
    },
  );
}
