import { isLoggingIn, type PlannedRequest } from '../backends/types.ts';
import type { OutputSettings, SecretRequest, Settings } from '../config/types.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { SecretRef } from '../lib/secrets.ts';
import { duration, visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { findSubjectToken } from '../sources/index.ts';
import type { ToAsk } from '../sources/types.ts';
import { withGivers } from './chain.ts';
import { refsOf } from './collect.ts';
import { type Connection, connect } from './connection.ts';
import { mayLeave } from './exchange.ts';
import type { Hide } from './hide.ts';
import { type OutputPlan, planOutputs, type TextOutput } from './output-plan.ts';

/**
 * What `fetch` would do, as text for a person: where the ID token comes from and the claims a backend looks at, the
 * endpoint, the requests, and what goes where. Reads and judges the ID token as `fetch` would and throws as it would,
 * but sends no packet and starts no program: of a token that comes that way it says only how.
 */
export async function planFetch(settings: Settings, invocation: Invocation, hide: Hide): Promise<string> {
  const plan = await planOutputs(settings, invocation);
  const lines = await backendPlans({ ...settings, secrets: plan.requests }, invocation, hide);
  return `${[...lines, ...outputLines(plan, settings.output)].join('\n')}\n`;
}

/** The part of a plan that says what is asked of which backend, in lines. */
export async function backendPlans(settings: Settings, invocation: Invocation, hide: Hide): Promise<string[]> {
  const lines: string[] = [];
  const backends = withGivers(new Set(settings.secrets.map(({ ref }) => ref.backend)), settings);
  const given = backends.flatMap(({ chained }) => chained.map(({ ref }) => ref));
  for (const backend of backends) {
    const connection = await connect(backend, settings.general, invocation, hide);
    try {
      const idToken = await idTokenOf(connection);
      const asked = given.filter((ref) => ref.backend === backend.name);
      const refs = [...asked, ...refsOf(backend.name, settings.secrets)];
      lines.push(...backendLines(connection, idToken, refs, invocation.runtime.now()), '');
    } finally {
      await connection.close();
    }
  }
  return lines;
}

/** The ID token if it is here now, judged: some backends take none, some get it from another backend. */
async function idTokenOf(connection: Connection): Promise<SubjectToken | ToAsk | undefined> {
  const { backend, settings, invocation, hide } = connection;
  if (isLoggingIn(backend) || settings.chained.some(({ key }) => key === 'token')) return undefined;
  const found = await findSubjectToken(settings.token, { ...invocation, hide });
  if ('ask' in found) return found;
  hide('ID token', found.jwt);
  await mayLeave(connection, found);
  return found;
}

function backendLines(
  { backend, type, endpoints, services, settings }: Connection,
  idToken: SubjectToken | ToAsk | undefined,
  refs: readonly SecretRef[],
  nowMs: number,
): string[] {
  const [first, ...fallbacks] = endpoints.map((endpoint) => visible(endpoint.href));
  return [
    `backend ${visible(backend.name)} (${type.title})`,
    ...table([
      ['endpoint', first ?? ''],
      ...fallbacks.map((url): Row => ['or', url]),
      ...services.map(({ name, url }): Row => [name, visible(url.href)]),
      ...settings.chained.map(({ key, ref }): Row => [key, `secret ${visible(ref.text)}, which is read first`]),
      ...(idToken === undefined ? [] : tokenRows(idToken, nowMs)),
    ]),
    '  requests',
    ...backend.plan(refs).map((request) => `    ${requestLine(request)}`),
  ];
}

/** A name and what there is to say of it. */
export type Row = readonly [name: string, fact: string];

function tokenRows(idToken: SubjectToken | ToAsk, nowMs: number): Row[] {
  if ('ask' in idToken) return [['ID token', `would come from: ${idToken.plan}`]];
  const { claims, header, origin } = idToken;
  const { iss, sub, aud, exp, iat } = claims;
  const left = exp === undefined ? 'never' : `in ${duration(exp * 1000 - nowMs)}`;
  const life = exp === undefined || iat === undefined ? '' : `, lifetime ${duration((exp - iat) * 1000)}`;
  return [
    ['ID token', visible(origin)],
    ['issuer', visible(iss ?? 'none')],
    ['audience', visible(aud.length === 0 ? 'none' : aud.join(', '))],
    ['subject', visible(sub ?? 'none')],
    ['ends', `${left}${life}`],
    ['signed', visible(`${header.alg}, key ${header.kid ?? 'without a name'}`)],
  ];
}

function requestLine({ purpose, method, origin = '', path, brings }: PlannedRequest): string {
  const about = purpose === 'exchange' ? 'exchange, unless an access token is kept' : purpose;
  const words = purpose === 'exchange' && brings.length > 0 ? [`${about}; brings`, ...brings] : [about, ...brings];
  return `${method} ${visible(`${origin}${path}`)}  (${words.join(' ')})`;
}

function outputLines({ requests, files, text }: OutputPlan, { encode }: OutputSettings): string[] {
  const encoding = encode === undefined ? '' : `, values in ${encode}`;
  const written = text?.hasPathsOnly === true ? '' : encoding;
  const lines = text === undefined ? [] : [`${text.what} to ${placeOf(text)}${written}`];
  if (files === undefined) return [...lines, ...table(requests.map((request) => secretRow(request)))];
  return [
    ...lines,
    `files in ${visible(files)}, mode 0700, each of mode 0600${encoding}`,
    ...table(requests.map((request) => fileRow(request))),
  ];
}

function placeOf({ target: { file, append, isForLog }, hasPathsOnly }: TextOutput): string {
  if (file === undefined) return isForLog && !hasPathsOnly ? 'the log of the job, as commands' : 'standard output';
  return append ? `the end of ${visible(file)}` : `${visible(file)}, mode 0600`;
}

function fileRow(request: SecretRequest): Row {
  const [name, fact] = secretRow(request);
  return [request.ref.every === true ? `one for each of ${name}` : (request.fileName ?? name), fact];
}

/** Where a secret comes from, as a row. */
export function secretRow({ ref, optional, default: standIn }: SecretRequest): Row {
  const without = standIn === undefined ? 'left out' : 'its default';
  return [ref.name, `${visible(ref.text)}${optional ? ` (optional: ${without} when it does not exist)` : ''}`];
}

/** Two columns, indented. */
export function table(rows: readonly Row[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, fact]) => `  ${name.padEnd(width)}  ${fact}`);
}
