import { SecretctlError } from '../../lib/errors.ts';
import { jsonIn, member, textMember } from '../../lib/json.ts';
import { quoted } from '../../lib/text.ts';
import type { LoadedPolicy, PolicyText, StrictProduct } from '../types.ts';

/** What `secretctl policy --json` printed, as far as a server loads it. */
export interface PolicyFile {
  /** Type of the backend that it is for. */
  readonly backend: string;
  /** `iss` of the token that it was made from. */
  readonly issuer: string;
  readonly documents: readonly PolicyText[];
}

/** Reads such a file. Throws CONFIG_INVALID for any other. */
export function readPolicyFile(text: string): PolicyFile {
  const json = jsonIn(Buffer.from(text));
  const [backend, issuer, list] = [textMember(json, 'backend'), textMember(json, 'issuer'), member(json, 'documents')];
  if (backend === undefined || issuer === undefined || list?.kind !== 'array') throw notWritten();
  const documents = list.items.map((item): PolicyText => {
    const [name, content, place] = ['name', 'text', 'place'].map((key) => textMember(item, key));
    if (name === undefined || content === undefined) throw notWritten();
    return { name, text: content, ...(place !== undefined && { place }) };
  });
  return { backend, issuer, documents };
}

function notWritten(): SecretctlError {
  return new SecretctlError('CONFIG_INVALID', 'the policy is not what "secretctl policy --json" prints');
}

/**
 * Has a product read a policy. One that was made in another rehearsal names that one's issuer, whose port is gone:
 * this one's stands in. Throws CONFIG_INVALID for what the product does not load, USAGE for one that loads none.
 */
export async function loadPolicy(
  product: StrictProduct,
  file: PolicyFile,
  issuer: string,
  options: ReadonlyMap<string, string>,
): Promise<LoadedPolicy> {
  if (product.readPolicy === undefined || file.backend !== product.type) {
    const wrong =
      file.backend === product.type ? 'the server loads no policy' : `the policy is for ${quoted(file.backend)}`;
    throw new SecretctlError('USAGE', `${wrong}; the rehearsal is of ${product.type}`);
  }
  const documents = file.documents.map((one) => ({ ...one, text: moved(one.text, file.issuer, issuer) }));
  return product.readPolicy(documents, options);
}

function moved(text: string, from: string, to: string): string {
  const [old, current] = [from, to].map((url) => (URL.canParse(url) ? new URL(url) : undefined));
  if (old === undefined || current === undefined || old.hostname !== 'localhost') return text;
  return text.replaceAll(old.host, current.host);
}

/** What is wrong with a text that a product loads. */
export function policyFault(document: string, why: string): SecretctlError {
  return new SecretctlError('CONFIG_INVALID', `${document} is refused: ${why}`);
}

/** The one document whose name it is. Throws CONFIG_INVALID when there is none or several. */
export function theDocument(documents: readonly PolicyText[], name: string): PolicyText {
  const [found, ...more] = documents.filter((one) => one.name === name);
  if (found === undefined || more.length > 0) throw policyFault(name, 'it must be there once');
  return found;
}

/** Refuses documents that nobody reads. Throws CONFIG_INVALID. */
export function refuseOthers(documents: readonly PolicyText[], known: readonly string[]): void {
  const other = documents.find(({ name }) => !known.includes(name));
  if (other !== undefined) throw policyFault(other.name, 'nothing reads it');
}
