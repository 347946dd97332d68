import { policyFault, refuseOthers, theDocument } from '../frame/policy-file.ts';
import type { LoadedPolicy, PolicyText } from '../types.ts';

const LINES = 'fortipam.cli';

/** Settings by their path, such as `system api-user/ci/type`; each value as it was between the quotes. */
type Tree = ReadonlyMap<string, string>;

/** A source of keys and one api-user with claims. Throws CONFIG_INVALID. */
export function readFortipamPolicy(documents: readonly PolicyText[]): LoadedPolicy {
  refuseOthers(documents, [LINES]);
  const tree = treeOf(theDocument(documents, LINES));
  const paths = [...tree].map(([path, value]) => ({ path: path.split('\n'), value }));
  const keys = paths.filter(({ path }) => path[0] === 'secret jwt-key' && path[2] === 'jwks-url');
  if (keys.length !== 1 || !URL.canParse(keys[0]?.value ?? '')) throw policyFault(LINES, 'there is no URL of keys');
  const users = paths.filter(({ path }) => path[0] === 'system api-user' && path[2] === 'type');
  if (users.length !== 1 || users[0]?.value !== 'jwt')
    throw policyFault(LINES, 'there must be one api-user of type jwt');
  const claims = new Map(
    paths.flatMap(({ path, value }) => (path[2] === 'claims' && path[4] === 'value' ? [[path[3] ?? '', value]] : [])),
  );
  const audience = claims.get('aud');
  const issuer = claims.get('iss');
  if (issuer === undefined) throw policyFault(LINES, 'no claim says who the issuer is');
  return {
    issuer,
    ...(audience !== undefined && { audience }),
    boundClaims: Object.fromEntries([...claims].filter(([name]) => name !== 'iss' && name !== 'aud')),
    facts: { user: users[0].path[1] ?? '' },
  };
}

/** The CLI's own nesting: `config … end` and `edit … next`. */
function treeOf({ name, text }: PolicyText): Tree {
  const tree = new Map<string, string>();
  const open: { readonly closedBy: string; readonly word: string }[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const { verb, key, value } = lineOf(line);
    if (verb === 'set') tree.set([...open.map(({ word }) => word), settingIn(key)].join('\n'), value ?? wordIn(key));
    else if (verb === 'config') open.push({ closedBy: 'end', word: key });
    else if (verb === 'edit' && value !== undefined) open.push({ closedBy: 'next', word: value });
    else if (open.pop()?.closedBy !== verb) throw policyFault(name, 'the CLI does not take a line of it');
  }
  if (open.length > 0) throw policyFault(name, 'it ends too early');
  return tree;
}

const LINE = /^ *(config|edit|set|next|end)(?: ([a-z][a-z -]*?))?(?: ?("(?:[^"\\]|\\["\\])*"))?$/;

/** A line's verb, the plain words behind it, and what stands in quotes at its end. */
function lineOf(line: string): { readonly verb: string; readonly key: string; readonly value: string | undefined } {
  const [, verb = '', key = '', quoted] = LINE.exec(line) ?? [];
  return { verb, key, value: quoted?.slice(1, -1).replaceAll(/\\(.)/g, '$1') };
}

function settingIn(words: string): string {
  return words.split(' ', 1).join('');
}

function wordIn(words: string): string {
  return words.split(' ').slice(1).join(' ');
}
