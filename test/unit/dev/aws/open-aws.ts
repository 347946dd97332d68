import { signatureHeaders } from '../../../../src/backends/aws/sign.ts';
import { parseXml, childOf, childText } from '../../../../src/backends/aws/xml.ts';
import type { AccessKey } from '../../../../src/backends/aws/access-key.ts';
import { type Rehearsal, type RehearsalOptions, startRehearsal } from '../../../../src/dev/index.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import { call, type CallAnswer } from '../../../support/call.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

const SECRETS = new Map([
  ['app/key', [Buffer.from('first'), Buffer.from('second')]],
  ['app/db', [Buffer.from('{"user":"shop"}')]],
  ['binary', [Buffer.from([0, 255])]],
]);

/** A rehearsed account that holds a few secrets and one that may not be read. */
export function openAws(
  options: Readonly<Record<string, string>> = {},
  more: Partial<RehearsalOptions> = {},
): Promise<Rehearsal> {
  const forbidden = new Set(['private']);
  const variant = new Map(Object.entries(options));
  return startRehearsal(
    { backend: 'aws', issuerKey, secrets: SECRETS, forbidden, options: variant, ...more },
    systemRuntime(),
  );
}

/** The form of a good exchange, with these fields in place of its own; null leaves one out. */
export async function assumeRole(
  rehearsal: Rehearsal,
  fields: Readonly<Record<string, string | null>> = {},
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/x-www-form-urlencoded' },
): Promise<CallAnswer> {
  const form = {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: 'arn:aws:iam::123456789012:role/ci',
    RoleSessionName: 'test',
    WebIdentityToken: await rehearsal.token(),
    ...fields,
  };
  const given = Object.entries(form).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return call(rehearsal, 'POST', '/sts/', { headers, body: new URLSearchParams(Object.fromEntries(given)).toString() });
}

/** The credentials of a good exchange. */
export async function credentials(rehearsal: Rehearsal): Promise<AccessKey> {
  const { text } = await assumeRole(rehearsal);
  const found = childOf(childOf(parseXml(text), 'AssumeRoleWithWebIdentityResult'), 'Credentials');
  return {
    id: childText(found, 'AccessKeyId') ?? '',
    secret: childText(found, 'SecretAccessKey') ?? '',
    sessionToken: childText(found, 'SessionToken') ?? '',
  };
}

/** What differs from a good request. */
export interface Asking {
  readonly target?: string;
  readonly input?: object | string;
  readonly path?: string;
  readonly region?: string;
  readonly service?: string;
  readonly atMs?: number;
  readonly contentType?: string;
  readonly key?: Partial<AccessKey>;
  /** Headers that replace those that were signed. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A signed request. */
export async function ask(rehearsal: Rehearsal, key: AccessKey, asking: Asking = {}): Promise<CallAnswer> {
  const { target = 'secretsmanager.GetSecretValue', input = { SecretId: 'app/key' }, region = 'eu-central-1' } = asking;
  const isSsm = target.startsWith('AmazonSSM.');
  const { path = isSsm ? '/ssm/' : '/', service = isSsm ? 'ssm' : 'secretsmanager', atMs = Date.now() } = asking;
  const { contentType = 'application/x-amz-json-1.1' } = asking;
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  const headers = { 'content-type': contentType, 'x-amz-target': target };
  const endpoint = new URL(path, rehearsal.url);
  const signable = { endpoint, service, region, headers, body: new Sensitive(body), atMs };
  const signed = signatureHeaders(signable, { ...key, ...asking.key });
  const shown = Object.entries(signed).map(([name, value]) => [name, value.reveal().toString()]);
  return call(rehearsal, 'POST', path, {
    headers: { ...headers, ...Object.fromEntries(shown), ...asking.headers },
    body,
  });
}

/** The code in a refusal, or the answer itself. */
export function codeOf({ status, text }: CallAnswer): string {
  const json = JSON.parse(text) as { readonly __type?: string };
  return `${status} ${json.__type ?? text}`;
}
