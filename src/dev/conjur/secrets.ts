import type { ServerReply } from '../types.ts';
import { type Appliance, findVariable, type Variable, variablePath } from './appliance.ts';
import { bare, failure, json, JSON_TYPE, notFound, unprocessable } from './replies.ts';
import type { RoutedRequest } from './requests.ts';

/** Values older than the newest 20 are gone. */
const KEPT_VERSIONS = 20;

/** `GET /secrets/{account}/variable/{id}[?version=N]`: the raw bytes (conjur-vault.md, 1.4). */
export function readOne(
  appliance: Appliance,
  target: { account: string; id: string },
  { query }: RoutedRequest,
): ServerReply {
  const fullId = `${target.account}:variable:${target.id}`;
  const version = query.get('version');
  if (version !== undefined && !/^-?[0-9]{1,9}$/.test(version))
    return unprocessable("invalid type for parameter 'version'");
  const variable = target.account === appliance.account ? findVariable(appliance, target.id) : undefined;
  if (variable === undefined || !variable.isVisible) return notFound(fullId);
  if (!variable.mayExecute) return bare(403);
  const value = valueAt(variable, version === undefined ? undefined : Number(version));
  if (value === undefined) return notFound(fullId);
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: value };
}

/** Versions count from 1. */
function valueAt({ versions }: Variable, version: number | undefined): Buffer | undefined {
  if (version === undefined) return versions.at(-1);
  const isKept = version > versions.length - KEPT_VERSIONS && version >= 1;
  return isKept ? versions[version - 1] : undefined;
}

/** `POST /secrets/{account}/variable/{id}`: this host has no `update`, so the best it can get is a refusal. */
export function writeOne(
  appliance: Appliance,
  target: { account: string; id: string },
  routed: RoutedRequest,
): ServerReply {
  if (appliance.options.replica) return failure(405, 405, 'Write operations are not allowed');
  if (routed.request.body.length === 0) return unprocessable("'value' may not be empty");
  const variable = target.account === appliance.account ? findVariable(appliance, target.id) : undefined;
  return variable?.isVisible === true ? bare(403) : notFound(`${target.account}:variable:${target.id}`);
}

/** `GET /secrets?variable_ids=…`: all or nothing, in the edition's order of checks (1.5). */
export function readBatch(appliance: Appliance, { query, request }: RoutedRequest): ServerReply {
  // The query is decoded first and split then: no id can hold a comma.
  const ids = (query.get('variable_ids') ?? '').split(',');
  if (ids.includes('')) return unprocessable('variable_ids');
  const found = ids.map((fullId) => ({
    fullId,
    variable: findVariable(appliance, variablePath(appliance, fullId) ?? ''),
  }));
  const refusal = appliance.options.edition === 'saas' ? refuseSaas(ids, found) : refuseOss(ids, found);
  if (refusal !== undefined) return refusal;
  const isBase64 = request.headers['accept-encoding']?.toLowerCase() === 'base64';
  return batchReply(appliance, found, isBase64);
}

type Found = readonly { readonly fullId: string; readonly variable: Variable | undefined }[];

/** What may not be read comes first, even if it is hidden from this host. */
function refuseOss(ids: readonly string[], found: Found): ServerReply | undefined {
  if (found.some(({ variable }) => variable?.mayExecute === false)) return bare(403);
  const missing = found.find(({ variable }) => variable === undefined);
  if (missing !== undefined) return notFound(missing.fullId);
  // Fewer rows than ids, and none of them missing: nobody thought of that.
  if (new Set(ids).size < ids.length) return bare(500);
  return withoutValue(found);
}

function refuseSaas(ids: readonly string[], found: Found): ServerReply | undefined {
  const repeated = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (repeated.length > 0) {
    const message = `CONJ00160E The request contains duplicated variable ids: ${repeated.join(', ')}`;
    return failure(400, 'bad_request', message);
  }
  const missing = found.find(({ variable }) => variable === undefined);
  if (missing !== undefined) return notFound(missing.fullId);
  if (found.some(({ variable }) => variable?.mayExecute === false)) return bare(403);
  return withoutValue(found);
}

function withoutValue(found: Found): ServerReply | undefined {
  const unset = found.find(({ variable }) => variable?.versions.length === 0);
  return unset === undefined ? undefined : notFound(unset.fullId);
}

function batchReply({ options }: Appliance, found: Found, isBase64: boolean): ServerReply {
  const values = found.map(({ fullId, variable }) => [fullId, variable?.versions.at(-1) ?? Buffer.alloc(0)] as const);
  if (!isBase64) {
    const texts = values.map(([fullId, value]) => [fullId, utf8(value)] as const);
    if (texts.some(([, value]) => value === undefined)) return failure(406, 'not_acceptable', TRY_BASE64);
    return json(200, Object.fromEntries(texts));
  }
  const encoded = values.map(([fullId, value]) => [fullId, mimeBase64(value)] as const);
  // Put together by hand: an id may be `__proto__`.
  const body = `{${encoded.map((pair) => pair.map((part) => JSON.stringify(part)).join(':')).join(',')}}`;
  return {
    status: 200,
    headers: { 'content-type': JSON_TYPE, ...(options.rewritingProxy ? {} : { 'content-encoding': 'base64' }) },
    body,
  };
}

const TRY_BASE64 =
  "CONJ00074E Issue encoding secret into JSON format, try including 'Accept-Encoding: base64' header in request.";

/** Ruby's `encode64`: a line feed after every 60 characters and at the end. */
function mimeBase64(value: Buffer): string {
  return value.toString('base64').replace(/.{1,60}/g, '$&\n');
}

function utf8(value: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}
