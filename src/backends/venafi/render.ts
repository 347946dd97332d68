import type { KeyObject, X509Certificate } from 'node:crypto';
import { SecretctlError } from '../../lib/errors.ts';
import type { Invocation } from '../../lib/invocation.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { Miss } from './api.ts';
import type { Material } from './certificates.ts';
import type { Form } from './fields.ts';
import type { Wanted } from './references.ts';
import type { VenafiValues } from './settings.ts';

/** What a reference brings of a certificate whose parts belong together. */
export async function rendered(
  material: Material,
  { field, form }: Wanted,
  values: VenafiValues,
  { runtime }: Invocation,
): Promise<Sensitive | Miss> {
  const { leaf, issuers } = material;
  const inOrder = (certificates: readonly X509Certificate[]): readonly X509Certificate[] =>
    values['chain-order'] === 'leaf-first' ? certificates : certificates.toReversed();
  switch (field) {
    case 'certificate':
      return new Sensitive(encoded([leaf], form));
    case 'chain':
      if (issuers.length === 0) return { refusal: 'missing', reason: 'no certificate of an issuer came with it' };
      return new Sensitive(encoded(inOrder(issuers), form));
    case 'fullchain':
      return new Sensitive(encoded(inOrder([leaf, ...issuers]), form));
    case 'key':
      return new Sensitive(encodedKey(keyOf(material), form));
    case 'bundle':
      return new Sensitive(
        Buffer.concat([encodedKey(keyOf(material), 'pem'), encoded(inOrder([leaf, ...issuers]), 'pem')]),
      );
    default: {
      const { pkcs12 } = await import('./pkcs12.ts');
      const parts = { key: keyOf(material), certificates: [leaf, ...issuers] };
      return new Sensitive(pkcs12(parts, passphraseIn(values), (bytes) => runtime.random(bytes)));
    }
  }
}

/** Throws CONFIG_INVALID where PKCS #12 is wanted and no passphrase is set: one that nobody knows would open nothing. */
export function passphraseIn({ 'pkcs12-passphrase': passphrase }: VenafiValues): Sensitive {
  if (passphrase !== undefined && passphrase.byteLength > 0) return passphrase;
  throw new SecretctlError('CONFIG_INVALID', '#pkcs12 is made with a passphrase, and there is none', {
    hint: 'set SECRETCTL_VENAFI_PKCS12_PASSPHRASE, or pkcs12-passphrase to a secret of another backend; #bundle needs none',
  });
}

function keyOf({ key }: Material): KeyObject {
  if (key !== undefined) return key;
  throw new SecretctlError('INTERNAL', 'a private key is wanted that was not fetched');
}

/** DER certificates stand one after another, as Java and Windows read them. */
function encoded(certificates: readonly X509Certificate[], form: Form): Buffer {
  return Buffer.concat(certificates.map((one) => (form === 'der' ? one.raw : Buffer.from(one.toString(), 'latin1'))));
}

/** PKCS #8, not encrypted. */
function encodedKey(key: KeyObject, form: Form): Buffer {
  if (form === 'der') return key.export({ type: 'pkcs8', format: 'der' });
  return Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }));
}
