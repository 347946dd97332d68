import { SecretctlError } from '../../lib/errors.ts';
import { type Json, jsonIn, type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import { readPlainFile } from '../../lib/plain-file.ts';
import type { FileSystem } from '../../lib/runtime.ts';
import { quoted, visible } from '../../lib/text.ts';
import type { NoTokenPlace, TokenPlace } from '../types.ts';
import { type GcpValues, iamOf, providerName, stsOf } from './settings.ts';

/** What a file of type external_account says of who logs in. */
export interface FileIdentity {
  /** Full name of the provider. */
  readonly provider: string;
  readonly serviceAccount: string | undefined;
  readonly lifetimeSeconds: number | undefined;
  readonly tokenType: 'jwt' | 'id_token';
  readonly quotaProject: string | undefined;
}

/** No such file is anywhere near it. */
const MOST_BYTES = 64 * 1024;

const TYPES: Readonly<Record<string, 'jwt' | 'id_token'>> = {
  'urn:ietf:params:oauth:token-type:jwt': 'jwt',
  'urn:ietf:params:oauth:token-type:id_token': 'id_token',
};

/**
 * Reads a credential configuration of type external_account (pam-cloud.md, 4.2). Its addresses must be those that the
 * settings say or that Google publishes: a file alone sends no ID token anywhere. Throws CONFIG_MISSING or CONFIG_INVALID.
 */
export function readCredentialsFile(path: string, values: GcpValues, fs: FileSystem): FileIdentity {
  const json = objectIn(path, fs);
  const type = textMember(json, 'type');
  if (type !== 'external_account') {
    throw invalid(path, `is of type ${quoted(type ?? '')} and not of external_account, the one for ID tokens`);
  }
  const provider = providerName(textMember(json, 'audience') ?? '');
  if (/\/workforcePools\//.test(textMember(json, 'audience') ?? '')) {
    throw invalid(path, 'is of a workforce pool, which is for people: jobs log in by a workload identity pool');
  }
  if (provider === undefined) throw invalid(path, 'names no provider of a workload identity pool as its "audience"');
  const tokenType = TYPES[textMember(json, 'subject_token_type') ?? ''];
  if (tokenType === undefined) throw invalid(path, 'is not for ID tokens, by its "subject_token_type"');
  refuseOtherUniverse(json, values, path);
  refuseElsewhere(textMember(json, 'token_url'), {
    expected: below(stsOf(values).url, '/v1/token'),
    setting: 'sts-url',
    path,
  });
  return {
    provider,
    tokenType,
    serviceAccount: serviceAccountIn(json, values, path),
    lifetimeSeconds: numberMember(member(json, 'service_account_impersonation'), 'token_lifetime_seconds'),
    quotaProject: textMember(json, 'quota_project_id'),
  };
}

/**
 * Where its `credential_source` says that the ID token is: a file, as it is or a member of the JSON in it. An address or a
 * program there is not followed: the sources ask the CI themselves, and a file alone has no request sent and nothing run.
 */
export function tokenPlaceIn(path: string, fs: FileSystem): TokenPlace | NoTokenPlace {
  const source = member(objectIn(path, fs), 'credential_source');
  const file = textMember(source, 'file') ?? '';
  if (file === '')
    return { noFile: `${quoted(path)} has ${wayIn(source)} in its credential_source, which is not followed` };
  const format = member(source, 'format');
  const kind = format === undefined ? 'text' : (textMember(format, 'type') ?? 'text');
  if (kind === 'text') return { file };
  const fileMember = textMember(format, 'subject_token_field_name') ?? '';
  if (kind === 'json' && fileMember !== '') return { file, fileMember };
  throw invalid(path, 'has a "credential_source" in a format that is neither text nor json with a field name');
}

/** What stands there in place of a file. */
function wayIn(source: Json | undefined): string {
  const ways = [
    ['url', 'a url'],
    ['executable', 'an executable'],
    ['certificate', 'a certificate'],
    ['environment_id', 'an environment_id'],
  ] as const;
  return ways.find(([name]) => member(source, name) !== undefined)?.[1] ?? 'no file';
}

function objectIn(path: string, fs: FileSystem): JsonObject {
  const file = readPlainFile(path, { mostBytes: MOST_BYTES }, fs);
  if (!('bytes' in file)) {
    throw new SecretctlError('CONFIG_MISSING', `the credentials file ${quoted(path)} ${file.phrase}`, { hint: HINT });
  }
  const json = file.bytes.length > MOST_BYTES ? undefined : jsonIn(file.bytes);
  if (json?.kind !== 'object') throw invalid(path, 'is not a JSON object');
  return json;
}

const HINT =
  'set provider, or let credentials-file (GOOGLE_APPLICATION_CREDENTIALS) name a file of type external_account';

function refuseOtherUniverse(json: Json, values: GcpValues, path: string): void {
  const universe = textMember(json, 'universe_domain');
  if (universe === undefined || universe === values['universe-domain']) return;
  throw invalid(path, `is of the universe ${quoted(universe)}: universe-domain must say the same`);
}

function serviceAccountIn(json: Json, values: GcpValues, path: string): string | undefined {
  const url = textMember(json, 'service_account_impersonation_url');
  if (url === undefined) return undefined;
  const email = /\/serviceAccounts\/(?<email>[a-z0-9.@-]+):generateAccessToken$/.exec(url)?.groups?.['email'];
  if (email === undefined) throw invalid(path, 'names no service account in its "service_account_impersonation_url"');
  const expected = below(iamOf(values).url, `/v1/projects/-/serviceAccounts/${email}:generateAccessToken`);
  refuseElsewhere(url, { expected, setting: 'iam-credentials-url', path });
  return email;
}

interface Expected {
  readonly expected: string;
  /** Key of the setting that would allow another address. */
  readonly setting: string;
  readonly path: string;
}

function refuseElsewhere(url: string | undefined, { expected, setting, path }: Expected): void {
  if (url === expected) return;
  const origin = url !== undefined && URL.canParse(url) ? new URL(url).origin : 'nowhere';
  throw invalid(path, `leads to ${visible(origin)} and not to ${visible(expected)}: ${setting} must say so first`);
}

function below(base: URL, path: string): string {
  return `${base.origin}${base.pathname.replace(/\/+$/, '')}${path}`;
}

function invalid(path: string, what: string): SecretctlError {
  return new SecretctlError('CONFIG_INVALID', `the credentials file ${quoted(path)} ${what}`, { hint: HINT });
}
