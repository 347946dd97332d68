import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { visible } from '../../lib/text.ts';
import type { AwsValues } from './settings.ts';

/** One reference as AWS has it. */
export type Wanted = WantedSecret | WantedParameter | WantedTree;

interface Common {
  readonly ref: SecretRef;
  /** What is to be selected inside the value, as JSON. */
  readonly rest: readonly string[];
}

/** A secret of Secrets Manager. */
export interface WantedSecret extends Common {
  readonly kind: 'secret';
  /** Its name or ARN. */
  readonly id: string;
  readonly stage: string | undefined;
  readonly versionId: string | undefined;
}

/** A parameter of Systems Manager. */
export interface WantedParameter extends Common {
  readonly kind: 'parameter';
  /** Its name or ARN. */
  readonly id: string;
  /** Empty, or a colon and a version or label. */
  readonly selector: string;
}

/** All parameters below a path, as one JSON object. */
export interface WantedTree extends Common {
  readonly kind: 'tree';
  /** Without the slash at its end. */
  readonly path: string;
}

/** All references, taken apart. Throws one REFERENCE_INVALID that names each one AWS cannot have. */
export function wantedFrom(refs: readonly SecretRef[], values: AwsValues): Wanted[] {
  const read = refs.map((ref) => ({ ref, found: wantedOf(ref, values) }));
  const faults = read.flatMap(({ ref, found }) => {
    return typeof found === 'string' ? [`${ref.name}: ${visible(ref.text)}: ${found}`] : [];
  });
  if (faults.length > 0) {
    throw new SecretctlError('REFERENCE_INVALID', 'AWS has no such references', { details: faults });
  }
  return read.flatMap(({ found }) => (typeof found === 'string' ? [] : [found]));
}

/** Neither names of secrets nor those of parameters hold a colon, so whatever stands behind one is about the version. */
function wantedOf(ref: SecretRef, values: AwsValues): Wanted | string {
  if (ref.path.startsWith('arn:')) return fromArn(ref, values);
  const [first = '', ...others] = ref.path.split(':');
  const isNamed = (first === 'ssm' || first === 'secretsmanager') && others.length > 0;
  const service = isNamed ? first : values.service;
  const [name = '', ...tail] = isNamed ? others : [first, ...others];
  if (service === 'secretsmanager') return NAME_OF_SECRET.test(name) ? secret(ref, name, tail) : SECRET_TAKES;
  if (name.endsWith('/')) return tree(ref, name.slice(0, -1), tail);
  return NAME_OF_PARAMETER.test(name) ? parameter(ref, name, tail) : PARAMETER_TAKES;
}

const NAME_OF_SECRET = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
const SECRET_TAKES = 'the name of a secret has letters, digits and / _ + = . @ - (at most 512)';
const NAME_OF_PARAMETER = /^(?:(?:\/[\w.-]+)+|[\w.-]+)$/;
const PARAMETER_TAKES = 'a parameter is ssm:name or ssm:/path/name, of letters, digits and _ . -';

/** `arn:PARTITION:SERVICE:REGION:ACCOUNT:` and then `secret:NAME` or `parameter/NAME`. */
function fromArn(ref: SecretRef, { region }: AwsValues): Wanted | string {
  const ofSecret = ARN_OF_SECRET.exec(ref.path)?.groups;
  const fields = ofSecret ?? ARN_OF_PARAMETER.exec(ref.path)?.groups;
  if (fields === undefined) return 'an ARN here is one of a secret or of a parameter, with region and account';
  if (region !== undefined && fields['region'] !== region) {
    return `it is in another region; this backend is for ${region}: configure a second one`;
  }
  const { arn = '', tail = '' } = fields;
  const parts = tail === '' ? [] : tail.slice(1).split(':');
  return ofSecret === undefined ? parameter(ref, arn, parts) : secret(ref, arn, parts);
}

const ARN_OF_SECRET =
  /^(?<arn>arn:aws[a-z-]*:secretsmanager:(?<region>[a-z0-9-]+):[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,519})(?<tail>:.*)?$/;
const ARN_OF_PARAMETER =
  /^(?<arn>arn:aws[a-z-]*:ssm:(?<region>[a-z0-9-]+):[0-9]{12}:parameter(?:\/[\w.-]+)+)(?<tail>:.*)?$/;

/** Version ids are made by clients; those of the console, the CLI and the SDKs are UUIDs. */
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * `NAME:STAGE`, `NAME:VERSION-ID`, or the three parts that ECS writes behind an ARN: `NAME:JSON-KEY:STAGE:VERSION-ID`, each of
 * which may be empty.
 */
function secret(ref: SecretRef, id: string, tail: readonly string[]): WantedSecret | string {
  if (ref.version !== undefined) {
    return 'versions of a secret have no numbers: write NAME:STAGE, such as NAME:AWSPREVIOUS, or NAME:VERSION-ID';
  }
  const [key, stage, versionId] = versionParts(tail);
  const isFine = [0, 1, 3].includes(tail.length) && tail.join('') !== '' && isStage(stage) && isVersionId(versionId);
  if (!isFine && tail.length > 0) return VERSION_TAKES;
  const rest = key === undefined ? ref.field : [key, ...ref.field];
  return { kind: 'secret', ref, id, stage, versionId, rest };
}

function versionParts(tail: readonly string[]): readonly (string | undefined)[] {
  const [first = '', second, third] = tail;
  if (tail.length === 1) return UUID.test(first) ? [undefined, undefined, first] : [undefined, first, undefined];
  return [first, second, third].map((part) => (part === '' ? undefined : part));
}

function isStage(text: string | undefined): boolean {
  return text === undefined || /^[!-~]{1,256}$/.test(text);
}

function isVersionId(text: string | undefined): boolean {
  return text === undefined || /^[!-~]{32,64}$/.test(text);
}

const VERSION_TAKES = 'behind the name stands :STAGE, :VERSION-ID or :JSON-KEY:STAGE:VERSION-ID';

/** `NAME:3`, `NAME:LABEL`, or `?version=3`. */
function parameter(ref: SecretRef, id: string, tail: readonly string[]): WantedParameter | string {
  const [label] = tail;
  if (tail.length > 1 || (label !== undefined && !/^[\w.-]{1,100}$/.test(label))) {
    return 'behind the name of a parameter stands :VERSION or :LABEL';
  }
  if (label !== undefined && ref.version !== undefined) return 'the version is given twice';
  const selector = label ?? ref.version;
  return { kind: 'parameter', ref, id, selector: selector === undefined ? '' : `:${selector}`, rest: ref.field };
}

function tree(ref: SecretRef, path: string, tail: readonly string[]): WantedTree | string {
  if (tail.length > 0 || ref.version !== undefined) return 'all parameters below a path have no version together';
  if (!/^(?:\/[\w.-]+)+$/.test(path)) return 'parameters below a path are ssm:/path/, with a slash at both ends';
  return { kind: 'tree', ref, path, rest: ref.field };
}
