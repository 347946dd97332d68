import { jsonIn, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';

/** Temporary credentials: what requests are signed with. The last two are secret. */
export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  readonly sessionToken: string;
}

/** The three as one access token. */
export function sealKey({ id, secret, sessionToken }: AccessKey): Sensitive {
  return new Sensitive(JSON.stringify({ AccessKeyId: id, SecretAccessKey: secret, SessionToken: sessionToken }));
}

/** What {@link sealKey} made one; undefined for anything else. */
export function openKey(token: Sensitive): AccessKey | undefined {
  const json = jsonIn(token.reveal());
  const id = textMember(json, 'AccessKeyId');
  const secret = textMember(json, 'SecretAccessKey');
  const sessionToken = textMember(json, 'SessionToken');
  if (id === undefined || secret === undefined || sessionToken === undefined) return undefined;
  return { id, secret, sessionToken };
}
