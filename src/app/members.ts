import type { NamingSettings, SecretRequest } from '../config/types.ts';
import { type Json, jsonIn, jsonText } from '../lib/json.ts';
import { deriveName } from '../lib/reference.ts';
import type { Secret } from '../lib/secrets.ts';
import { Sensitive } from '../lib/sensitive.ts';
import type { NotSelected } from './select.ts';

/**
 * Every member of a JSON object as a secret of its own: `#*`. Each is named after its key, in the manner of a bare
 * reference, behind the name that the user gave to all of them. A member that is null has no value and is left out.
 */
export function membersOf(
  { ref, isNamed }: SecretRequest,
  value: Sensitive,
  { prefix, keepsCase }: NamingSettings,
): readonly Secret[] | NotSelected {
  const bytes = value.reveal();
  const json = jsonIn(bytes);
  if (json?.kind !== 'object') return { missing: 'it is no JSON object, so it has no members' };
  if (json.repeated.size > 0) return { missing: 'a member of it stands twice' };
  const source = bytes.toString('utf8');
  const start = isNamed ? `${ref.name}_` : prefix;
  const members = [...json.members].filter(([, member]) => !isNull(member));
  if (members.length === 0) return { missing: 'it has no members' };
  const texts = members.map(([key, member]) => [key, jsonText(member, source)] as const);
  if (!texts.every(([, text]) => text.isWellFormed())) return { missing: 'a member holds half a character' };
  return texts.map(([key, text]) => ({
    name: `${start}${deriveName({ path: key.replaceAll('/', '_'), text: ref.text }, keepsCase)}`,
    value: new Sensitive(text),
    reference: ref.text,
    isForeignName: true,
    request: ref.name,
  }));
}

function isNull(json: Json): boolean {
  return json.kind === 'literal' && json.value === null;
}
