import { SecretctlError } from '../../lib/errors.ts';
import type { Deadline } from '../../lib/deadline.ts';
import type { HttpClient } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { quoted } from '../../lib/text.ts';
import type { BackendContext } from '../types.ts';
import { finalStatuses, judge, reading, rulesFor, type Verdict } from './answers.ts';
import { plainText, valueAt } from './json-path.ts';
import type { Pending, Recipe, Request } from './recipe.ts';
import { authorizationHeaders, pathOf, render } from './render.ts';
import type { HttpBackendValues } from './settings.ts';
import { openText, type Values } from './values.ts';

/** What every request is sent with. */
export interface Sender {
  readonly recipe: Recipe;
  readonly context: BackendContext<HttpBackendValues>;
}

/** What differs between one sending and another. */
export interface Sending {
  /** Set once there is an access token, which then goes with the request. */
  readonly isLoggedIn: boolean;
  readonly maxAnswerBytes: number;
  /** Stands in for the command's. */
  readonly deadline?: Deadline;
  /** A link of the answer before, in place of the request's path. */
  readonly link?: string;
}

/** Sends a request and judges its answer; as long as that says "not yet", it is sent again, a bounded number of times. */
export async function send(sender: Sender, request: Request, values: Values, sending: Sending): Promise<Verdict> {
  const { pending } = request;
  for (let count = 1; ; count++) {
    const verdict = await sendOnce(sender, request, values, sending);
    if (pending === undefined || !isPending(verdict, pending)) return verdict;
    if (count >= pending['at-most']) {
      throw new SecretctlError('UNAVAILABLE', `${shownRequest(request)} is still not ready after ${count} tries`, {
        hint: 'it may be later: run the job again',
      });
    }
    const { runtime, deadline } = sender.context.invocation;
    await runtime.sleep(pending.every, (sending.deadline ?? deadline).signal);
    (sending.deadline ?? deadline).signal.throwIfAborted();
  }
}

async function sendOnce(
  { recipe, context }: Sender,
  request: Request,
  values: Values,
  sending: Sending,
): Promise<Verdict> {
  const { client, path } = destination(context, recipe, request, { values, link: sending.link });
  const target = render(request, values, path);
  const rules = rulesFor(recipe, request);
  const token = sending.isLoggedIn && !request.anonymous ? authorizationHeaders(recipe, values) : {};
  const answer = await client.send({
    ...target,
    secretHeaders: { ...token, ...target.secretHeaders },
    maxAnswerBytes: sending.maxAnswerBytes,
    finalStatuses: [...finalStatuses(rules), ...(request.pending?.statuses ?? [])],
    ...(sending.deadline !== undefined && { deadline: sending.deadline }),
  });
  return judge(answer, rules, request.answer, (word) => holdsSecret(word, values));
}

/** Whether a word of an answer quotes one of the secrets; of a few letters it would be chance. */
function holdsSecret(word: string, values: Values): boolean {
  const texts = [...values.values()].flatMap((value) =>
    value instanceof Sensitive ? [value.reveal().toString('utf8')] : [],
  );
  return texts.some((text) => text.length >= 4 && word.includes(text));
}

interface Destination {
  readonly client: HttpClient;
  readonly path: string;
}

interface Whereto {
  readonly values: Values;
  readonly link: string | undefined;
}

/** The client that a request goes through: the backend's own, a service's, or the one of these that a link belongs to. */
function destination(
  context: BackendContext<HttpBackendValues>,
  recipe: Recipe,
  request: Request,
  { values, link }: Whereto,
): Destination {
  const given = link ?? (request.link && openText(request.link, values));
  if (given !== undefined) return destinationOf(given, context, recipe);
  const client = request.service === undefined ? context.http : context.service(request.service);
  return { client, path: pathOf(request, values) };
}

/**
 * A URL that an answer gave, perhaps relative. Only to the addresses that the description names: wherever else it may
 * lead, no token goes there. Throws ENDPOINT_NOT_ALLOWED.
 */
function destinationOf(link: string, context: BackendContext<HttpBackendValues>, recipe: Recipe): Destination {
  const clients = [context.http, ...Object.keys(recipe.services).map((name) => context.service(name))];
  const url = URL.canParse(link, context.http.endpoint.href) ? new URL(link, context.http.endpoint) : undefined;
  for (const client of clients) {
    const base = client.endpoint.pathname.replace(/\/+$/, '');
    if (url === undefined || url.origin !== client.endpoint.origin || url.username !== '' || url.password !== '')
      continue;
    if (url.pathname.startsWith(`${base}/`)) return { client, path: `${url.pathname.slice(base.length)}${url.search}` };
  }
  throw new SecretctlError(
    'ENDPOINT_NOT_ALLOWED',
    `an answer leads to ${quoted(url?.origin ?? 'no URL')}, which is none of this backend's addresses`,
    {
      hint: 'nothing was sent there; an address that belongs to the product is named under "services" in its recipe',
    },
  );
}

function isPending(verdict: Verdict, pending: Pending): boolean {
  if (verdict.kind !== 'ok') return pending.statuses.includes(verdict.status);
  if (pending.statuses.includes(verdict.answer.status)) return true;
  const { json } = verdict;
  const path = pending.json;
  if (path === undefined || json === undefined) return false;
  const found = reading(verdict.answer, () => plainText(valueAt(json, path, () => undefined)));
  return found !== undefined && pending.is.includes(found);
}

function shownRequest({ path, link }: Request): string {
  const parts = (path ?? link)?.parts ?? [];
  return parts.map((part) => (typeof part === 'string' ? part : `{${part.name}}`)).join('');
}
