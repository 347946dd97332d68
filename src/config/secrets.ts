import { BACKENDS } from '../backends/index.ts';
import { chainedReference } from '../lib/chain.ts';
import { isSetByCi } from '../lib/ci.ts';
import { SecretctlError } from '../lib/errors.ts';
import { isPlainIdentifier, onOff, plainFileName } from '../lib/parsers.ts';
import {
  deriveName,
  type ParsedReference,
  parseReference,
  type ReferenceContext,
  referenceOf,
} from '../lib/reference.ts';
import { nearest, quoted, visible } from '../lib/text.ts';
import { fieldOf, settingValue } from './check-file.ts';
import type { Faults, Origin } from './faults.ts';
import { entriesOf, type FileNode, isNull, type MapNode, nodeAt, textOf } from './nodes.ts';
import type { NamingSettings, SecretRequest } from './types.ts';

/** What references and names are understood by. */
interface NamingContext extends ReferenceContext {
  readonly naming: NamingSettings;
}

/** Most secrets of one run (security.md, section 5). */
const MOST_SECRETS = 1000;

/**
 * What is asked for: the arguments, each `NAME=REF`, the name of a configured secret or a bare `REF`; without
 * arguments, every configured secret. Faults of either go to `faults`.
 */
export function readSecrets(
  args: readonly string[],
  file: FileNode | undefined,
  context: NamingContext,
  faults: Faults,
): readonly SecretRequest[] {
  const configured = entriesOf(nodeAt(file, ['secrets']))
    .filter(([, { value }]) => !isNull(value))
    .map(([name, { value }]) => attempt({ kind: 'file', at: value.at }, faults, () => fromFile(name, value, context)))
    .filter((request) => request !== undefined);
  const asked = args
    .map((argument, index) =>
      attempt({ kind: 'argument', index }, faults, () => fromArgument(argument, configured, context)),
    )
    .filter((request) => request !== undefined);
  const requests = prefixed(args.length > 0 ? asked : configured, context.naming.prefix, faults);
  reportClashes(requests, faults);
  reportFileClashes(requests, faults);
  if (requests.length > MOST_SECRETS) {
    faults.add(undefined, `${requests.length} secrets are asked for; the limit of one run is ${MOST_SECRETS}`);
  }
  return requests;
}

/**
 * What the variables ask for that hold `secretctl:` and a reference, each by the variable's own name, after what is asked
 * for anyway. Ours are settings, which have chains of their own. Faults go to `faults`.
 */
export function withEnvironment(
  requests: readonly SecretRequest[],
  env: Readonly<Record<string, string | undefined>>,
  context: NamingContext,
  faults: Faults,
): readonly SecretRequest[] {
  const found = Object.entries(env).flatMap(([name, value]) => {
    // Whoever writes the message of a commit does not choose what is fetched.
    const text = name.startsWith('SECRETCTL_') || isSetByCi(name) ? undefined : chainedReference(value ?? '');
    if (text === undefined) return [];
    const read = (): SecretRequest => plainRequest(name, parseReference(text, context), { isNamed: true, context });
    return attempt({ kind: 'variable', name }, faults, read) ?? [];
  });
  const all = [...requests, ...found];
  if (found.length > 0) reportClashes(all, faults);
  return all;
}

/** The same requests, their names with the prefix. Where it makes too long a name, that is a fault. */
function prefixed(requests: readonly SecretRequest[], prefix: string, faults: Faults): readonly SecretRequest[] {
  if (prefix === '') return requests;
  const renamed = requests.map((request) => ({ ...request, ref: { ...request.ref, name: prefix + request.ref.name } }));
  for (const { ref } of renamed) {
    if (isPlainIdentifier(ref.name)) continue;
    faults.add(undefined, `with its prefix, the name for ${quoted(ref.text)} is too long`, 'NAME_INVALID');
  }
  return renamed;
}

function attempt<T>(origin: Origin, faults: Faults, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SecretctlError)) throw error;
    faults.add(origin, error.message, error.reason, error.hints);
    return undefined;
  }
}

function fromArgument(argument: string, configured: readonly SecretRequest[], context: NamingContext): SecretRequest {
  const named = configured.find((request) => request.ref.name === argument);
  if (named !== undefined) return named;
  const [name, text] = splitName(argument);
  const parsed = parseReference(text, context);
  if (name === undefined)
    return plainRequest(deriveName(parsed, context.naming.keepsCase), parsed, { isNamed: false, context });
  if (isPlainIdentifier(name)) return plainRequest(name, parsed, { isNamed: true, context });
  const plain = nearest(
    name,
    configured.map((request) => request.ref.name),
  );
  throw new SecretctlError('NAME_INVALID', `${quoted(name)} cannot be the name of a variable`, {
    hint: [
      'write NAME=REF with a NAME of letters, digits and "_"; a "=" of the path itself is written %3D',
      ...(plain === undefined ? [] : [`did you mean ${visible(plain)}?`]),
    ],
  });
}

/** `NAME=REF` at its first `=`; one that stands after `?` or `#` belongs to the reference. */
function splitName(argument: string): readonly [name: string | undefined, reference: string] {
  const parts = /^(?<name>[^=?#]*)=(?<reference>.*)$/s.exec(argument)?.groups;
  return parts === undefined ? [undefined, argument] : [parts['name'] ?? '', parts['reference'] ?? ''];
}

interface Naming {
  readonly isNamed: boolean;
  readonly context: ReferenceContext;
}

function plainRequest(name: string, parsed: ParsedReference, { isNamed, context }: Naming): SecretRequest {
  const hint = prefixHint(parsed.text, context);
  return {
    ref: { name, ...parsed },
    isNamed,
    optional: false,
    default: undefined,
    file: false,
    ...(hint !== undefined && { hint }),
  };
}

/** What looks like a backend's name in front of a path and is none; a path may hold a colon itself. */
function prefixHint(text: string, { backends }: ReferenceContext): string | undefined {
  const prefix = /^(?<prefix>[A-Za-z][A-Za-z0-9_-]{0,63}):/.exec(text)?.groups?.['prefix'];
  if (prefix === undefined || backends.includes(prefix)) return undefined;
  if (BACKENDS.some(({ pathPrefixes }) => pathPrefixes?.includes(prefix) === true)) return undefined;
  const meant = nearest(prefix, backends);
  const hint = meant === undefined ? '' : `; did you mean "${visible(meant)}:"?`;
  return `no backend "${prefix}" is configured, so "${prefix}:" was taken as part of the path${hint}`;
}

/**
 * A warning for each argument that was taken as a path and looks like the name of a configured secret: one that is near to
 * it, or the name itself with something around it.
 */
export function mistakenNames(args: readonly string[], file: FileNode | undefined): readonly string[] {
  const secrets = new Map(entriesOf(nodeAt(file, ['secrets'])).map(([name, { value }]) => [name, textOf(value)]));
  return args.filter((argument) => !secrets.has(argument)).flatMap((argument) => mistakenName(argument, secrets));
}

function mistakenName(argument: string, secrets: ReadonlyMap<string, string | undefined>): readonly string[] {
  const [bare = ''] = argument.split(/[?#]/, 1);
  // Where its own reference is that word, the word is a path indeed.
  if (secrets.has(bare) && secrets.get(bare) !== bare) {
    const meant = visible(bare);
    return [`${quoted(bare)} is taken as a path: the configured ${meant} goes by its name alone`];
  }
  const near = /^[^/:#?=]+$/.test(argument) ? nearest(argument, [...secrets.keys()]) : undefined;
  if (near === undefined) return [];
  return [`${quoted(argument)} is no configured secret and is taken as a path; did you mean ${visible(near)}?`];
}

function fromFile(name: string, node: FileNode, context: ReferenceContext): SecretRequest | undefined {
  const short = textOf(node);
  if (short !== undefined) return plainRequest(name, parseReference(short, context), { isNamed: true, context });
  if (node.kind !== 'map') return undefined;
  const parsed = longReference(node, context);
  if (parsed === undefined) return undefined;
  const named = nodeAt(node, ['file-name']);
  const ownFile = named && settingValue(named, plainFileName, () => undefined);
  if (ownFile !== undefined && parsed.every === true) {
    throw new SecretctlError('CONFIG_INVALID', '"file-name" is for one file, and "#*" brings any number of secrets');
  }
  return {
    ref: { name, ...parsed },
    isNamed: true,
    optional: isOn(nodeAt(node, ['optional'])),
    default: textOf(nodeAt(node, ['default'])),
    file: isOn(nodeAt(node, ['file'])),
    ...(ownFile !== undefined && { fileName: ownFile }),
  };
}

/** Undefined where a member is not of its type: that was said when the file was checked. */
function longReference(node: MapNode, context: ReferenceContext): ParsedReference | undefined {
  const [ref, path, backend] = ['ref', 'path', 'backend'].map((key) => textOf(nodeAt(node, [key])));
  if (ref !== undefined) return parseReference(ref, context);
  if (path === undefined) return undefined;
  if (backend !== undefined && !context.backends.includes(backend)) throw unknownBackend(backend, context);
  const version = nodeAt(node, ['version']);
  const field = nodeAt(node, ['field']);
  const segments = field === undefined ? undefined : fieldOf(field, () => undefined);
  return referenceOf(
    {
      path,
      ...(backend !== undefined && { backend }),
      ...(version?.kind === 'scalar' && typeof version.value === 'number' && { version: version.value }),
      ...segments,
    },
    context,
  );
}

function unknownBackend(name: string, { backends }: ReferenceContext): SecretctlError {
  const meant = nearest(name, backends);
  return new SecretctlError('REFERENCE_INVALID', `no backend ${quoted(name)} is configured`, {
    hint: meant === undefined ? `backends: ${backends.map(visible).join(', ')}` : `did you mean "${visible(meant)}"?`,
  });
}

function isOn(node: FileNode | undefined): boolean {
  return node !== undefined && settingValue(node, onOff, () => undefined) === true;
}

function reportClashes(requests: readonly SecretRequest[], faults: Faults): void {
  const first = new Map<string, SecretRequest>();
  for (const request of requests) {
    const { name, text } = request.ref;
    const other = first.get(name);
    if (other === undefined) first.set(name, request);
    else {
      const message = `${quoted(other.ref.text)} and ${quoted(text)} would both be called ${visible(name)}`;
      faults.add(undefined, message, 'NAME_CLASH', ['give one of them another name: NAME=REF']);
    }
  }
}

/** A name of a file may be chosen; it must not be that of another secret's file. */
function reportFileClashes(requests: readonly SecretRequest[], faults: Faults): void {
  const first = new Map<string, SecretRequest>();
  for (const request of requests) {
    const { ref, fileName = ref.name } = request;
    const other = first.get(fileName);
    first.set(fileName, other ?? request);
    if (other === undefined || other.ref.name === ref.name) continue;
    const message = `the files of ${visible(other.ref.name)} and ${visible(ref.name)} would both be called ${visible(fileName)}`;
    faults.add(undefined, message, 'NAME_CLASH', ['give one of them another "file-name"']);
  }
}
