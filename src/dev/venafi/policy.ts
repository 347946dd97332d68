import { jsonIn } from '../../lib/json.ts';
import { policyFault, refuseOthers, theDocument } from '../frame/policy-file.ts';
import type { LoadedPolicy, PolicyText } from '../types.ts';

const ACCOUNT = 'built-in-account.txt';
const FIELDS = ['Subject', 'Issuer URL', 'JWKS URI', 'Audience', 'Scope'];

/** One built-in account. Throws CONFIG_INVALID. */
export function readVenafiPolicy(documents: readonly PolicyText[]): LoadedPolicy {
  refuseOthers(documents, [ACCOUNT]);
  const { text } = theDocument(documents, ACCOUNT);
  const fields = new Map(text.trimEnd().split('\n').map(fieldOf));
  const names = [...fields.keys()].join();
  if (names !== FIELDS.join()) throw policyFault(ACCOUNT, 'it has not the fields of an account');
  if (!URL.canParse(fields.get('JWKS URI') ?? '')) throw policyFault(ACCOUNT, 'the JWKS URI is no URL');
  return {
    issuer: fields.get('Issuer URL') ?? '',
    audience: fields.get('Audience') ?? '',
    boundClaims: { sub: fields.get('Subject') ?? '' },
    facts: {},
  };
}

function fieldOf(line: string): readonly [string, string] {
  const [, name = '', literal = ''] = /^([A-Z][\w ]+): (".*")$/.exec(line) ?? [];
  const json = jsonIn(Buffer.from(literal.replaceAll(/\\U([0-9a-f]{8})/g, (_, point: string) => character(point))));
  if (json?.kind !== 'string' || json.value === '') throw policyFault(ACCOUNT, 'a line is no field with its value');
  return [name, json.value];
}

function character(point: string): string {
  return String.fromCodePoint(Number.parseInt(point, 16));
}
