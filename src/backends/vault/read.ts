import { unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, type JsonObject, jsonText, member, numberMember, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { quoted, visible } from '../../lib/text.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import type { Outcome, Refused } from '../types.ts';
import { envelopeOf, rejected, warningsOf, wordsOf } from './answers.ts';
import type { Api } from './api.ts';
import type { Mount } from './mounts.ts';
import type { Wanted } from './references.ts';
import { encoded, mintTarget, readTarget, type Target, wrapped } from './requests.ts';
import type { VaultValues } from './settings.ts';
import { isWrapped, type Unwrapped, wrappingToken } from './wrapping.ts';

/** One request, and the references that it brings. */
export interface Read {
  readonly target: Target;
  readonly mount: Mount;
  readonly wanted: readonly Wanted[];
}

/** What is wrong with all references of a read. */
type Refusal = Omit<Refused, 'ref'>;

/** A secret as it came. */
interface Found {
  readonly fields: JsonObject;
  /** The text that the positions in `fields` mean. */
  readonly source: string;
  readonly version?: number;
}

/** One read for each distinct path and version; where it stays wrapped one for each reference, as each token is good for one use. */
export function readsFor(values: VaultValues, wanted: readonly (readonly [Wanted, Mount])[]): readonly Read[] {
  const seconds = values['wrap-for'];
  const reads = wanted.map(([one, mount]) => ({ target: targetFor(values, one, mount), mount, one }));
  if (seconds !== undefined) {
    return reads.map(({ target, mount, one }) => ({ target: wrapped(target, seconds), mount, wanted: [one] }));
  }
  return [...Map.groupBy(reads, ({ target }) => target.path).values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, wanted: group.map(({ one }) => one) }];
  });
}

/** In a plan, before the mount is known, `data` stands in braces: version 2 has it in its paths, nothing else. */
export function targetFor(values: VaultValues, { path, ref }: Wanted, mount: Mount): Target {
  const inside = path.slice(mount.path.length + 1);
  if (mount.engine === 'other') return mintTarget(values, encoded(path));
  if (mount.engine === 'kv-v1') return readTarget(values, encoded(path));
  return readTarget(values, `${encoded(mount.path)}/data/${encoded(inside)}`, ref.version);
}

/** One outcome for each reference of a read. */
export async function readSecret(api: Api, accessToken: AccessToken, read: Read): Promise<Outcome[]> {
  const answer = await api.send(read.target, accessToken);
  if (api.values['wrap-for'] !== undefined && answer.status < 400) return wrappedOutcomes(answer, read, api);
  const found = foundIn(answer, read, api);
  return read.wanted.map((one) => {
    if ('refusal' in found) return { ref: one.ref, ...found };
    if (one.ref.version !== undefined && one.ref.version !== found.version) {
      throw unexpected(answer, 'holds another version than was asked for');
    }
    return outcomeFor(one, found, api.values);
  });
}

/** Outcomes for what was wrapped in a token of somebody else. */
export function unwrappedOutcomes(
  { envelope, source, request }: Unwrapped,
  wanted: readonly Wanted[],
  values: VaultValues,
): readonly Outcome[] {
  const data = member(envelope, 'data');
  if (data?.kind !== 'object') {
    return wanted.map(({ ref }) => ({ ref, refusal: 'missing', reason: 'what was wrapped is no secret' }));
  }
  const found = isVersioned(data) ? versionIn(data, source, request) : { fields: data, source };
  return wanted.map((one) => ('refusal' in found ? { ref: one.ref, ...found } : outcomeFor(one, found, values)));
}

/** The path does not tell the engine that wrapped it, its shape does. */
function isVersioned(data: JsonObject): boolean {
  const metadata = member(data, 'metadata');
  return data.members.size === 2 && data.members.has('data') && textMember(metadata, 'created_time') !== undefined;
}

function wrappedOutcomes(answer: HttpAnswer, { target, wanted }: Read, { invocation }: Api): Outcome[] {
  const envelope = envelopeOf(answer, invocation.journal);
  const [path = ''] = target.path.split('?', 1);
  const value = wrappingToken(envelope, decodeURIComponent(path).replace(/^\/v1\//, ''), answer.request);
  return wanted.map(({ ref }) => ({ ref, value, rest: [] }));
}

/** A request and what came. */
interface Asked {
  readonly answer: HttpAnswer;
  readonly read: Read;
}

function foundIn(answer: HttpAnswer, read: Read, api: Api): Found | Refusal {
  const { request } = answer;
  const { target, mount } = read;
  if (answer.status === 403) {
    const guess = mount.isGuess ? '; which engine is mounted there may not be asked either, kv-v2 was assumed' : '';
    const reason = `may not be read: ${answer.status}${wordsOf(answer)} to GET ${visible(target.path)}${guess}`;
    return { refusal: 'forbidden', reason };
  }
  if (answer.status >= 400 && answer.status !== 404) throw rejected(answer);
  const envelope = envelopeOf(answer, api.invocation.journal);
  const data = member(envelope, 'data');
  if (answer.status === 404) return missing(envelope, data, { answer, read });
  if (isWrapped(envelope)) return { refusal: 'forbidden', reason: WRAPPED };
  if (data?.kind !== 'object') throw unexpected({ request }, 'has no "data"');
  const source = answer.body.toString('utf8');
  return mount.engine === 'kv-v2' ? versionIn(data, source, request) : { fields: data, source };
}

const WRAPPED =
  'came wrapped, though nobody asked for that: a control group has to approve each read of it, which a job cannot wait for, or a proxy adds X-Vault-Wrap-TTL';

/** A secret of version 2 lies beside what is known of its version. */
function versionIn(data: JsonObject, source: string, request: string): Found | Refusal {
  const metadata = member(data, 'metadata');
  const fields = member(data, 'data');
  const version = numberMember(metadata, 'version');
  const isWhole = metadata?.kind === 'object' && fields !== undefined && data.repeated.size === 0;
  if (!isWhole || version === undefined) throw unexpected({ request }, 'is not one of a key-value engine of version 2');
  if (fields.kind === 'object') return { fields, source, version };
  return goneIn(metadata) ?? { refusal: 'missing', reason: 'its version holds nothing' };
}

/**
 * That nothing is there is believed only of an answer that is the server's and says no more than that: a default may take
 * the secret's place then. Whatever a 404 says besides is about the path.
 */
function missing(envelope: JsonObject, data: Json | undefined, { answer, read: { mount, target } }: Asked): Refusal {
  const gone = goneIn(member(data, 'metadata'));
  if (gone !== undefined) return gone;
  const isWrongStyle = warningsOf(envelope).some((warning) => /versioned K\/V/i.test(warning));
  if (isWrongStyle) return { refusal: 'forbidden', reason: 'the mount is one of kv-v2: engine must be kv-v2' };
  if (member(envelope, 'errors')?.kind !== 'array' && data === undefined)
    throw unexpected(answer, 'is no answer of Vault');
  const words = wordsOf(answer);
  if (words !== '')
    return { refusal: 'forbidden', reason: `cannot be read: 404${words} to GET ${visible(target.path)}` };
  if (mount.isGuess && mount.engine === 'kv-v2') {
    const reason =
      'nothing is there in kv-v2, which is only assumed: which engine is mounted may not be asked; set engine';
    return { refusal: 'forbidden', reason };
  }
  return { refusal: 'missing', reason: 'no secret at this path, or no such version' };
}

/** What became of a version that was there (conjur-vault.md, 3.4). */
function goneIn(metadata: Json | undefined): Refusal | undefined {
  const destroyed = member(metadata, 'destroyed');
  if (destroyed?.kind === 'literal' && destroyed.value === true) {
    return { refusal: 'missing', reason: 'its version was destroyed' };
  }
  const deleted = textMember(metadata, 'deletion_time') ?? '';
  return deleted === '' ? undefined : { refusal: 'missing', reason: `its version was deleted at ${visible(deleted)}` };
}

/** The field in use where neither the reference nor a setting names one. */
const USUAL_FIELD = 'value';

function outcomeFor({ ref, field, rest, isWhole }: Wanted, found: Found, values: VaultValues): Outcome {
  const { fields, source, version } = found;
  const facts = { ref, rest, ...(version !== undefined && { version: `${version}` }) };
  if (isWhole) return { ...facts, value: new Sensitive(jsonText(fields, source)) };
  const name = field ?? (fields.members.has(USUAL_FIELD) ? USUAL_FIELD : undefined);
  if (name === undefined) return { ...facts, value: new Sensitive(jsonText(fields, source)) };
  const json = fields.members.get(name);
  if (json === undefined) return { ref, refusal: 'missing', reason: `it has no field ${quoted(name)}` };
  if (fields.repeated.has(name))
    throw new SecretctlError('UNEXPECTED_ANSWER', `${visible(ref.text)} has ${quoted(name)} twice`);
  if (json.kind === 'literal' && json.value === null) return { ref, refusal: 'missing', reason: 'the field is null' };
  const text = jsonText(json, source);
  if (!text.isWellFormed())
    throw new SecretctlError('UNEXPECTED_ANSWER', `${visible(ref.text)} holds half a character (a lone surrogate)`);
  return { ...facts, value: bytesOf(text, name, ref.text, values) };
}

function bytesOf(text: string, name: string, reference: string, values: VaultValues): Sensitive {
  if (values['binary-fields']?.includes(name) !== true) return new Sensitive(text);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') === text.replaceAll(/\s/g, '').replace(/=+$/, ''))
    return new Sensitive(bytes);
  throw new SecretctlError('UNEXPECTED_ANSWER', `${visible(reference)}: the field ${quoted(name)} is not base64`, {
    hint: 'binary-fields names fields that always hold base64 text',
  });
}
