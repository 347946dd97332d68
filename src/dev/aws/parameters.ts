import { type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import type { JsonFailure } from './replies.ts';
import { type Account, denied, textsIn } from './secrets-manager.ts';
import type { Session } from './sessions.ts';
import { findParameter, type Holding, isParameter, parameterName, type Store, type Version } from './store.ts';

const MOST = 10;

/** GetParameters: up to ten. One that may not be read has the whole request refused. */
export function getParameters(input: JsonObject, signer: Session, { store, options }: Account): object | JsonFailure {
  const names = textsIn(member(input, 'Names')) ?? [];
  const ids = names.map((name) => partsOf(name).id);
  if (names.length === 0 || names.length > MOST || new Set(ids).size < ids.length) {
    return invalid(`at 'names' failed to satisfy constraint: 1 to ${MOST} different members`);
  }
  const isRefused = options.parameters === 'one-by-one' || options.parameters === 'none';
  const closed = isRefused ? ids[0] : ids.find((id) => findParameter(store, id)?.isForbidden === true);
  if (closed !== undefined) return denied(signer, 'ssm:GetParameters', closed);
  const found = names.map((name) => [name, lookUp(store, name)] as const);
  return {
    // Sorted, whatever was asked first.
    Parameters: found
      .flatMap(([name, one]) => ('code' in one ? [] : [shown(one, input, name)]))
      .toSorted((left, right) => (left.Name < right.Name ? -1 : 1)),
    InvalidParameters: found.flatMap(([name, one]) => ('code' in one ? [name] : [])),
  };
}

/** GetParameter: one. */
export function getParameter(input: JsonObject, signer: Session, { store, options }: Account): object | JsonFailure {
  const name = textMember(input, 'Name');
  if (name === undefined) return invalid("Value null at 'name'");
  const { id } = partsOf(name);
  const isRefused = options.parameters === 'together' || options.parameters === 'none';
  if (isRefused || findParameter(store, id)?.isForbidden === true) return denied(signer, 'ssm:GetParameter', id);
  const found = lookUp(store, name);
  return 'code' in found ? found : { Parameter: shown(found, input, name) };
}

/** GetParametersByPath: what lies below, in pages. */
export function getParametersByPath(input: JsonObject, signer: Session, account: Account): object | JsonFailure {
  const { store, options } = account;
  const path = textMember(input, 'Path') ?? '';
  const most = numberMember(input, 'MaxResults') ?? MOST;
  if (!/^\/[\w./-]*$/.test(path) || most < 1 || most > MOST) return invalid("at 'path' or 'maxResults'");
  const start = path.endsWith('/') ? path : `${path}/`;
  const below = store.filter(
    (one) => isParameter(one) && parameterName(one).startsWith(start) && one.versions.length > 0,
  );
  const isClosed = store.some((one) => one.isForbidden && parameterName(one).startsWith(start));
  if (isClosed) return denied(signer, 'ssm:GetParametersByPath', path);
  const isRecursive = isTrue(input, 'Recursive');
  const listed = below.filter((one) => isRecursive || !parameterName(one).slice(start.length).includes('/'));
  const at = Number(textMember(input, 'NextToken') ?? '0');
  if (options['empty-pages'] === 'on' && at % 1 === 0) return { Parameters: [], NextToken: `${at + 0.5}` };
  const from = Math.floor(at);
  const next = from + Math.min(most, options.page);
  const page = listed.slice(from, next).flatMap((holding) => {
    const version = holding.versions.at(-1);
    return version === undefined ? [] : [shown({ holding, version, selector: '' }, input, parameterName(holding))];
  });
  return { Parameters: page, ...(next < listed.length && { NextToken: `${next}` }) };
}

interface Located {
  readonly holding: Holding;
  readonly version: Version;
  readonly selector: string;
}

function lookUp(store: Store, name: string): Located | JsonFailure {
  const { id, selector } = partsOf(name);
  const holding = findParameter(store, id);
  if (holding === undefined || holding.versions.length === 0) return { code: 'ParameterNotFound', message: '' };
  const wanted = selector.slice(1);
  const version =
    wanted === '' ? holding.versions.at(-1) : holding.versions.find(({ number }) => `${number}` === wanted);
  if (version !== undefined) return { holding, version, selector };
  return { code: 'ParameterVersionNotFound', message: `Systems Manager could not find version ${wanted} of ${id}.` };
}

/** A name or an ARN, and the colon with what follows it, or nothing. */
function partsOf(name: string): { readonly id: string; readonly selector: string } {
  const end = name.indexOf(':', name.startsWith('arn:') ? name.indexOf(':parameter/') + 1 : 0);
  return end < 0 ? { id: name, selector: '' } : { id: name.slice(0, end), selector: name.slice(end) };
}

/** Without decryption a value is what KMS made of it. */
function shown({ holding, version, selector }: Located, input: JsonObject, name: string) {
  const text = version.value.toString('utf8');
  return {
    ARN: holding.parameterArn,
    DataType: 'text',
    LastModifiedDate: 1_700_000_000.5,
    Name: name.startsWith('/') ? parameterName(holding) : partsOf(name).id,
    ...(selector !== '' && { Selector: selector }),
    Type: 'SecureString',
    Value: isTrue(input, 'WithDecryption') ? text : `AQICAH${Buffer.from(version.id).toString('base64')}`,
    Version: version.number,
  };
}

function isTrue(input: JsonObject, name: string): boolean {
  const found = member(input, name);
  return found?.kind === 'literal' && found.value === true;
}

function invalid(message: string): JsonFailure {
  return { code: 'ValidationException', message: `1 validation error detected: ${message}` };
}
